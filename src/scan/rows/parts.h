/* parts.h - the rows of a data set, as the indexes of its parts have them
 *
 * The rows stage of a merge reads them in the order of the data set, as the rows stage of
 * a check reuses the rows of unchanged files.
 */
#ifndef LC_SCAN_ROWS_PARTS_H
#define LC_SCAN_ROWS_PARTS_H

#include "index/index.h"
#include "scan/common/run.h"
#include "scan/common/stages.h"
#include "scan/rows/replay.h"

/** Consecutive rows of a file in one of the indexes. */
struct lc_rows_share {
    uint32_t file;
    uint32_t source; /* number of the index; LC_NO_SOURCE: none has such rows */
    struct lc_replay_range range;
};

/** The rows of a data set, in its order: each file has at least one share. */
struct lc_rows_shares {
    const struct lc_index *const *indexes;
    size_t index_count;
    struct lc_rows_share *items;
    size_t count;
    size_t capacity;
    const struct lc_part_file *totals; /* by file */
    const uint32_t *readers;           /* by file: an index with the whole file, if any */
};

struct lc_dataset;

/**
 * Store the rows, files, findings and statistics of all parts.
 *
 * @param dataset  the files' names
 * @param out      as of lc_rows_check
 *
 * Owner, errors: as of lc_rows_check.
 */
LC_MUST_CHECK enum lc_status lc_rows_join(struct lc_run *run,
                                          const struct lc_dataset *dataset,
                                          const struct lc_rows_shares *shares,
                                          struct lc_rows *out, struct lc_error *err);

#endif
