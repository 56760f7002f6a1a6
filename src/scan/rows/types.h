/* types.h - the columns of a rows file, and which of them are odd; private to src/scan */
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

/** Forget all columns: the next file begins. */
void lc_types_reset(struct lc_types *types);

/**
 * Add a value, in the order of the file.
 *
 * @param value    of a type that is new to its column
 * @param name     of the column
 * @param dialect  of the file
 * @param piece    the row that it is in
 * @param text     of the row
 * @param out      set when true is returned
 * @param place    likewise, to the value's place
 * @return whether it is the first that makes its column odd
 */
bool lc_types_add(struct lc_types *types, const struct lc_column_value *value,
                  struct lc_span name, const struct lc_dialect *dialect,
                  const struct lc_piece *piece, const char *text,
                  struct lc_column_facts *out, struct lc_place *place);

#endif
