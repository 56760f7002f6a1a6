/* stage.h - what the parts of the rows stage share; private to src/scan/rows */
#ifndef LC_SCAN_ROWS_STAGE_H
#define LC_SCAN_ROWS_STAGE_H

#include "dataset/dataset.h"
#include "scan/common/run.h"
#include "scan/common/stages.h"
#include "scan/rows/earlier.h"
#include "scan/rows/job.h"
#include "scan/rows/mixture.h"
#include "scan/rows/replay.h"
#include "store/folder.h"

/* A rows file on the disk. */
struct lc_rows_input {
    struct lc_map map; /* only looked at when it is known to be taken over */
    bool taken;
    uint32_t old; /* taken: its number in the earlier index */
};

/* What the stage's threads share. */
struct lc_rows_stage {
    struct lc_run *run;
    const struct lc_dataset *dataset;
    struct lc_rows *out;
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
    struct lc_statistics all;                  /* of all files that are done */
    struct lc_statistics statistics;           /* of the present file */
    uint64_t rounds[LC_EXACT_ROUNDS + 1];      /* rows by their rounds */
    uint64_t file_rounds[LC_EXACT_ROUNDS + 1]; /* those of the present file */
    struct lc_mixture *mixture;
};

/* Open the rows files, and find those that need not be read; close them all. Errors:
 * those of lc_map_open, LC_ERR_INDEX, LC_ERR_STOPPED. */
LC_MUST_CHECK enum lc_status lc_rows_open(struct lc_rows_stage *stage,
                                          const struct lc_index *earlier,
                                          struct lc_error *err);
void lc_rows_close(struct lc_rows_stage *stage);

/* What a worker does: made and freed in its thread, then called for each job. */
enum lc_status lc_rows_scratch_new(void *stage, void **out, struct lc_error *err);
void lc_rows_scratch_free(void *scratch);
void lc_rows_work(void *stage, void *scratch, struct lc_job *job);

#endif
