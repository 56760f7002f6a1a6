/* rows.h - a batch of rows on its way through the rows stage; private to src/scan */
#ifndef LC_SCAN_ROWS_ROWS_H
#define LC_SCAN_ROWS_ROWS_H

#include "base/map.h"
#include "json/splitter.h"
#include "scan/rows/mixture.h"
#include "scan/common/pipeline.h"
#include "scan/scan.h"
#include "store/folder.h"

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

/* A rows file on the disk. */
struct lc_rows_input {
    struct lc_map map; /* only looked at when it is known to be taken over */
    bool taken;
    uint32_t old; /* taken: its number in the earlier index */
};

/* What the stage's threads share. */
struct lc_rows_stage {
    struct lc_scan *scan;
    struct lc_rows_input *inputs; /* one for each file, all open until the stage ends */
    struct lc_folder *videos;     /* NULL: videos are not looked for */
    /* the reader's */
    uint32_t file;
    bool begun; /* the file is */
    struct lc_splitter *splitter;
    struct lc_earlier *earlier; /* NULL: nothing can be taken over */
    struct lc_replay *replay;   /* NULL: nothing is */
    size_t fetched;             /* of the present file */
    size_t hashed;              /* the same: bytes that hasher has */
    struct lc_hasher *hasher;
    /* the collector's */
    uint64_t total;  /* bytes of all files */
    uint64_t before; /* bytes of the files that are done */
    uint64_t first_row;
    size_t dropped;
    uint32_t unread;                           /* files that were not even read */
    struct lc_statistics statistics;           /* of the present file */
    uint64_t rounds[LC_EXACT_ROUNDS + 1];      /* rows by their rounds */
    uint64_t file_rounds[LC_EXACT_ROUNDS + 1]; /* those of the present file */
    struct lc_mixture *mixture;
};

/* Open the rows files, and find those that need not be read; close them all. Errors:
 * those of lc_map_open, LC_ERR_INDEX, LC_ERR_STOPPED. */
LC_MUST_CHECK enum lc_status lc_rows_open(struct lc_rows_stage *stage,
                                          struct lc_error *err);
void lc_rows_close(struct lc_rows_stage *stage);

/* Room for one more path in a job; NULL when out of memory. */
struct lc_named_path *lc_row_job_path(struct lc_row_job *job);

/* Count rows by their rounds. */
static inline void lc_row_job_rounds(struct lc_row_job *job, uint64_t rounds,
                                     uint64_t rows)
{
    job->rounds[rounds < LC_EXACT_ROUNDS ? rounds : LC_EXACT_ROUNDS] += rows;
}

/* What a worker does: made and freed in its thread, then called for each job. */
enum lc_status lc_rows_scratch_new(void *stage, void **out, struct lc_error *err);
void lc_rows_scratch_free(void *scratch);
void lc_rows_work(void *stage, void *scratch, struct lc_job *job);

#endif
