/* job.h - a batch of rows on its way from the reader through a worker to the collector */
#ifndef LC_SCAN_ROWS_JOB_H
#define LC_SCAN_ROWS_JOB_H

#include "base/map.h"
#include "index/index.h"
#include "json/splitter.h"
#include "rules/rules.h"
#include "scan/common/pipeline.h"

/* A job is a batch of rows: small enough to stay in the cache, large enough that handing
 * it over costs nothing. */
#define LC_BATCH_PIECES 256
#define LC_BATCH_BYTES ((size_t)256 << 10)

/* More than a batch of rows that are read can name: of rows from an index, which take no
 * bytes, a job has no more. */
#define LC_BATCH_PATHS 8192

/* An image path that a row names. */
struct lc_named_path {
    uint32_t number; /* in the scan's paths: when the row is taken over, all there is */
    struct lc_span path; /* of the job's text */
    size_t start;        /* in the job's text, which moves while it grows */
    struct lc_hash hash;
};

/* A finding and its place in the file. */
struct lc_placed {
    struct lc_finding finding;
    struct lc_place place;
};

struct lc_row_result {
    struct lc_row_record record; /* its texts are the job's, or of the earlier index */
    size_t id_start;             /* in the job's text */
    size_t source_start;
    struct lc_hash id_hash; /* when it has an id */
    size_t paths;           /* how many of the job's paths are this row's */
    size_t findings;
};

struct lc_row_job {
    struct lc_job job;
    uint32_t file;
    bool taken; /* from the index of an earlier run: nothing is read */
    bool file_end;
    struct lc_hash content; /* of the file, when this is its end */
    bool lines;
    const struct lc_map *map; /* taken: perhaps only looked at */
    size_t count;
    struct lc_piece pieces[LC_BATCH_PIECES];
    struct lc_row_result results[LC_BATCH_PIECES];
    struct lc_buffer text;
    struct lc_named_path *paths;
    size_t path_count;
    size_t path_capacity;
    struct lc_placed *placed;
    size_t placed_count;
    size_t placed_capacity;
    struct lc_findings findings;
    struct lc_statistics statistics;      /* of its rows; without the median */
    uint64_t rounds[LC_EXACT_ROUNDS + 1]; /* its rows by their rounds */
};

/** Make an empty job, for lc_pipeline_run; NULL when out of memory. */
struct lc_job *lc_row_job_new(void);
void lc_row_job_free(struct lc_job *job); /* NULL-safe */

/** Empty a job; its memory is reused. */
void lc_row_job_reset(struct lc_row_job *job);

/* Room for one more path in a job; NULL when out of memory. */
struct lc_named_path *lc_row_job_path(struct lc_row_job *job);

/* Count rows by their rounds. */
static inline void lc_row_job_rounds(struct lc_row_job *job, uint64_t rounds,
                                     uint64_t rows)
{
    job->rounds[rounds < LC_EXACT_ROUNDS ? rounds : LC_EXACT_ROUNDS] += rows;
}

#endif
