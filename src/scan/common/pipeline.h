/* pipeline.h - reader, workers and collector: results in order, memory bounded
 *
 * A fixed set of jobs circulates: free → reader → todo → workers → done → collector →
 * free. Only these jobs exist, so no queue overflows and memory does not grow with the
 * data. The collector puts the jobs back in the order in which the reader filled them.
 */
#ifndef LC_SCAN_COMMON_PIPELINE_H
#define LC_SCAN_COMMON_PIPELINE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lc_depth; /* how many files are read at once: depth.h */

/** What every job begins with; the stage's own job embeds it as its first member. */
struct lc_job {
    uint64_t number;       /* set by the pipeline: the order of filling, from 0 */
    bool last;             /* set by the pipeline: no data; the reader is done */
    bool is_large;         /* set by fill: it takes much memory, so it is passed on only
                            * after all jobs before it were collected, and the next one
                            * is filled only after it was collected, too */
    struct lc_error error; /* set by fill or work: the run fails with it */
};

/** The functions of a stage. Each receives the stage's own data. */
struct lc_stage_ops {
    /* allocate and free a job: called in the caller's thread; lc_pipeline_run_deep also
     * allocates jobs in workers' threads, one at a time */
    struct lc_job *(*job_new)(void);
    void (*job_free)(struct lc_job *job);
    /* allocate and free the buffers of one worker: called in its thread */
    enum lc_status (*scratch_new)(void *stage, void **scratch, struct lc_error *err);
    void (*scratch_free)(void *scratch);
    /* the reader's thread: fill a job; false at the end of the data */
    bool (*fill)(void *stage, struct lc_job *job);
    /* a worker's thread */
    void (*work)(void *stage, void *scratch, struct lc_job *job);
    /* the caller's thread, in order; a failure ends the run */
    enum lc_status (*collect)(void *stage, struct lc_job *job, struct lc_error *err);
};

/**
 * Run a stage to its end.
 *
 * @param stage    passed to the functions; each of its members is either read-only or
 *                 used by only one of fill, work and collect
 * @param workers  at least 1
 *
 * Errors:  the first error in the order of jobs, the same at any number of workers; or
 *          LC_ERR_MEMORY when threads cannot be created.
 * Threads: creates workers + 1 threads and joins them before it returns.
 */
LC_MUST_CHECK enum lc_status lc_pipeline_run(const struct lc_stage_ops *ops, void *stage,
                                             unsigned workers, struct lc_error *err);

/**
 * Run a stage whose workers read files, with as many threads as the depth asks for at any
 * time.
 *
 * Errors:  those of lc_pipeline_run. It is not an error if threads cannot be created
 *          later.
 */
LC_MUST_CHECK enum lc_status lc_pipeline_run_deep(const struct lc_stage_ops *ops,
                                                  void *stage, struct lc_depth *depth,
                                                  struct lc_error *err);

#endif
