/* drop.h - decides which findings drop their rows; private to src/clean */
#ifndef LC_CLEAN_DROP_H
#define LC_CLEAN_DROP_H

#include "base/error.h"
#include "base/hash.h"
#include "index/format/records.h"
#include "rules/rules.h"
#include "view/select.h"

/** What drops a row, as given by --drop. */
struct lc_drop {
    bool effects[LC_EFFECT_REFUSED + 1]; /* effects of the trainer on the row */
    bool levels[LC_SEVERITY_ERROR + 1];  /* by level: its findings drop rows */
    bool rules[LC_RULE_COUNT];           /* by rule: its findings drop rows */
    uint64_t settled_count;              /* number of images in settled */
    const uint8_t *settled; /* by image: it is rewritten, so findings about its form do
                             * not count; may be NULL */
    const struct lc_hash *failed; /* content of images that could not be rewritten */
    size_t failed_count;
    /* by rule: the level of its findings, if they have one; if has_choices is false,
     * findings keep the level with which they were reported */
    bool has_choices;
    struct lc_rule_choice choices[LC_RULE_COUNT];
};

/** Add a word: an effect, a level or a selector of rules. Errors: LC_ERR_USAGE. */
LC_MUST_CHECK enum lc_status lc_drop_add(struct lc_drop *drop, const char *word,
                                         struct lc_error *err);

/** Change the level of some rules' findings, or hide them. Errors: LC_ERR_USAGE. */
LC_MUST_CHECK enum lc_status lc_drop_select(struct lc_drop *drop,
                                            const struct lc_selection *selection,
                                            struct lc_error *err);

/** Whether a finding drops its rows because of its level or rule. */
bool lc_drop_has(const struct lc_drop *drop, const struct lc_finding_record *finding);

/** Whether a finding does not count because its image is rewritten. */
bool lc_drop_is_settled(const struct lc_drop *drop,
                        const struct lc_finding_record *finding);

/** Whether an image with these bytes could not be rewritten. */
bool lc_drop_is_failed(const struct lc_drop *drop, const struct lc_hash *content);

/** Whether the rule of a finding is about JSON. */
bool lc_drop_is_json(const struct lc_finding_record *finding);

/** Whether a finding is about a column with two types: lc_clean_unify_columns decides
 * which rows it drops. */
bool lc_drop_is_of_columns(const struct lc_finding_record *finding);

/**
 * Whether a finding always drops its row: Python cannot read the row, or it is not on one
 * line.
 *
 * @param is_readable  the row is JSON
 */
bool lc_drop_always(const struct lc_finding_record *finding, bool is_readable);

#endif
