/* job.h - a batch of rows, which the reader fills, a worker checks and the collector
 * stores */
#ifndef LC_SCAN_ROWS_JOB_H
#define LC_SCAN_ROWS_JOB_H

#include "base/map.h"
#include "dataset/columns.h"
#include "dataset/shard.h"
#include "index/index.h"
#include "json/splitter.h"
#include "rules/rules.h"
#include "scan/common/pipeline.h"

/* A job is a batch of rows: small enough to stay in the cache, and large enough that the
 * cost of passing it between threads does not matter. */
#define LC_BATCH_PIECES 256
#define LC_BATCH_BYTES ((size_t)256 << 10)

/* Bytes of samples that make a job a large one. There is only one large job at a time,
 * and its buffers are not kept for the next one. */
#define LC_BATCH_LARGE ((size_t)4 << 20)

/* Limit of paths in a job of reused rows, whose bytes are not counted. A batch of rows
 * that are read cannot name more. */
#define LC_BATCH_PATHS 8192

/* An image path that a row names. */
struct lc_named_path {
    uint32_t number;     /* in lc_rows.paths; for a reused row, the only member set */
    struct lc_span path; /* in the job's text */
    size_t start;        /* offset in the job's text, which moves while it grows */
    struct lc_hash hash;
};

/* A finding with its position in the file. */
struct lc_placed_finding {
    struct lc_finding finding;
    struct lc_place place;
};

struct lc_row_result {
    struct lc_row_record record; /* its texts are in the job or in the earlier index */
    size_t id_start;             /* offset in the job's text */
    size_t source_start;
    struct lc_hash id_hash; /* if the row has an id */
    size_t paths;           /* number of the job's paths that belong to this row */
    size_t findings;        /* the same for the job's findings */
    size_t values;          /* the same for the job's values of new types */
};

#define LC_SAMPLE_SPANS 10

/** A sample of a shard, in place of a piece of the file's text: an lc_sample, with
 * offsets in the job's sample_text, which moves while it grows. */
struct lc_job_sample {
    struct lc_sample sample; /* its spans have no text */
    size_t text;
    size_t spans[LC_SAMPLE_SPANS]; /* offsets of its other texts, as job.c lists them */
};

struct lc_row_job {
    struct lc_job job;
    uint32_t file;
    bool reused;   /* filled from the index of an earlier run, not from the file */
    bool file_end; /* the file's last job */
    struct lc_hash content;   /* of the whole file, if file_end */
    bool lines;               /* the file is JSONL */
    const struct lc_map *map; /* without data if the file was not read at all */
    size_t count;
    struct lc_piece pieces[LC_BATCH_PIECES];
    bool foreign[LC_BATCH_PIECES]; /* the piece belongs to another part of the data set */
    bool is_foreign; /* the file is a shard of another part, so it is not read */
    bool is_shard;   /* the members below are set */
    struct lc_job_sample *samples; /* LC_BATCH_PIECES of them; NULL until needed */
    struct lc_buffer sample_text;
    struct lc_shard_facts shard; /* if file_end; its example is in sample_text */
    size_t shard_example;        /* at this offset */
    struct lc_row_result results[LC_BATCH_PIECES];
    struct lc_buffer text;
    struct lc_named_path *paths;
    size_t path_count;
    size_t path_capacity;
    struct lc_placed_finding *placed;
    size_t placed_count;
    size_t placed_capacity;
    struct lc_findings findings;
    struct lc_column_values values;       /* values of types that are new to the worker */
    struct lc_statistics statistics;      /* of the job's rows, except the median */
    uint64_t rounds[LC_EXACT_ROUNDS + 1]; /* number of rows by number of rounds */
};

/** Allocate an empty job, for lc_pipeline_run; NULL when out of memory. */
struct lc_job *lc_row_job_new(void);
void lc_row_job_free(struct lc_job *job); /* NULL-safe */

/** Empty a job; its memory is reused. */
void lc_row_job_reset(struct lc_row_job *job);

/** Free the texts of a collected job's samples if they are large. */
void lc_row_job_shrink(struct lc_row_job *job);

/** Add a sample to a job as its next piece. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_row_job_add_sample(struct lc_row_job *job,
                                                   const struct lc_sample *sample,
                                                   uint64_t row, struct lc_error *err);

/** A sample of a job, with its texts. */
struct lc_sample lc_row_job_sample(const struct lc_row_job *job, size_t i);

/** The text of a piece of a job. */
static inline const char *lc_row_job_text(const struct lc_row_job *job,
                                          const struct lc_piece *piece)
{
    return job->is_shard ? job->sample_text.data + job->samples[piece - job->pieces].text
                         : job->map->data + piece->place.offset;
}

/* Append a path to a job; NULL when out of memory. */
struct lc_named_path *lc_row_job_add_path(struct lc_row_job *job);

/* Count rows by their number of rounds. */
static inline void lc_row_job_count_rounds(struct lc_row_job *job, uint64_t rounds,
                                           uint64_t rows)
{
    job->rounds[rounds < LC_EXACT_ROUNDS ? rounds : LC_EXACT_ROUNDS] += rows;
}

#endif
