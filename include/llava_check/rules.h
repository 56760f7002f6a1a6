/* rules.h - the rules, and what training programs do with rows that break them */
#ifndef LC_LLAVA_CHECK_RULES_H
#define LC_LLAVA_CHECK_RULES_H

#include "llava_check/api.h"
#include "llava_check/error.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lc_severity {
    LC_SEVERITY_INFO,
    LC_SEVERITY_WARNING,
    LC_SEVERITY_ERROR,
};

/** "info", "warning" or "error"; static. */
LC_API const char *lc_severity_name(enum lc_severity severity);

/** A rule; all texts are static. */
struct lc_rule_info {
    const char *code; /* "CNV303" */
    const char *name; /* "turns-not-alternating" */
    enum lc_severity severity;
    const char *summary; /* what it finds: one line, no full stop */
    const char *why;     /* why it matters: sentences */
    const char *fix;     /* how to fix it: sentences */
    const char *source;  /* where the fact comes from */
};

/** The rule at an index, in the order of the catalogue; NULL past the end. */
LC_API const struct lc_rule_info *lc_rule_at(size_t index);

/** The rule with a code or name, ignoring case; NULL if there is none. */
LC_API const struct lc_rule_info *lc_rule_find(const char *code_or_name);

/** A case of a rule; trainers may treat cases differently. Texts are static. */
struct lc_case_info {
    const char *name;    /* "more" */
    const char *summary; /* one line, no full stop */
};

/** A rule's case at an index; NULL past the last one. Many rules have none. */
LC_API const struct lc_case_info *lc_rule_case_at(const char *code, size_t index);

/** The name of the wider case that a rule's case was split from, "" for most cases. A
 * trainer without an entry for the case treats it like the wider one. */
LC_API const char *lc_rule_case_whole(const char *code, const char *rule_case);

/* ---- training programs ---- */

/** What a training program does with a row; a larger value is worse. */
enum lc_effect {
    LC_EFFECT_FINE,     /* it is trained as written */
    LC_EFFECT_UNKNOWN,  /* not derived from the program's source */
    LC_EFFECT_ALTERED,  /* it is trained, but not as written */
    LC_EFFECT_DROPPED,  /* it is left out */
    LC_EFFECT_REPLACED, /* another row is trained in its place */
    LC_EFFECT_CRASH,    /* the job stops when it comes to the row */
    LC_EFFECT_REFUSED,  /* the job does not start: no row is trained */
};

/** "fine", "unknown", "altered", "dropped", "replaced", "crash" or "refused"; static. */
LC_API const char *lc_effect_name(enum lc_effect effect);

/** A training program; all texts are static. */
struct lc_trainer_info {
    const char *name;   /* "llava-next" */
    const char *title;  /* which program, with which model */
    const char *source; /* the repository and commit that were read */
    const char *reads;  /* which rows files it loads; NULL: .json and .jsonl */
};

/** The trainer whose loader defines which findings are errors. */
#define LC_DEFAULT_TRAINER "llava-next"

/** The trainer at an index; NULL past the end. */
LC_API const struct lc_trainer_info *lc_trainer_at(size_t index);

/**
 * Whether a trainer loads a rows file of a form.
 *
 * @param trainer  its index
 * @param lines    the file is a .jsonl, not a .json
 * @param mixed    a mixture (.yaml) names the file
 */
LC_API bool lc_trainer_loads(size_t trainer, bool lines, bool mixed);

/** Whether a trainer loads shards of WebDataset. */
LC_API bool lc_trainer_loads_shards(size_t trainer);

/** What a trainer's effects assume: options, versions, a model. The text at an index, one
 * line; NULL past the end. */
LC_API const char *lc_trainer_assumption(size_t trainer, size_t index);

/** How far predicted effects agree with what the trainer's own code did when it was run
 * on the cases of tests/oracles. */
struct lc_agreement {
    unsigned cases_agree; /* small data sets in which every row agrees */
    unsigned cases;
    unsigned rows_agree;
    unsigned rows;
    unsigned false_fine; /* rows predicted as LC_EFFECT_FINE that had another effect */
    const char *date;    /* when it was run: "2026-11-30" */
};

/** The agreement of a trainer; NULL if it was not run. */
LC_API const struct lc_agreement *lc_trainer_agreement(size_t trainer);

/** What a trainer does with a row that has a finding; texts are static, NULL when
 * unknown. */
struct lc_rule_effect {
    enum lc_effect effect;
    const char *what;   /* what happens, one line */
    const char *source; /* file and function of the program */
};

/**
 * What a trainer does with a row that has a finding.
 *
 * @param code       of the rule
 * @param rule_case  name of the finding's case; "" if it has none
 * @param trainer    index of the trainer
 */
LC_API struct lc_rule_effect lc_rule_effect_on(const char *code, const char *rule_case,
                                               size_t trainer);

/** The longest row that a trainer accepts with its usual options, in tokens including
 * those of images, and what it does with longer rows. */
struct lc_length_info {
    unsigned limit;
    struct lc_rule_effect effect;
};

/** The limit of a trainer; NULL if it has none, or one that only the user can know. */
LC_API const struct lc_length_info *lc_trainer_length(size_t trainer);

/**
 * Find a trainer by its name, or by its name and the limit that it is set to, in tokens:
 * "llama-factory:8192".
 *
 * @param out    set to its index
 * @param limit  set to this limit, else to that of lc_trainer_length; 0: there is none
 *
 * Errors:  LC_ERR_USAGE: no such trainer; not a number from 1 to a billion; or a length
 *          for a trainer whose rows' lengths are not estimated. out is set in the last
 *          two cases.
 * Threads: any.
 */
LC_API enum lc_status lc_trainer_find(const char *text, size_t *out, unsigned *limit,
                                      struct lc_error *err);

/**
 * What a trainer does with the rows of a dialect, in addition to effects of findings.
 *
 * @param dialect  its name: lc_dialect_at
 * @param all      set to whether it does so with all rows, or only with those with media
 * @return LC_EFFECT_FINE without texts if the dialect is one of its own
 */
LC_API struct lc_rule_effect lc_trainer_dialect_effect(size_t trainer,
                                                       const char *dialect, bool *all);

#ifdef __cplusplus
}
#endif

#endif
