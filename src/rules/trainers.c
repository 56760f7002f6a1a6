/* The effects of findings on training programs
 *
 * effects/TRAINER.def has a line for each rule, derived from the source code of the
 * trainer at the commit in its head: effect, what happens, and where in that source.
 * Cases of the rule that end differently have lines of their own; the line of ANY is for
 * all others. A case without a line has the effect UNKNOWN.
 */
#include "rules/rules.h"

#include <string.h>

/* An entry of a trainer's table. */
struct entry {
    enum lc_case_index which;
    struct lc_rule_effect effect;
};

/* What a trainer does with rows of a dialect that is not its own. */
struct reading {
    const char *dialect;
    bool all; /* with all rows; false: with those that name media */
    struct lc_rule_effect effect;
};

#define LC_EFFECT(code, identifier, effect, what, source)                                \
    {LC_CASE_##code##_##identifier, {LC_EFFECT_##effect, what, source}},
#define LC_DIALECT(dialect, of, effect, what, source)

static const struct entry llava_15[] = {
#include "rules/effects/llava_15.def"
};

static const struct entry llava_next[] = {
#include "rules/effects/llava_next.def"
};

static const struct entry llava_next_qwen[] = {
#include "rules/effects/llava_next_qwen.def"
};

static const struct entry qwen_vl[] = {
#include "rules/effects/qwen_vl.def"
};

static const struct entry qwen_vl_series[] = {
#include "rules/effects/qwen_vl_series.def"
};

static const struct entry internvl[] = {
#include "rules/effects/internvl.def"
};

static const struct entry llama_factory[] = {
#include "rules/effects/llama_factory.def"
};

static const struct entry ms_swift[] = {
#include "rules/effects/ms_swift.def"
};

#undef LC_EFFECT
#undef LC_DIALECT
#define LC_EFFECT(code, identifier, effect, what, source)
#define LC_DIALECT(dialect, of, effect, what, source)                                    \
    {#dialect, OF_##of, {LC_EFFECT_##effect, what, source}},

enum { OF_MEDIA, OF_ROWS };

static const struct reading llava_15_dialects[] = {
#include "rules/effects/llava_15.def"
};

static const struct reading llava_next_dialects[] = {
#include "rules/effects/llava_next.def"
};

static const struct reading llava_next_qwen_dialects[] = {
#include "rules/effects/llava_next_qwen.def"
};

static const struct reading qwen_vl_dialects[] = {
#include "rules/effects/qwen_vl.def"
};

static const struct reading qwen_vl_series_dialects[] = {
#include "rules/effects/qwen_vl_series.def"
};

static const struct reading internvl_dialects[] = {
#include "rules/effects/internvl.def"
};

static const struct reading llama_factory_dialects[] = {
#include "rules/effects/llama_factory.def"
};

static const struct reading ms_swift_dialects[] = {
#include "rules/effects/ms_swift.def"
};

#undef LC_EFFECT
#undef LC_DIALECT

enum { REPLACED_BY_OTHER, REPLACED_BY_NEXT };
enum { FORM_JSON = 1, FORM_JSONL = 2, FORM_MIXED_JSONL = 4 };

/* A trainer and its table. */
static const struct {
    struct lc_trainer_info info;
    unsigned forms;
    bool by_next;
    const struct entry *entries;
    size_t count;
    const struct reading *readings;
    size_t reading_count;
} trainers[] = {
#define LC_TRAINER(identifier, name, title, forms, reads, next, source)                  \
    {{name, title, source, reads},                                                       \
     forms,                                                                              \
     REPLACED_BY_##next,                                                                 \
     identifier,                                                                         \
     sizeof(identifier) / sizeof(identifier[0]),                                         \
     identifier##_dialects,                                                              \
     sizeof(identifier##_dialects) / sizeof(identifier##_dialects[0])},
#include "rules/trainers.def"
#undef LC_TRAINER
};

#define TRAINER_COUNT (sizeof(trainers) / sizeof(trainers[0]))

enum {
#define LC_TRAINER(identifier, ...) TRAINER_##identifier,
#include "rules/trainers.def"
#undef LC_TRAINER
};

static const struct {
    size_t trainer;
    const char *text;
} assumptions[] = {
#define LC_TRAINER(...)
#define LC_ASSUMES(identifier, text) {TRAINER_##identifier, text},
#include "rules/trainers.def"
#undef LC_TRAINER
};

static const struct lc_agreement agreements[TRAINER_COUNT] = {
#define LC_AGREEMENT(identifier, cases_agree, cases, rows_agree, rows, false_fine, date) \
    [TRAINER_##identifier] = {cases_agree, cases, rows_agree, rows, false_fine, date},
#include "rules/agreement.def"
#undef LC_AGREEMENT
};

const struct lc_trainer_info *lc_trainer_at(size_t index)
{
    return index < TRAINER_COUNT ? &trainers[index].info : NULL;
}

const char *lc_trainer_assumption(size_t trainer, size_t index)
{
    for (size_t i = 0; i < sizeof(assumptions) / sizeof(assumptions[0]); i++)
        if (assumptions[i].trainer == trainer && !index--)
            return assumptions[i].text;
    return NULL;
}

const struct lc_agreement *lc_trainer_agreement(size_t trainer)
{
    return trainer < TRAINER_COUNT && agreements[trainer].date ? &agreements[trainer]
                                                               : NULL;
}

bool lc_trainer_loads(size_t trainer, bool lines, bool mixed)
{
    unsigned form = !lines ? FORM_JSON : mixed ? FORM_MIXED_JSONL : FORM_JSONL;

    return trainer < TRAINER_COUNT && trainers[trainer].forms & form;
}

bool lc_trainer_takes_next(size_t trainer)
{
    return trainer < TRAINER_COUNT && trainers[trainer].by_next;
}

const char *lc_effect_name(enum lc_effect effect)
{
    static const char *const names[] = {
        [LC_EFFECT_FINE] = "fine",         [LC_EFFECT_UNKNOWN] = "unknown",
        [LC_EFFECT_ALTERED] = "altered",   [LC_EFFECT_DROPPED] = "dropped",
        [LC_EFFECT_REPLACED] = "replaced", [LC_EFFECT_CRASH] = "crash",
        [LC_EFFECT_REFUSED] = "refused",
    };

    return names[effect];
}

static const struct entry *find_entry(enum lc_case_index which, size_t trainer)
{
    for (size_t i = 0; i < trainers[trainer].count; i++)
        if (trainers[trainer].entries[i].which == which)
            return &trainers[trainer].entries[i];
    return NULL;
}

struct lc_rule_effect lc_case_effect_on(enum lc_case_index which, size_t trainer)
{
    static const struct lc_rule_effect unknown = {LC_EFFECT_UNKNOWN, NULL, NULL};
    const struct entry *found;

    if (which >= LC_CASE_COUNT || trainer >= TRAINER_COUNT)
        return unknown;
    while (!(found = find_entry(which, trainer)) && which != lc_cases[which].whole)
        which = lc_cases[which].whole;
    return found ? found->effect : unknown;
}

struct lc_rule_effect lc_rule_effect_on(const char *code, const char *rule_case,
                                        size_t trainer)
{
    return lc_case_effect_on(
        lc_case_index_of((struct lc_span){code, strlen(code)},
                         (struct lc_span){rule_case, strlen(rule_case)}),
        trainer);
}

struct lc_rule_effect lc_dialect_effect_on(struct lc_span dialect, size_t trainer,
                                           bool *all)
{
    *all = false;
    for (size_t i = 0; trainer < TRAINER_COUNT && i < trainers[trainer].reading_count;
         i++) {
        const struct reading *reading = &trainers[trainer].readings[i];

        if (!lc_span_is(dialect, reading->dialect))
            continue;
        *all = reading->all;
        return reading->effect;
    }
    return (struct lc_rule_effect){LC_EFFECT_FINE, NULL, NULL};
}

struct lc_rule_effect lc_trainer_dialect_effect(size_t trainer, const char *dialect,
                                                bool *all)
{
    return lc_dialect_effect_on((struct lc_span){dialect, strlen(dialect)}, trainer, all);
}

const char *lc_dialect_trainer(struct lc_span dialect)
{
    for (size_t i = 0; i < lc_dialect_count; i++)
        if (lc_span_is(dialect, lc_dialects[i].name) && lc_dialects[i].trainer)
            return lc_dialects[i].trainer;
    return LC_DEFAULT_TRAINER;
}
