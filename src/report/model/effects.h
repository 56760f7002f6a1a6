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
    unsigned limit; /* tokens of the longest row; 0: any length, or it is not known */
    struct lc_rule_effect by_case[LC_CASE_COUNT + 1]; /* the last: unknown */
    uint8_t *rows; /* by row: the worst of its findings' effects; CRASH where the row that
                      would replace it fails too */
    uint64_t counts[LC_EFFECT_REFUSED + 1]; /* rows by effect */
    uint64_t files;                         /* rows files that cannot be loaded */
    uint64_t unloaded; /* rows files of a form that the trainer does not load */
    uint64_t unread;   /* rows files of a dialect that stops it */
    uint64_t shards;   /* findings about whole shards that keep it from starting */
    uint64_t stopping; /* the same, at which it stops */
    uint64_t chained;  /* rows that stop it because no other row can replace them */
    uint8_t unfound;   /* the worst effect on a row that is due to no finding */
    uint64_t longer;   /* rows for which it matters most that they are longer than the
                          trainer's limit, as far as one can tell without a tokenizer */
    uint64_t perhaps_longer; /* rows that may be, and have no finding that matters more */
    bool empty;       /* all rows would be left out, so that the job does not start */
    char dialect[40]; /* the first of these dialects */
    const char *what; /* what happens then, static */
};

/**
 * Work out what a trainer would do.
 *
 * @param name  the trainer's, also with a limit (lc_trainer_find); NULL for that of the
 *              first file's dialect
 *
 * Owner:   the caller, lc_effects_clear, also on failure.
 * Errors:  LC_ERR_USAGE (no such trainer), LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_effects_find(const struct lc_index *index,
                                             const char *name, struct lc_effects *out,
                                             struct lc_error *err);
void lc_effects_clear(struct lc_effects *effects);

/**
 * Work out what every trainer would do, in one walk over the findings.
 *
 * @param name    as in lc_effects_find
 * @param out     by trainer; the rows of all but the chosen one are not kept
 * @param chosen  set to the trainer of that name
 *
 * Owner, Errors: as lc_effects_find, for each of them.
 */
LC_MUST_CHECK enum lc_status lc_effects_find_all(const struct lc_index *index,
                                                 const char *name, struct lc_effects *out,
                                                 size_t *chosen, struct lc_error *err);

/** Whether the job starts: it has rows, and none of them, nor their files, keep it from
 * that. */
bool lc_effects_start(const struct lc_effects *effects);

/** Work out what a trainer would do with each row, if no fault were between or around
 * rows (lc_finding_is_between_rows), if no row changed what is done with others (JSN117,
 * and ROW206 and ROW214 where they keep the trainer from starting), and if each column
 * had one type (JSN115). Otherwise as lc_effects_find. */
/** @param settled  by image: findings about its form do not count; NULL: all do */
LC_MUST_CHECK enum lc_status lc_effects_find_of_rows(const struct lc_index *index,
                                                     const char *name,
                                                     const uint8_t *settled,
                                                     struct lc_effects *out,
                                                     struct lc_error *err);

/** Work out what a trainer would do with each row, if others were around it, of which one
 * that is sound can take its place. Otherwise as lc_effects_find_of_rows. */
LC_MUST_CHECK enum lc_status lc_effects_find_of_each(const struct lc_index *index,
                                                     const char *name,
                                                     struct lc_effects *out,
                                                     struct lc_error *err);

/**
 * Whether a finding is about a rows file's own text, between or around its rows: a
 * trailing comma, a byte order mark, JSON lines in a .json. Its row, if it has one, is
 * the one before it, and sound JSON.
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status
lc_finding_is_between_rows(const struct lc_index *index,
                           const struct lc_finding_record *finding, bool *out,
                           struct lc_error *err);

/** Whether a finding is about the form of an image: its orientation, its mode, its number
 * of frames; or its size, if Pillow refuses it. */
bool lc_effects_is_of_form(const struct lc_finding_record *finding);

/** Whether one of the findings of a view stops the trainer, or a dialect or the lack of
 * rows does. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_effects_stop(const struct lc_effects *effects,
                                             const struct lc_view *view, bool *out,
                                             struct lc_error *err);

/** Estimate the tokens of a row for a trainer that has lengths. */
struct lc_tokens lc_effects_tokens(size_t trainer, const struct lc_row_record *row);

/** Whether what a trainer does with some rows of a dialect goes for a row of it. */
bool lc_effects_is_affected(enum lc_affected affected, const struct lc_row_record *row);

/** The effect of one finding. */
struct lc_rule_effect lc_effects_of(const struct lc_effects *effects,
                                    const struct lc_finding_record *finding);

#endif
