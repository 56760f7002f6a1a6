/* replay.h - the rows of a file that is as it was, out of the index of an earlier run;
 * private to src/scan
 *
 * Jobs are filled as the workers would have filled them, so that the collector does the
 * same with rows that were read and rows that were not.
 */
#ifndef LC_SCAN_ROWS_REPLAY_H
#define LC_SCAN_ROWS_REPLAY_H

#include "scan/common/paths.h"
#include "scan/rows/earlier.h"
#include "scan/rows/job.h"

struct lc_replay;

/**
 * Make what takes rows over.
 *
 * Owner:   the caller, lc_replay_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_replay_new(const struct lc_earlier *earlier,
                                           struct lc_replay **out, struct lc_error *err);
void lc_replay_free(struct lc_replay *replay); /* NULL-safe */

/* Before the first file: mark those that will be taken over, by their numbers then; and
 * add the image paths that their rows name to those of the scan. In their order, and each
 * once: looked up row by row they would take as long as reading the rows. Errors:
 * LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_replay_mark(struct lc_replay *replay, uint32_t number,
                                            struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_replay_add_paths(struct lc_replay *replay,
                                                 struct lc_paths *paths,
                                                 struct lc_error *err);

/** Begin with a file, by its number then. Errors: LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_replay_begin(struct lc_replay *replay, uint32_t number,
                                             struct lc_error *err);

/**
 * Fill a job with the file's next rows.
 *
 * @param job   emptied; its file is set
 * @param more  set to whether the file has more rows; when not, the job has its hash and
 *              statistics
 *
 * Errors: LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_replay_fill(struct lc_replay *replay,
                                            struct lc_row_job *job, bool *more,
                                            struct lc_error *err);

/** What is left to do for such a job: hashes. Threads: any. */
void lc_replay_work(struct lc_row_job *job);

#endif
