/* stage.h - shared by the parts of the rows stage; private to src/scan/rows */
#ifndef LC_SCAN_ROWS_STAGE_H
#define LC_SCAN_ROWS_STAGE_H

#include "dataset/dataset.h"
#include "scan/common/run.h"
#include "scan/shards/samples.h"
#include "scan/common/stages.h"
#include "scan/rows/earlier.h"
#include "scan/rows/job.h"
#include "scan/rows/mixture.h"
#include "scan/rows/parts.h"
#include "scan/rows/replay.h"
#include "scan/rows/types.h"
#include "store/folder.h"

/* A rows file of the data set. */
struct lc_rows_input {
    struct lc_map map;   /* without data if times showed that the file is unchanged */
    bool reused;         /* its rows come from the earlier index */
    uint32_t old_number; /* if reused: its number in the earlier index */
};

/* The state of the stage: first what its threads share, then the reader's members, then
 * the collector's. */
struct lc_rows_stage {
    struct lc_run *run;
    const struct lc_dataset *dataset;
    struct lc_rows *out;
    struct lc_rows_input *inputs; /* by file; all stay open until the stage ends */
    struct lc_folder *videos;     /* NULL: videos are not looked for */
    /* the reader's */
    uint32_t file;
    bool file_begun;
    struct lc_splitter *splitter;
    struct lc_samples *samples;          /* of shards that were read; NULL: none */
    bool is_ahead;                       /* the current file is one of them */
    struct lc_shard *shard;              /* instead of the splitter, in another shard */
    uint64_t sample;                     /* number of the shard's next sample */
    struct lc_earlier *earlier;          /* NULL: nothing can be reused */
    struct lc_replay *replay;            /* NULL: no file is reused */
    const struct lc_rows_shares *shares; /* in a merge; else NULL */
    size_t share;                        /* the current one */
    struct lc_replay **replays;          /* in a merge: by index */
    struct lc_earlier **earliers;
    size_t fetched;      /* bytes of the current file that were prefetched */
    size_t hashed;       /* bytes of the current file that were hashed */
    uint64_t file_start; /* in a part: bytes of the files before the current one */
    bool has_last;       /* in a part: whether it has the file's last row so far */
    struct lc_hasher *hasher;
    /* the collector's */
    uint64_t total;     /* bytes of all files */
    uint64_t done;      /* bytes of the files that are done */
    uint64_t first_row; /* of the current file */
    uint64_t foreign;   /* the current file's rows in other parts, so far */
    uint64_t strays;    /* the current file's rows in another dialect, so far */
    uint64_t own_from;  /* in a part: its first row's number in the file */
    size_t dropped;     /* bytes of the current file that were dropped from memory */
    uint32_t unread;    /* files that were not read at all */
    struct lc_statistics all;                  /* of all files that are done */
    struct lc_statistics statistics;           /* of the current file */
    uint64_t rounds[LC_EXACT_ROUNDS + 1];      /* number of rows by number of rounds */
    uint64_t file_rounds[LC_EXACT_ROUNDS + 1]; /* the same for the current file */
    struct lc_mixture *mixture;
    struct lc_types *types; /* of the current file's columns */
    struct lc_findings findings;
};

/* Open the rows files, and find those that need not be read; lc_rows_close closes all.
 * Errors: those of lc_map_open, LC_ERR_INDEX, LC_ERR_STOPPED. */
LC_MUST_CHECK enum lc_status lc_rows_open(struct lc_rows_stage *stage,
                                          const struct lc_index *earlier,
                                          struct lc_error *err);
/* Open the indexes of a merge instead. Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_rows_open_parts(struct lc_rows_stage *stage,
                                                struct lc_error *err);
void lc_rows_close(struct lc_rows_stage *stage);

/* A worker's functions: its scratch is allocated and freed in its thread, and
 * lc_rows_work is called for each job. */
enum lc_status lc_rows_scratch_new(void *stage, void **out, struct lc_error *err);
void lc_rows_scratch_free(void *scratch);
void lc_rows_work(void *stage, void *scratch, struct lc_job *job);

#endif
