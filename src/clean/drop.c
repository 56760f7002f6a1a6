#include "clean/drop.h"

#include "llava_check/clean.h"
#include "llava_check/selection.h"
#include "report/model/effects.h"

#include <string.h>

/* Add an effect. This implies related effects: a row that the trainer leaves out is lost
 * just like one that it replaces, and a job that does not start is no better than one
 * that stops. */
static void add_effect(struct lc_drop *drop, enum lc_effect effect)
{
    drop->effects[effect] = true;
    if (effect == LC_EFFECT_CRASH || effect == LC_EFFECT_REPLACED)
        drop->effects[LC_EFFECT_DROPPED] = true;
    if (effect == LC_EFFECT_CRASH)
        drop->effects[LC_EFFECT_REFUSED] = true;
}

enum lc_status lc_drop_add(struct lc_drop *drop, const char *word, struct lc_error *err)
{
    enum lc_status status;

    for (int e = LC_EFFECT_UNKNOWN; e <= LC_EFFECT_REFUSED; e++) {
        if (strcmp(word, lc_effect_name((enum lc_effect)e)) != 0)
            continue;
        add_effect(drop, (enum lc_effect)e);
        return LC_OK;
    }
    for (int s = LC_SEVERITY_INFO; s <= LC_SEVERITY_ERROR; s++) {
        if (strcmp(word, lc_severity_name((enum lc_severity)s)) != 0)
            continue;
        for (; s <= LC_SEVERITY_ERROR; s++) /* this level and all higher ones */
            drop->levels[s] = true;
        return LC_OK;
    }
    status = lc_selector_check(word, err);
    for (int i = 0; i < LC_RULE_COUNT && status == LC_OK; i++)
        drop->rules[i] |= lc_selector_has(word, (enum lc_rule_index)i);
    return status;
}

enum lc_status lc_drop_select(struct lc_drop *drop, const struct lc_selection *selection,
                              struct lc_error *err)
{
    drop->has_choices = true;
    return lc_select_rules(selection, drop->choices, err);
}

bool lc_drop_has(const struct lc_drop *drop, const struct lc_finding_record *finding)
{
    enum lc_rule_index rule = lc_rule_index_of(finding->rule);
    const struct lc_rule_choice *choice =
        drop->has_choices && rule < LC_RULE_COUNT ? &drop->choices[rule] : NULL;
    bool has_level = !choice || choice->hidden == LC_NOT_HIDDEN;

    return (has_level &&
            drop->levels[choice && choice->leveled ? choice->level : finding->found]) ||
           (rule < LC_RULE_COUNT && drop->rules[rule]);
}

bool lc_drop_is_settled(const struct lc_drop *drop,
                        const struct lc_finding_record *finding)
{
    return drop->settled && finding->kind == LC_FINDING_IMAGE &&
           finding->image < drop->settled_count && drop->settled[finding->image] &&
           lc_effects_is_of_form(finding);
}

bool lc_drop_is_failed(const struct lc_drop *drop, const struct lc_hash *content)
{
    for (size_t i = 0; i < drop->failed_count; i++)
        if (lc_hash_compare(&drop->failed[i], content) == 0)
            return true;
    return false;
}

bool lc_drop_is_json(const struct lc_finding_record *finding)
{
    return lc_span_starts(finding->rule, "JSN");
}

bool lc_drop_is_of_columns(const struct lc_finding_record *finding)
{
    return lc_rule_index_of(finding->rule) == LC_RULE_JSN115;
}

bool lc_drop_always(const struct lc_finding_record *finding, bool is_readable)
{
    return lc_rule_index_of(finding->rule) == LC_RULE_JSN111 ||
           (!is_readable && lc_drop_is_json(finding));
}

enum lc_status lc_clean_drop_check(const char *word, struct lc_error *err)
{
    struct lc_drop drop = {.effects = {false}};

    return lc_drop_add(&drop, word, err);
}
