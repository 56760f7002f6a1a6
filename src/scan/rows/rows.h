/* rows.h - the rows stage: reads, parses and checks the rows files */
#ifndef LC_SCAN_ROWS_ROWS_H
#define LC_SCAN_ROWS_ROWS_H

#include "dataset/dataset.h"
#include "scan/common/run.h"
#include "scan/shards/samples.h"
#include "scan/common/stages.h"

/**
 * Check every row of a data set, and store rows, files, findings and statistics.
 *
 * @param earlier  the index of an earlier run with the same options: the rows of
 *                 unchanged files are reused; NULL: none
 * @param samples  of the shards that were read ahead; NULL: none
 * @param out      filled; zeroed except the folders and limits of its sorters
 *
 * Owner:   the caller, lc_rows_clear, also on failure.
 * Errors:  every status; LC_ERR_STOPPED when the caller asks to stop.
 */
LC_MUST_CHECK enum lc_status lc_rows_check(struct lc_run *run,
                                           const struct lc_dataset *dataset,
                                           const struct lc_index *earlier,
                                           struct lc_samples *samples,
                                           struct lc_rows *out, struct lc_error *err);

#endif
