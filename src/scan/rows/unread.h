/* unread.h - finds the shards that the rows stage will read */
#ifndef LC_SCAN_ROWS_UNREAD_H
#define LC_SCAN_ROWS_UNREAD_H

#include "dataset/dataset.h"
#include "scan/common/run.h"

/**
 * Find out which shards the rows stage will read.
 *
 * @param earlier  as of lc_rows_check
 * @param out      set on success: by rows file, whether it is such a shard
 *
 * Owner:   the caller, free.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_rows_find_unread(const struct lc_run *run,
                                                 const struct lc_dataset *dataset,
                                                 const struct lc_index *earlier,
                                                 bool **out, struct lc_error *err);

#endif
