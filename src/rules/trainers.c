/* The effects of findings on training programs
 *
 * effects/TRAINER.def has a line for each rule, derived from the trainer's source code at
 * the commit given at its top: the effect, what happens, and where in the source. Cases
 * of the rule with other effects have lines of their own; the line for ANY covers all
 * others. A case without a line has the effect UNKNOWN.
 */
#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

/* An entry of a trainer's table: for a case of a rule, for rows of a dialect, or for
 * images in a format. */
struct entry {
    enum { OF_CASE, OF_DIALECT, OF_FORMAT } of;
    enum lc_case_index which;  /* OF_CASE */
    const char *name;          /* name of the dialect or the format */
    enum lc_affected affected; /* OF_DIALECT: the rows affected */
    struct lc_rule_effect effect;
};

#define LC_EFFECT(code, identifier, kind, what, source)                                  \
    {.of = OF_CASE,                                                                      \
     .which = LC_CASE_##code##_##identifier,                                             \
     .effect = {LC_EFFECT_##kind, what, source}},
#define LC_DIALECT(dialect, its_rows, kind, what, source)                                \
    {.of = OF_DIALECT,                                                                   \
     .name = #dialect,                                                                   \
     .affected = LC_AFFECTED_##its_rows,                                                 \
     .effect = {LC_EFFECT_##kind, what, source}},
#define LC_FORMAT(format, kind, what, source)                                            \
    {.of = OF_FORMAT, .name = #format, .effect = {LC_EFFECT_##kind, what, source}},

static const struct entry llava_15[] = {
#include "rules/effects/llava_15.def"
#include "rules/effects/archives.inc"
};

static const struct entry llava_next[] = {
#include "rules/effects/llava_next.def"
#include "rules/effects/archives.inc"
};

static const struct entry llava_next_qwen[] = {
#include "rules/effects/llava_next_qwen.def"
#include "rules/effects/archives.inc"
};

static const struct entry qwen_vl[] = {
#include "rules/effects/qwen_vl.def"
#include "rules/effects/archives.inc"
};

static const struct entry qwen_vl_series[] = {
#include "rules/effects/qwen_vl_series.def"
#include "rules/effects/archives.inc"
};

static const struct entry internvl[] = {
#include "rules/effects/internvl.def"
#include "rules/effects/archives.inc"
};

static const struct entry llama_factory[] = {
#include "rules/effects/llama_factory.def"
#include "rules/effects/archives.inc"
};

static const struct entry ms_swift[] = {
#include "rules/effects/ms_swift.def"
#include "rules/effects/archives.inc"
};

static const struct entry trl[] = {
#include "rules/effects/trl.def"
#include "rules/effects/archives.inc"
};

static const struct entry xtuner[] = {
#include "rules/effects/xtuner.def"
#include "rules/effects/archives.inc"
};

static const struct entry webdataset[] = {
#include "rules/effects/webdataset.def"
};

static const struct entry energon[] = {
#include "rules/effects/energon.def"
};

#undef LC_EFFECT
#undef LC_DIALECT
#undef LC_FORMAT

enum replacement {
    REPLACED_BY_OTHER,
    REPLACED_BY_NEXT,
    REPLACED_BY_DRAWN,
    REPLACED_BY_OWN,
};
enum {
    FORM_JSON = 1,
    FORM_JSONL = 2,
    FORM_MIXED_JSONL = 4,
    FORM_SHARDS = 8,
    FORM_ANY_LINES = 16
};

/* A trainer and its table. */
static const struct {
    struct lc_trainer_info info;
    unsigned forms;
    enum replacement replacement;
    const struct entry *entries;
    size_t count;
} trainers[] = {
#define LC_TRAINER(identifier, name, title, forms, reads, next, source)                  \
    {{name, title, source, reads},                                                       \
     forms,                                                                              \
     REPLACED_BY_##next,                                                                 \
     identifier,                                                                         \
     sizeof(identifier) / sizeof(identifier[0])},
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
#include "rules/agreement_shards.def"
#undef LC_AGREEMENT
};

const struct lc_trainer_info *lc_trainer_at(size_t index)
{
    return index < TRAINER_COUNT ? &trainers[index].info : NULL;
}

/* Read the number of tokens after a trainer's name. */
static enum lc_status read_limit(const char *text, size_t trainer, unsigned *out,
                                 struct lc_error *err)
{
    const unsigned most = 1000000000;
    size_t digits = strspn(text, "0123456789");
    unsigned long number = digits && digits <= 10 ? strtoul(text, NULL, 10) : 0;

    if (text[digits] || number < 1 || number > most)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "the token limit after the trainer's name and ':' must be a "
                       "number from 1 to %u",
                       most);
    if (!lc_trainer_length(trainer))
        return lc_fail(
            err, LC_ERR_USAGE, 0,
            "%s accepts no token limit: the length of its rows is not estimated",
            trainers[trainer].info.name);
    *out = (unsigned)number;
    return LC_OK;
}

enum lc_status lc_trainer_find(const char *text, size_t *out, unsigned *limit,
                               struct lc_error *err)
{
    size_t size = strcspn(text, ":");

    *limit = 0;
    for (size_t i = 0; i < TRAINER_COUNT; i++) {
        const struct lc_length_info *length = lc_trainer_length(i);

        if (!lc_span_is((struct lc_span){text, size}, trainers[i].info.name))
            continue;
        *out = i;
        *limit = length ? length->limit : 0;
        return text[size] ? read_limit(text + size + 1, i, limit, err) : LC_OK;
    }
    return lc_fail(err, LC_ERR_USAGE, 0, "unknown trainer");
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

bool lc_trainer_reads_lines(size_t trainer)
{
    return trainer < TRAINER_COUNT && trainers[trainer].forms & FORM_ANY_LINES;
}

bool lc_trainer_loads_shards(size_t trainer)
{
    return trainer < TRAINER_COUNT && trainers[trainer].forms & FORM_SHARDS;
}

bool lc_trainer_takes_next(size_t trainer)
{
    return trainer < TRAINER_COUNT && trainers[trainer].replacement == REPLACED_BY_NEXT;
}

bool lc_trainer_draws(size_t trainer)
{
    return trainer < TRAINER_COUNT && trainers[trainer].replacement == REPLACED_BY_DRAWN;
}

bool lc_trainer_stands_in(size_t trainer)
{
    return trainer < TRAINER_COUNT && trainers[trainer].replacement == REPLACED_BY_OWN;
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

static const struct entry *find_case(enum lc_case_index which, size_t trainer)
{
    for (size_t i = 0; i < trainers[trainer].count; i++)
        if (trainers[trainer].entries[i].of == OF_CASE &&
            trainers[trainer].entries[i].which == which)
            return &trainers[trainer].entries[i];
    return NULL;
}

struct lc_rule_effect lc_case_effect_on(enum lc_case_index which, size_t trainer)
{
    static const struct lc_rule_effect unknown = {LC_EFFECT_UNKNOWN, NULL, NULL};
    const struct entry *found;

    if (which >= LC_CASE_COUNT || trainer >= TRAINER_COUNT)
        return unknown;
    while (!(found = find_case(which, trainer)) && which != lc_cases[which].whole)
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

bool lc_next_dialect_effect(struct lc_span dialect, size_t trainer, size_t *at,
                            struct lc_dialect_effect *out)
{
    while (trainer < TRAINER_COUNT && *at < trainers[trainer].count) {
        const struct entry *entry = &trainers[trainer].entries[(*at)++];

        if (entry->of != OF_DIALECT || !lc_span_is(dialect, entry->name))
            continue;
        *out = (struct lc_dialect_effect){entry->affected, entry->effect};
        return true;
    }
    return false;
}

bool lc_trainer_tells_formats(size_t trainer)
{
    for (size_t i = 0; trainer < TRAINER_COUNT && i < trainers[trainer].count; i++)
        if (trainers[trainer].entries[i].of == OF_FORMAT)
            return true;
    return false;
}

struct lc_rule_effect lc_format_effect_on(struct lc_span format, size_t trainer)
{
    for (size_t i = 0; trainer < TRAINER_COUNT && i < trainers[trainer].count; i++) {
        const struct entry *entry = &trainers[trainer].entries[i];

        if (entry->of == OF_FORMAT && lc_span_is(format, entry->name))
            return entry->effect;
    }
    return (struct lc_rule_effect){LC_EFFECT_FINE, NULL, NULL};
}

struct lc_rule_effect lc_trainer_dialect_effect(size_t trainer, const char *dialect,
                                                bool *all)
{
    struct lc_span name = {dialect, strlen(dialect)};
    struct lc_dialect_effect of;
    size_t at = 0;

    while (lc_next_dialect_effect(name, trainer, &at, &of)) {
        *all = of.affected == LC_AFFECTED_ROWS || of.affected == LC_AFFECTED_FIRST;
        if (*all || of.affected == LC_AFFECTED_MEDIA)
            return of.effect;
    }
    *all = false;
    return (struct lc_rule_effect){LC_EFFECT_FINE, NULL, NULL};
}

const char *lc_dialect_trainer(struct lc_span dialect)
{
    for (size_t i = 0; i < lc_dialect_count; i++)
        if (lc_span_is(dialect, lc_dialects[i].name) && lc_dialects[i].trainer)
            return lc_dialects[i].trainer;
    return LC_DEFAULT_TRAINER;
}
