/* state.h - a cleaning: its plan, and what came of it; private to src/clean */
#ifndef LC_CLEAN_STATE_H
#define LC_CLEAN_STATE_H

#include "clean/drop.h"
#include "clean/reasons.h"
#include "dataset/dataset.h"
#include "index/index.h"
#include "llava_check/clean.h"
#include "report/model/effects.h"

/** What becomes of a row, other than to be written to a part. */
enum { LC_ROW_LEFT = 254, LC_ROW_DROPPED = 255 };

/** A file of the result. */
struct lc_clean_output {
    struct lc_clean_file file;
    uint32_t first_source; /* the rows files whose rows it has */
    uint32_t end_source;
    uint8_t part;
    bool lines;         /* JSON lines */
    uint64_t first_row; /* number in the result, all files together, of its first row */
};

struct lc_clean {
    struct lc_clean_options options;
    struct lc_check_options check;
    struct lc_dataset dataset;
    struct lc_index *index;    /* of the data set */
    struct lc_effects effects; /* of its findings, on the trainer */
    struct lc_drop drop;
    uint64_t rows;
    uint8_t *parts; /* by row: the number of its part, or LC_ROW_x */
    uint32_t
        *order; /* by row of the result: its row of the data set; NULL: their order */
    struct lc_clean_output *outputs; /* those with rows */
    size_t output_count;
    size_t output_capacity;
    struct lc_reasons reasons; /* of rows, that a look at their findings does not show */
    struct lc_clean_reason *tally;
    size_t tally_count;
    struct lc_clean_counts counts;
};

/* ---- clean.c ---- */

/** Plan the result from the rows that are not dropped: sample, parts, files and their
 * order. Errors: those of the steps; LC_ERR_USAGE: no row is left. */
LC_MUST_CHECK enum lc_status lc_clean_plan(struct lc_clean *clean, struct lc_error *err);

/** Whether an index has findings of rules about JSON. */
bool lc_clean_has_json_findings(const struct lc_index *index);

/* ---- plan.c ---- */

/** List the files of the result, and count. Errors: LC_ERR_MEMORY, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_clean_list_files(struct lc_clean *clean,
                                                 struct lc_error *err);

/** Called with a row of the result and its row of the data set. */
typedef enum lc_status lc_clean_row_fn(void *user, uint64_t result, uint64_t row,
                                       struct lc_error *err);

/** Walk over the rows of a file of the result, in its order. */
LC_MUST_CHECK enum lc_status lc_clean_each_row(const struct lc_clean *clean,
                                               const struct lc_clean_output *output,
                                               lc_clean_row_fn *each, void *user,
                                               struct lc_error *err);

/* ---- decide.c ---- */

/** Called for a row that must be dropped; maybe several times for one. finding is NULL
 * where a look at the row's own findings and its images' shows why. */
typedef enum lc_status lc_clean_decide_fn(void *user, uint64_t row,
                                          const struct lc_finding_record *finding,
                                          struct lc_error *err);

/**
 * Find the rows that must be dropped.
 *
 * @param index    of the data set, or of the result
 * @param effects  of its findings, as lc_effects_find_of_rows has them
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY, what each returns.
 */
LC_MUST_CHECK enum lc_status lc_clean_decide(const struct lc_index *index,
                                             const struct lc_effects *effects,
                                             const struct lc_drop *drop,
                                             lc_clean_decide_fn *each, void *user,
                                             struct lc_error *err);

/* ---- order.c ---- */

/** Apply sample and parts to the rows that are not dropped. Errors: LC_ERR_MEMORY,
 * LC_ERR_IO (no space for temporary files), LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_clean_pick(struct lc_clean *clean, struct lc_error *err);

/** Shuffle the rows of each file of the result. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_clean_shuffle(struct lc_clean *clean,
                                              struct lc_error *err);

#endif
