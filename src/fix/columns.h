/* columns.h - which type the ids and the images of a file are to have */
#ifndef LC_FIX_COLUMNS_H
#define LC_FIX_COLUMNS_H

#include "fix/fix.h"

/** The types that the rows of a file have. All zero: none were looked at. */
struct lc_fix_columns {
    bool ids_strings, ids_numbers;
    bool images_strings, images_lists;
    bool images_several; /* a list without exactly one string */
};

/** Look at a row. One that is not JSON is left out. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_fix_columns_add(struct lc_fixer *fixer,
                                                const struct lc_fix_row *row,
                                                struct lc_fix_columns *out,
                                                struct lc_error *err);

/* What ids and images become, if they have two types. */
enum lc_fix_column lc_fix_columns_ids(const struct lc_fix_columns *columns);
enum lc_fix_column lc_fix_columns_images(const struct lc_fix_columns *columns);

#endif
