/* set.h - the set stage: findings that need the whole set */
#ifndef LC_SCAN_SET_SET_H
#define LC_SCAN_SET_SET_H

#include "dataset/dataset.h"
#include "scan/common/run.h"
#include "scan/common/stages.h"
#include "scan/set/unused.h"

/**
 * Store the look-up of rows by id, and report rows that share an id, equal rows,
 * questions with several answers, and image files that no row names.
 *
 * @param rows    its ids, contents and questions must be sorted; all are cleared
 * @param unused  the image files that no row names
 *
 * Errors: LC_ERR_MEMORY, LC_ERR_IO, LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status
lc_set_check(struct lc_run *run, const struct lc_dataset *dataset, struct lc_rows *rows,
             const struct lc_unused *unused, struct lc_error *err);

#endif
