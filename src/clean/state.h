/* state.h - the state of one clean or fix: the plan for each row, and the result; private
 * to src/clean */
#ifndef LC_CLEAN_STATE_H
#define LC_CLEAN_STATE_H

#include "base/map.h"
#include "clean/drop.h"
#include "clean/reasons.h"
#include "dataset/dataset.h"
#include "dataset/extents.h"
#include "fix/fix.h"
#include "index/index.h"
#include "llava_check/clean.h"
#include "report/model/effects.h"

/** What happens to a row that is not written to a part of the result. */
enum { LC_ROW_LEFT = 254, LC_ROW_DROPPED = 255 };

/** A row that is written with fixes. */
struct lc_fixed_row {
    uint64_t row; /* number in the data set */
    uint64_t at;  /* offset of its text in the file of fixed texts */
    uint32_t size;
    struct lc_fix_made made[LC_FIX_MOST];
    uint8_t count;
    bool reveals;   /* the row could not be checked before it was fixed */
    bool dropped;   /* without its fixes, the row would be dropped */
    bool withdrawn; /* its fixes were undone after a check of the result */
    unsigned round; /* the check after which they were undone */
};

/** All rows with fixes, in the order of rows. All zero is empty. */
struct lc_fixing {
    lc_fix_set fixes; /* fixes that may be made */
    bool skip[LC_RULE_COUNT];
    struct lc_fixed_row *rows;
    size_t count, capacity;
    int texts;           /* an unnamed file; valid if there are rows */
    uint64_t texts_size; /* size of this file */
    uint64_t unsafe;     /* number of rows with a finding whose fix is unsafe */
    uint64_t unfixed;    /* number of rows with a finding whose fix was not made */
    uint64_t duplicates; /* number of rows that a fix left out */
    struct lc_clean_fix *tally;
    size_t tally_count;
};

/** Bytes of the rows file that were replaced in the result. */
struct lc_written_edit {
    uint64_t at, size;         /* in the rows file */
    uint64_t put_at, put_size; /* in the file of the result */
};

/** A file of the result. */
struct lc_clean_output {
    struct lc_clean_file file;
    uint32_t first_source; /* the rows files that its rows come from */
    uint32_t end_source;
    uint8_t part;
    bool lines;         /* JSON lines */
    uint64_t first_row; /* number of its first row in the result, counting all files */
    struct lc_hash samples;        /* shards: hash of the rows of its samples */
    struct lc_written_edit *edits; /* if the caller wants them */
    size_t edit_count, edit_capacity;
};

/** An image that was rewritten, or could not be. */
struct lc_rewritten {
    size_t path; /* offset in the paths of all rewritten images; ends with NUL */
    struct lc_hash before, after;
    uint32_t factor; /* factor by which it was scaled down */
    uint8_t orientation;
    bool is_transparent, is_animated, is_deep, is_png; /* the original; is_png: now */
    bool failed;
};

struct lc_clean {
    struct lc_clean_options options;
    struct lc_check_options check;
    struct lc_dataset dataset;
    struct lc_index *index;    /* index of the data set */
    struct lc_index *result;   /* index of the result, if it has fixed rows; else NULL */
    struct lc_effects effects; /* the trainer's effects for the findings of index */
    struct lc_drop drop;
    uint8_t *settled;        /* by image: whether it is rewritten; NULL: no image is */
    uint8_t *result_settled; /* likewise, by image of result */
    struct lc_rewritten *rewritten;
    size_t rewritten_count, rewritten_capacity;
    struct lc_buffer rewritten_paths;
    struct lc_hash *failed; /* content hashes of images that could not be rewritten */
    size_t failed_count, failed_capacity;
    bool has_failed;   /* the last lc_clean_place_images added some */
    bool is_placed;    /* the images of the result are in placed_root */
    char *placed_root; /* folder of the rewritten images; NULL: none */
    uint64_t rows;
    uint8_t *parts; /* by row: the number of its part, or LC_ROW_LEFT or LC_ROW_DROPPED */
    uint32_t *order; /* by row of the result: its row in the data set; NULL: unchanged */
    struct lc_clean_output *outputs; /* those with rows */
    size_t output_count;
    size_t output_capacity;
    struct lc_reasons reasons; /* reasons that a row's findings do not show */
    struct lc_clean_reason *tally;
    size_t tally_count;
    struct lc_clean_counts counts;
    uint64_t written; /* rows in the result, counting all files */
    struct lc_fixing fixing;
};

/* ---- clean.c ---- */

/** Plan the result from the rows that are not dropped: sample, parts, files and order.
 * Errors: those of the steps; LC_ERR_USAGE: no row is left. */
LC_MUST_CHECK enum lc_status lc_clean_plan(struct lc_clean *clean, struct lc_error *err);

/** Drop the rows that must be dropped, unless they can be fixed. Errors: LC_ERR_INDEX,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_clean_mark(struct lc_clean *clean, struct lc_error *err);

/** Whether an index has findings of rules about JSON. */
bool lc_clean_has_json_findings(const struct lc_index *index);

/* ---- plan.c ---- */

/** List the output files, and count their rows. Errors: LC_ERR_MEMORY, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_clean_list_files(struct lc_clean *clean,
                                                 struct lc_error *err);

void lc_clean_clear_outputs(struct lc_clean *clean);

/** Whether the rows of a rows file are written as JSON lines. */
bool lc_clean_is_lines(const struct lc_clean *clean, uint32_t source);

/** Called with the number of a row in the result, and its number in the data set. */
typedef enum lc_status lc_clean_row_fn(void *user, uint64_t result, uint64_t row,
                                       struct lc_error *err);

/** Walk over the rows of an output file, in its order. */
LC_MUST_CHECK enum lc_status lc_clean_each_row(const struct lc_clean *clean,
                                               const struct lc_clean_output *output,
                                               lc_clean_row_fn *each, void *user,
                                               struct lc_error *err);

/** The trainer as given by the user, with its limit; or the one that was picked. */
static inline const char *lc_clean_trainer_given(const struct lc_clean *clean)
{
    return clean->options.trainer ? clean->options.trainer : lc_clean_trainer(clean);
}

/* ---- decide.c ---- */

/** Called for a row that must be dropped, perhaps several times for one row. finding is
 * NULL if looking at the findings of the row and its images shows the reason. */
typedef enum lc_status lc_clean_decide_fn(void *user, uint64_t row,
                                          const struct lc_finding_record *finding,
                                          struct lc_error *err);

/**
 * Find the rows that must be dropped.
 *
 * @param index    the index of the data set, or of the result
 * @param effects  of its findings, as lc_effects_find_of_rows has them
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY, what each returns.
 */
LC_MUST_CHECK enum lc_status lc_clean_decide(const struct lc_index *index,
                                             const struct lc_effects *effects,
                                             const struct lc_drop *drop,
                                             lc_clean_decide_fn *each, void *user,
                                             struct lc_error *err);

/* ---- fixes.c ---- */

/** Find the rows that can be fixed, and make their fixed texts. A row is kept if its
 * fixes remove all reasons to drop it. Errors: LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_clean_find_fixes(struct lc_clean *clean,
                                                 struct lc_error *err);
void lc_clean_clear_fixes(struct lc_clean *clean);

/** The fixes of a row; NULL if it has none. */
struct lc_fixed_row *lc_clean_fixed(const struct lc_clean *clean, uint64_t row);

/** Whether the fixes of a row were undone after the last check of the result. */
bool lc_clean_is_withdrawn(const struct lc_clean *clean, uint64_t row);

/** Read the text of a fixed row. Errors: LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_clean_read_fixed(const struct lc_clean *clean,
                                                 const struct lc_fixed_row *fixed,
                                                 struct lc_buffer *out,
                                                 struct lc_error *err);

/** Undo the fixes of a row: it is written unchanged. */
void lc_clean_withdraw(struct lc_clean *clean, struct lc_fixed_row *fixed);

/** Count the fixes in the result. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_clean_count_fixes(struct lc_clean *clean,
                                                  struct lc_error *err);

/* ---- compare.c ---- */

/**
 * Undo fixes that did not work, according to the check of the result: those of rows that
 * the trainer treats worse than before, in which a rule finds something new, or in which
 * the rule still finds what was fixed.
 *
 * @param index    of the result
 * @param effects  of its findings
 * @param any      set to whether fixes were undone
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_clean_compare_fixes(struct lc_clean *clean,
                                                    const struct lc_index *index,
                                                    const struct lc_effects *effects,
                                                    bool *any, struct lc_error *err);

/* ---- verbatim.c ---- */

/** Whether the rows of the result must have the verdicts that they had before, so that
 * comparing their bytes is enough. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_clean_is_verbatim(const struct lc_clean *clean, bool *out,
                                                  struct lc_error *err);

/**
 * Compare the result with its rows files, row by row, and count what the trainer does
 * with the rows.
 *
 * @param paths  the output files
 *
 * Errors: LC_ERR_IO (also: a file is not what was written, or a rows file has changed),
 *         LC_ERR_INDEX, LC_ERR_MEMORY, LC_ERR_STOPPED.
 */
LC_MUST_CHECK enum lc_status lc_clean_check_verbatim(struct lc_clean *clean,
                                                     const char *const *paths,
                                                     struct lc_error *err);

/* ---- shards.c ---- */

/** Fail if the data set has shards that cannot be written as asked, or if OUT is a shard
 * and the data set has none. Errors: LC_ERR_USAGE, LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_clean_check_sources(struct lc_clean *clean,
                                                    struct lc_error *err);

/** A sample of a shard. */
struct lc_clean_sample {
    uint64_t row; /* number in the data set */
    const struct lc_sample *sample;
    const struct lc_map *map;        /* the shard */
    const struct lc_extent *extents; /* its members */
    size_t extent_count;
};

typedef enum lc_status lc_clean_sample_fn(void *user,
                                          const struct lc_clean_sample *sample,
                                          struct lc_error *err);

/** Walk over the samples of a shard, which must be unchanged since the check. Errors:
 * LC_ERR_IO, LC_ERR_USAGE (it has a form that cannot be copied), LC_ERR_INDEX,
 * LC_ERR_MEMORY, LC_ERR_STOPPED, what each returns. */
LC_MUST_CHECK enum lc_status lc_clean_each_sample(const struct lc_clean *clean,
                                                  uint32_t number,
                                                  lc_clean_sample_fn *each, void *user,
                                                  struct lc_error *err);

/** Drop samples that cannot be written: the one in which a shard is cut off, and those
 * that would directly follow another sample with the same key. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_clean_settle_samples(struct lc_clean *clean,
                                                     struct lc_error *err);

/** Write the kept samples of a shard, as lc_clean_write does for rows. */
LC_MUST_CHECK enum lc_status lc_clean_write_samples(struct lc_clean *clean,
                                                    struct lc_clean_output *output,
                                                    FILE *to, struct lc_error *err);

/** Check the shards that were written, as lc_clean_check does for rows. Errors: LC_ERR_IO
 * (also: a file is not what was written), LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_clean_check_samples(struct lc_clean *clean,
                                                    const char *const *paths,
                                                    struct lc_error *err);

/* ---- rewrite.c ---- */

/**
 * Find the images to rewrite: those that the trainer does not see as viewers do, because
 * of their form.
 *
 * @param index    the index of the data set, or of the result
 * @param effects  effects of its findings; replaced by the effects without findings about
 *                 the form of these images
 * @param settled  replaced; by image: whether it is rewritten
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_clean_settle(const struct lc_clean *clean,
                                             const struct lc_index *index,
                                             struct lc_effects *effects,
                                             uint8_t **settled, struct lc_error *err);

/** Note that an image was rewritten, with the hash of its new bytes; NULL: it could not
 * be rewritten, and is not tried again. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_clean_note_rewritten(struct lc_clean *clean,
                                                     const struct lc_image_record *image,
                                                     const struct lc_hash *after,
                                                     struct lc_error *err);

/** Forget which images were rewritten, but not which could not be. */
void lc_clean_forget_rewritten(struct lc_clean *clean);

/** Plan the result again after some images could not be rewritten: the trainer will see
 * them in their original form. Errors: those of the steps. */
LC_MUST_CHECK enum lc_status lc_clean_unsettle(struct lc_clean *clean,
                                               struct lc_error *err);

/* ---- columns.c ---- */

/** If columns with two types drop rows, drop as few more rows as possible until each
 * column has one type. Errors: LC_ERR_MEMORY, LC_ERR_IO, LC_ERR_INDEX, LC_ERR_STOPPED. */
LC_MUST_CHECK enum lc_status lc_clean_unify_columns(struct lc_clean *clean,
                                                    struct lc_error *err);

/* ---- order.c ---- */

/** Pick the sample and assign the parts, among the rows that are not dropped. Errors:
 * LC_ERR_MEMORY, LC_ERR_IO (no space for temporary files), LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_clean_pick(struct lc_clean *clean, struct lc_error *err);

/** Shuffle the rows of each output file. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_clean_shuffle(struct lc_clean *clean,
                                              struct lc_error *err);

#endif
