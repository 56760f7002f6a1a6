/* types.h - finds odd columns of a rows file; private to src/scan */
#ifndef LC_SCAN_ROWS_TYPES_H
#define LC_SCAN_ROWS_TYPES_H

#include "dataset/columns.h"
#include "json/splitter.h"
#include "rules/rules.h"

struct lc_types;

/**
 * Begin without columns.
 *
 * Owner:   the caller, lc_types_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_types_new(struct lc_types **out, struct lc_error *err);
void lc_types_free(struct lc_types *types); /* NULL-safe */

/** Forget all columns before the next file. */
void lc_types_reset(struct lc_types *types);

/**
 * Add a value, in the order of the file.
 *
 * @param value    a value whose type is new to its column
 * @param name     the column's name
 * @param dialect the file's dialect
 * @param piece    the row that contains it
 * @param text     of the row
 * @param out      set when true is returned
 * @param place    likewise set, to the value's place
 * @return whether it is the first value that makes its column odd
 */
bool lc_types_add(struct lc_types *types, const struct lc_column_value *value,
                  struct lc_span name, const struct lc_dialect *dialect,
                  const struct lc_piece *piece, const char *text,
                  struct lc_column_facts *out, struct lc_place *place);

#endif
