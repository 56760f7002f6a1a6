/* same_rows.h - finds rows that are equal in training, and rows with the same first
 * question; private to src/scan/set */
#ifndef LC_SCAN_SET_SAME_ROWS_H
#define LC_SCAN_SET_SAME_ROWS_H

#include "scan/set/stage.h"

/** Report equal rows; clears the contents. Errors: LC_ERR_MEMORY, LC_ERR_IO,
 * LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_set_check_contents(struct lc_set_stage *stage,
                                                   struct lc_error *err);

/** Report first questions that have different answers; clears the questions. Errors: as
 * above. */
LC_MUST_CHECK enum lc_status lc_set_check_questions(struct lc_set_stage *stage,
                                                    struct lc_error *err);

#endif
