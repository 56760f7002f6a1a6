/* effects.h - what a trainer would do with each row; private to src/report, src/clean and
 * src/query
 */
#ifndef LC_REPORT_MODEL_EFFECTS_H
#define LC_REPORT_MODEL_EFFECTS_H

#include "base/error.h"
#include "index/index.h"
#include "rules/rules.h"

/** The effects of a run's findings on one trainer. */
struct lc_effects {
    size_t trainer;
    unsigned limit; /* maximum number of tokens of a row; 0: any length, or unknown */
    struct lc_rule_effect by_case[LC_CASE_COUNT + 1]; /* the last: unknown cases */
    uint8_t *rows; /* by row: the worst of its findings' effects; CRASH if the row that
                      would replace it fails too */
    uint64_t row_count;
    struct lc_file_effects *of_files; /* by rows file; see reach.h */
    uint32_t file_count;
    /* by row: the number of its dialect, if that is not the dialect of its file, else 0;
     * NULL: there are no such rows */
    uint8_t *dialects;
    struct lc_reading *of_dialects; /* by these numbers, from 1; see reach.h */
    size_t dialect_count;
    /* by row: whether its media are all in columns, and the trainer reads only parts of
     * turns; NULL: there are no such rows */
    uint8_t *unread_columns;
    uint8_t *of_images; /* by image: which effects its findings may have; NULL: those of
                           their cases */
    uint64_t image_count;
    bool rows_alone; /* effects of a row, or of text between rows, on other rows do not
                        count */
    uint64_t counts[LC_EFFECT_REFUSED + 1]; /* rows by effect */
    uint64_t files;                         /* rows files that cannot be loaded */
    uint64_t unloaded; /* rows files in a form that the trainer does not load */
    uint64_t unread;   /* rows files in a dialect that stops it */
    uint64_t shards;   /* findings about whole shards that keep it from starting */
    uint64_t stopping; /* findings about whole shards that stop it */
    uint64_t chained;  /* rows that stop it because no other row can replace them */
    uint8_t unfound;   /* worst effect on a row with another cause than a finding */
    /* rows whose worst problem is to be longer than the trainer's limit, as estimated
     * without a tokenizer */
    uint64_t longer;
    uint64_t perhaps_longer; /* rows that may be too long, and have no worse problem */
    bool empty;       /* all rows would be left out, so that the job does not start */
    char dialect[40]; /* the first dialect that `unread` counts */
    const char *what; /* what happens with that dialect; static */
};

/**
 * Work out what a trainer would do.
 *
 * @param name  name of the trainer, optionally with a limit (lc_trainer_find); NULL: the
 *              trainer of the first file's dialect
 *
 * Owner:   the caller, lc_effects_clear, also on failure.
 * Errors:  LC_ERR_USAGE (no such trainer), LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_effects_find(const struct lc_index *index,
                                             const char *name, struct lc_effects *out,
                                             struct lc_error *err);
void lc_effects_clear(struct lc_effects *effects);

/** Copy the effects on one trainer, of lc_effects_find or the chosen ones of
 * lc_effects_find_all. Owner: the caller, lc_effects_clear, also on failure. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_effects_copy(const struct lc_effects *effects,
                                             struct lc_effects *out,
                                             struct lc_error *err);

/**
 * Work out what every trainer would do, in one walk over the findings.
 *
 * @param name    as in lc_effects_find
 * @param out     by trainer; the rows of all trainers but the chosen one are freed
 * @param chosen  set to the index of the trainer with this name
 *
 * Owner, Errors: as lc_effects_find, for each of them.
 */
LC_MUST_CHECK enum lc_status lc_effects_find_all(const struct lc_index *index,
                                                 const char *name, struct lc_effects *out,
                                                 size_t *chosen, struct lc_error *err);

/** Whether the job starts: there are rows, and nothing about them or their files keeps it
 * from starting. */
bool lc_effects_start(const struct lc_effects *effects);

/** Work out what a trainer would do with each row under these assumptions: no fault is
 * between or around rows (lc_finding_is_between_rows), no row changes what is done with
 * others (JSN117, and ROW206 and ROW214 if they keep the trainer from starting), and each
 * column has a single type (JSN115). Otherwise as lc_effects_find. */
/** @param settled  by image: findings about its form do not count; NULL: all findings
 *                 count */
LC_MUST_CHECK enum lc_status lc_effects_find_of_rows(const struct lc_index *index,
                                                     const char *name,
                                                     const uint8_t *settled,
                                                     struct lc_effects *out,
                                                     struct lc_error *err);

/** Work out what a trainer would do with each row if it were among other rows, one of
 * which is sound and can replace it. Otherwise as lc_effects_find_of_rows. */
LC_MUST_CHECK enum lc_status lc_effects_find_of_each(const struct lc_index *index,
                                                     const char *name,
                                                     struct lc_effects *out,
                                                     struct lc_error *err);

/**
 * Whether a finding is about the text of a rows file between or around its rows: a
 * trailing comma, a byte order mark, JSON lines in a .json. If it names a row, that is
 * the row before this text, and is valid JSON.
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status
lc_finding_is_between_rows(const struct lc_index *index,
                           const struct lc_finding_record *finding, bool *out,
                           struct lc_error *err);

/** Whether a finding is about the form of an image: its orientation, mode or number of
 * frames, or its size if Pillow refuses it. */
bool lc_effects_is_of_form(const struct lc_finding_record *finding);

/** Whether the trainer is stopped by a finding of a view, by a dialect, or because no
 * rows are left. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_effects_stop(const struct lc_effects *effects,
                                             const struct lc_view *view, bool *out,
                                             struct lc_error *err);

/** Estimate the tokens of a row for a trainer with a length limit. */
struct lc_tokens lc_effects_tokens(size_t trainer, const struct lc_row_record *row);

/** The dialect of a row. @param of_file  that of its file */
struct lc_span lc_effects_dialect_of(const struct lc_effects *effects, uint64_t row,
                                     struct lc_span of_file);

/** Whether a row is among the rows of its dialect that `affected` describes. */
bool lc_effects_is_affected(enum lc_affected affected, const struct lc_row_record *row);

/** The effect that one finding has in its place. It may differ from the effect of its
 * case: the program may not read the images of its file, or may leave its row out for
 * another reason. Every effect is also counted for a row, unless the finding is about a
 * whole file, a shard or the set. */
struct lc_rule_effect lc_effects_of(const struct lc_effects *effects,
                                    const struct lc_finding_record *finding);

/** The same, if the finding's case is known. Only its kind, rule, file, row and image are
 * read. */
struct lc_rule_effect lc_effects_of_case(const struct lc_effects *effects,
                                         enum lc_case_index which,
                                         const struct lc_finding_record *finding);

#endif
