/* types.h - the first value of each column of a rows file, and which columns have values
 * of another type; private to src/scan */
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
 * @param piece  the row that it is in
 * @param text   of the row
 * @param out    set when true is returned, except the name
 * @param place  likewise, to the value's place
 * @return whether it is the first of its column with a second type
 */
bool lc_types_add(struct lc_types *types, const struct lc_column_value *value,
                  const struct lc_piece *piece, const char *text,
                  struct lc_column_facts *out, struct lc_place *place);

#endif
