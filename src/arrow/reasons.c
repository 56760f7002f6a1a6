#include "arrow/reasons.h"

#include <stdlib.h>
#include <string.h>

/* No case; a value whose two bytes are equal, so that memset can fill an array with
 * it. */
#define NONE UINT16_MAX

/* Size of the cache of cases. */
#define KNOWN 32

struct lc_reasons {
    struct lc_effects effects;
    enum lc_case_index known[KNOWN]; /* cache, indexed by the end of the rule's code */
    uint16_t *by_row;   /* by row: the case of its worst finding that counts, or NONE */
    uint16_t *by_image; /* by image: the same */
    uint64_t images;
};

/* Find a case. It is cached, as most findings belong to a few cases. */
static enum lc_case_index find_case(struct lc_reasons *reasons, struct lc_span rule,
                                    struct lc_span rule_case)
{
    unsigned at = (unsigned)rule_case.size;
    enum lc_case_index which;

    for (size_t i = rule.size > 2 ? rule.size - 2 : 0; i < rule.size; i++)
        at = at * 10 + (unsigned char)rule.text[i];
    which = reasons->known[at % KNOWN];
    if (which < LC_CASE_COUNT && lc_span_is(rule_case, lc_cases[which].info.name) &&
        lc_span_is(rule, lc_rules[lc_cases[which].rule].info.code))
        return which;
    return reasons->known[at % KNOWN] = lc_case_index_of(rule, rule_case);
}

/* Keep the case with the worse effect; if both are equal, the earlier one. */
static void note_case(const struct lc_reasons *reasons, uint16_t *noted, uint16_t which)
{
    const struct lc_rule_effect *by_case = reasons->effects.by_case;

    if (*noted == NONE || by_case[which].effect > by_case[*noted].effect)
        *noted = which;
}

struct lc_rule_effect lc_reasons_effect_of(struct lc_reasons *reasons,
                                           const struct lc_finding_entry *finding,
                                           enum lc_case_index *which)
{
    const struct lc_finding_record record = {
        .kind = finding->kind,
        .rule = finding->rule,
        .rule_case = finding->rule_case,
        .file = finding->file_number >= 0 ? (uint32_t)finding->file_number : 0,
        .row = finding->row,
        .image = finding->image_number >= 0 ? (uint32_t)finding->image_number : 0,
    };

    *which = find_case(reasons, finding->rule, finding->rule_case);
    return lc_effects_of_case(&reasons->effects, *which, &record);
}

static enum lc_status note_findings(struct lc_reasons *reasons,
                                    const struct lc_index *index, struct lc_error *err)
{
    struct lc_finding_iterator *iterator = NULL;
    const struct lc_finding_entry *finding = NULL;
    enum lc_status status = lc_finding_iterator_new(index, NULL, &iterator, err);

    while (status == LC_OK) {
        enum lc_case_index which;
        struct lc_rule_effect effect;

        status = lc_finding_next(iterator, &finding, err);
        if (status != LC_OK || !finding)
            break;
        effect = lc_reasons_effect_of(reasons, finding, &which);
        if (effect.effect != reasons->effects.by_case[which].effect)
            continue; /* something else decides */
        if (finding->row_number >= 0 &&
            (uint64_t)finding->row_number < reasons->effects.row_count)
            note_case(reasons, &reasons->by_row[finding->row_number], (uint16_t)which);
        if (finding->image_number >= 0 &&
            (uint64_t)finding->image_number < reasons->images)
            note_case(reasons, &reasons->by_image[finding->image_number],
                      (uint16_t)which);
    }
    lc_finding_iterator_free(iterator);
    return status;
}

/* Allocate an array of cases, all NONE. */
static uint16_t *make_cases(uint64_t count)
{
    uint16_t *cases = calloc((size_t)count + 1, sizeof(*cases));

    if (cases)
        memset(cases, 0xFF, ((size_t)count + 1) * sizeof(*cases));
    return cases;
}

static enum lc_status find_reasons(struct lc_reasons *reasons,
                                   const struct lc_index *index, struct lc_error *err)
{
    reasons->images = lc_index_summary(index)->images_referenced;
    reasons->by_row = make_cases(reasons->effects.row_count);
    reasons->by_image = make_cases(reasons->images);
    if (!reasons->by_row || !reasons->by_image)
        return lc_fail_memory(err);
    return note_findings(reasons, index, err);
}

enum lc_status lc_reasons_new(const struct lc_index *index,
                              const struct lc_prediction *prediction, bool of_rows,
                              struct lc_reasons **out, struct lc_error *err)
{
    struct lc_reasons *reasons = calloc(1, sizeof(*reasons));
    enum lc_status status;

    if (!reasons)
        return lc_fail_memory(err);
    status =
        lc_effects_copy(&prediction->effects[prediction->chosen], &reasons->effects, err);
    if (status == LC_OK && of_rows)
        status = find_reasons(reasons, index, err);
    if (status == LC_OK)
        *out = reasons;
    else
        lc_reasons_free(reasons);
    return status;
}

void lc_reasons_free(struct lc_reasons *reasons)
{
    if (!reasons)
        return;
    lc_effects_clear(&reasons->effects);
    free(reasons->by_row);
    free(reasons->by_image);
    free(reasons);
}

enum lc_effect lc_reasons_effect(const struct lc_reasons *reasons, uint64_t row)
{
    return row < reasons->effects.row_count ? (enum lc_effect)reasons->effects.rows[row]
                                            : LC_EFFECT_UNKNOWN;
}

/* Whether a case explains an effect on a row. A row also stops the job if a finding
 * causes it to be replaced and the replacement fails itself. */
static bool explains(const struct lc_reasons *reasons, uint16_t which,
                     enum lc_effect effect)
{
    enum lc_effect own;

    if (which == NONE)
        return false;
    own = reasons->effects.by_case[which].effect;
    return own == effect || (effect == LC_EFFECT_CRASH && own == LC_EFFECT_REPLACED);
}

enum lc_case_index lc_reasons_case(const struct lc_reasons *reasons,
                                   const struct lc_row_entry *row)
{
    enum lc_effect effect = lc_reasons_effect(reasons, row->number);
    uint16_t which;

    if (effect == LC_EFFECT_FINE || row->number >= reasons->effects.row_count)
        return LC_CASE_COUNT;
    which = reasons->by_row[row->number];
    for (size_t i = 0; i < row->image_count && !explains(reasons, which, effect); i++)
        if (row->images[i].number < reasons->images)
            which = reasons->by_image[row->images[i].number];
    return explains(reasons, which, effect) ? (enum lc_case_index)which : LC_CASE_COUNT;
}

const char *lc_reasons_what(const struct lc_reasons *reasons, enum lc_case_index which)
{
    return reasons->effects.by_case[which].what;
}
