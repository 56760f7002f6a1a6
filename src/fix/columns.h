/* columns.h - picks the types for the ids and the images of a file */
#ifndef LC_FIX_COLUMNS_H
#define LC_FIX_COLUMNS_H

#include "fix/fix.h"

/** The types in the rows of a file. All zero: no row was looked at. */
struct lc_fix_columns {
    bool ids_strings, ids_numbers;
    bool images_strings, images_lists;
    bool images_several; /* a list that does not contain exactly one string */
};

/** Note the types in a row. A row that is not JSON is skipped. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_fix_columns_add(struct lc_fixer *fixer,
                                                const struct lc_fix_row *row,
                                                struct lc_fix_columns *out,
                                                struct lc_error *err);

/* The type to change ids or images to, if they have two types. */
enum lc_fix_column lc_fix_columns_ids(const struct lc_fix_columns *columns);
enum lc_fix_column lc_fix_columns_images(const struct lc_fix_columns *columns);

#endif
