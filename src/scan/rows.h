/* rows.h - a batch of rows on its way through the rows stage; private to src/scan */
#ifndef LC_SCAN_ROWS_H
#define LC_SCAN_ROWS_H

#include "base/map.h"
#include "json/splitter.h"
#include "scan/mixture.h"
#include "scan/pipeline.h"
#include "scan/scan.h"
#include "store/folder.h"

/* A job is a batch of rows: small enough to stay in the cache, large enough that handing
 * it over costs nothing. */
#define LC_BATCH_PIECES 256
#define LC_BATCH_BYTES ((size_t)256 << 10)

/* An image path that a row names: bytes of the job's text, and their hash. */
struct lc_named_path {
    size_t start;
    size_t size;
    struct lc_hash hash;
};

/* A finding and its place in the file. */
struct lc_placed {
    struct lc_finding finding;
    struct lc_place place;
};

struct lc_row_result {
    struct lc_row_record record; /* id is set by the collector */
    bool object;                 /* it was read, and is an object */
    bool text_only;              /* neither an image nor a video */
    bool has_id;
    struct lc_hash id_hash;
    size_t id_start; /* in the job's text */
    size_t id_size;
    size_t source_start; /* in the job's text: data_source */
    size_t source_size;
    size_t paths; /* how many of the job's paths are this row's */
    size_t findings;
};

struct lc_row_job {
    struct lc_job job;
    uint32_t file;
    bool file_end;
    struct lc_hash content; /* of the file, when this is its end */
    bool lines;
    const struct lc_map *map;
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
    uint32_t rounds[LC_EXACT_ROUNDS + 1]; /* its rows by their rounds */
};

/* What the stage's threads share. */
struct lc_rows_stage {
    struct lc_scan *scan;
    struct lc_map *maps;      /* one for each file, all open until the stage ends */
    struct lc_folder *videos; /* NULL: videos are not looked for */
    /* the reader's */
    uint32_t file;
    struct lc_splitter *splitter;
    size_t fetched; /* of the present file */
    size_t hashed;  /* the same: bytes that hasher has */
    struct lc_hasher *hasher;
    /* the collector's */
    uint64_t total;  /* bytes of all files */
    uint64_t before; /* bytes of the files that are done */
    uint64_t first_row;
    size_t dropped;
    uint64_t rounds[LC_EXACT_ROUNDS + 1]; /* rows by their rounds */
    struct lc_mixture *mixture;
};

/* What a worker does: made and freed in its thread, then called for each job. */
enum lc_status lc_rows_scratch_new(void *stage, void **out, struct lc_error *err);
void lc_rows_scratch_free(void *scratch);
void lc_rows_work(void *stage, void *scratch, struct lc_job *job);

#endif
