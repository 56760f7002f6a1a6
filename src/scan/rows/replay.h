/* replay.h - reads the rows of an unchanged file from the index of an earlier run;
 * private to src/scan
 *
 * Idea. Jobs are filled just as workers would have filled them. So the collector handles
 * reused rows like rows that were read, and the index is the same.
 *
 * Rows, the images they name and their findings are three tables in the same order. Three
 * streams are read in step, one record ahead: a merge join that reads every record once.
 * Everything read is checked, because the index may be damaged: image numbers, row
 * numbers, positions within the file, findings against their keys.
 */
#ifndef LC_SCAN_ROWS_REPLAY_H
#define LC_SCAN_ROWS_REPLAY_H

#include "scan/common/paths.h"
#include "scan/rows/earlier.h"
#include "scan/rows/job.h"

struct lc_replay;

/**
 * Create a reader of earlier rows.
 *
 * Owner:   the caller, lc_replay_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_replay_new(const struct lc_earlier *earlier,
                                           struct lc_replay **out, struct lc_error *err);
void lc_replay_free(struct lc_replay *replay); /* NULL-safe */

/* Mark the images of a file to be reused, given its number in the earlier run. Call this
 * for every such file before the first is begun; then the paths of the marked images are
 * added to those of the run, each once and in index order. A lookup for each row would
 * take as long as reading the rows. Errors: LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_replay_mark_file(struct lc_replay *replay,
                                                 uint32_t number, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_replay_add_paths(struct lc_replay *replay,
                                                 struct lc_paths *paths,
                                                 struct lc_error *err);

/* Mark all images of the index, including those that no row names: a part of a data set
 * verifies images that rows of other parts name. */
void lc_replay_mark_all(struct lc_replay *replay);

/** The rows of a file to read. */
struct lc_replay_range {
    uint32_t file; /* its number in the earlier run */
    uint64_t from; /* number of the first row in the file */
    uint64_t rows;
    uint64_t first; /* the number that this row gets in the run */
    /* read findings about the file itself if their offset is in [begin, end) */
    uint64_t begin;
    uint64_t end;
    bool has_end; /* the file's statistics are those of its rows up to these */
};

/** All rows of a file. */
struct lc_replay_range lc_replay_whole(const struct lc_replay *replay, uint32_t file);

/** Begin to read rows of a file, which must exist. Errors: LC_ERR_INDEX, LC_ERR_IO,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_replay_begin(struct lc_replay *replay,
                                             const struct lc_replay_range *range,
                                             struct lc_error *err);

/** Free the buffers for reading rows; lc_replay_begin allocates them again. */
void lc_replay_end(struct lc_replay *replay);

/**
 * Fill a job with the file's next rows.
 *
 * @param job   empty, its file set
 * @param more  set to whether there are more rows; if there are none, the job has the
 *              file's hash and statistics
 *
 * Errors: LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_replay_fill(struct lc_replay *replay,
                                            struct lc_row_job *job, bool *more,
                                            struct lc_error *err);

/** Do a worker's share of the job: hash the ids. Threads: any. */
void lc_replay_work(struct lc_row_job *job);

#endif
