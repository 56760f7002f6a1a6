/* same_ids.h - finds rows that share an id; private to src/scan/set */
#ifndef LC_SCAN_SET_SAME_IDS_H
#define LC_SCAN_SET_SAME_IDS_H

#include "scan/set/stage.h"

/** Report ids that rows share, and store the look-up of rows by id; clears the ids.
 * Errors: LC_ERR_MEMORY, LC_ERR_IO, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_set_check_ids(struct lc_set_stage *stage,
                                              struct lc_error *err);

#endif
