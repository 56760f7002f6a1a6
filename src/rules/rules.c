#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A code consists of the letters of its family and digits: JSN101. */
enum { FAMILY_SIZE = 3, CODE_SIZE = 6 };

const struct lc_rule lc_rules[LC_RULE_COUNT] = {
#define LC_RULE(code, name, severity, scope, summary, why, fix, source)                  \
    [LC_RULE_##                                                                          \
        code] = {{#code, name, LC_SEVERITY_##severity, summary, why, fix, source},       \
                 LC_SCOPE_##scope},
#define LC_CASE(...)
#include "rules/rules.def"
#undef LC_RULE
#undef LC_CASE
};

const struct lc_case lc_cases[LC_CASE_COUNT] = {
#define LC_RULE(code, ...) {LC_RULE_##code, LC_CASE_##code##_ANY, {"", ""}},
#define LC_CASE(code, identifier, name, summary)                                         \
    LC_CASE_OF(code, ANY, identifier, name, summary)
#define LC_CASE_OF(code, whole, identifier, name, summary)                               \
    {LC_RULE_##code, LC_CASE_##code##_##whole, {name, summary}},
#include "rules/rules.def"
#undef LC_RULE
#undef LC_CASE
};

/* LC_CASE_<code>_ANY of each rule; its other cases follow it. */
static const enum lc_case_index any_case[LC_RULE_COUNT] = {
#define LC_RULE(code, ...) LC_CASE_##code##_ANY,
#define LC_CASE(...)
#include "rules/rules.def"
#undef LC_RULE
#undef LC_CASE
};

const struct lc_case_info *lc_rule_case_at(const char *code, size_t index)
{
    enum lc_rule_index rule = lc_rule_index_of((struct lc_span){code, strlen(code)});
    size_t at;

    if (rule == LC_RULE_COUNT)
        return NULL;
    at = any_case[rule] + 1 + index;
    return at < LC_CASE_COUNT && lc_cases[at].rule == rule ? &lc_cases[at].info : NULL;
}

/* Rules are in the order of their numbers, and a number is not used in two families. */
enum lc_rule_index lc_rule_index_of(struct lc_span code)
{
    size_t low = 0, high = LC_RULE_COUNT;

    if (code.size != CODE_SIZE)
        return LC_RULE_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *other = lc_rules[middle].info.code;
        int order =
            memcmp(code.text + FAMILY_SIZE, other + FAMILY_SIZE, CODE_SIZE - FAMILY_SIZE);

        if (order == 0)
            return memcmp(code.text, other, FAMILY_SIZE) == 0 ? (enum lc_rule_index)middle
                                                              : LC_RULE_COUNT;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return LC_RULE_COUNT;
}

enum lc_case_index lc_case_index_of(struct lc_span code, struct lc_span name)
{
    enum lc_rule_index rule = lc_rule_index_of(code);

    if (rule == LC_RULE_COUNT)
        return LC_CASE_COUNT;
    for (size_t i = any_case[rule] + 1;
         name.size && i < LC_CASE_COUNT && lc_cases[i].rule == rule; i++)
        if (lc_span_is(name, lc_cases[i].info.name))
            return (enum lc_case_index)i;
    return any_case[rule];
}

bool lc_case_has(enum lc_case_index which, unsigned traits)
{
    static const uint8_t of_rules[LC_RULE_COUNT] = {
#define LC_TRAITS(code, traits) [LC_RULE_##code] = (traits),
#define LC_CASE_TRAITS(...)
#include "rules/traits.def"
#undef LC_TRAITS
#undef LC_CASE_TRAITS
    };

    switch (which) {
#define LC_TRAITS(...)
#define LC_CASE_TRAITS(code, identifier, of_case)                                        \
    case LC_CASE_##code##_##identifier:                                                  \
        return ((of_case)&traits) != 0;
#include "rules/traits.def"
#undef LC_TRAITS
#undef LC_CASE_TRAITS
    default:
        return which < LC_CASE_COUNT && (of_rules[lc_cases[which].rule] & traits) != 0;
    }
}

const char *lc_rule_case_whole(const char *code, const char *rule_case)
{
    enum lc_case_index which =
        lc_case_index_of((struct lc_span){code, strlen(code)},
                         (struct lc_span){rule_case, strlen(rule_case)});

    return which < LC_CASE_COUNT ? lc_cases[lc_cases[which].whole].info.name : "";
}

const struct lc_rule_info *lc_rule_at(size_t index)
{
    return index < LC_RULE_COUNT ? &lc_rules[index].info : NULL;
}

const struct lc_rule_info *lc_rule_find(const char *code_or_name)
{
    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        if (strcasecmp(lc_rules[i].info.code, code_or_name) == 0 ||
            strcasecmp(lc_rules[i].info.name, code_or_name) == 0)
            return &lc_rules[i].info;
    return NULL;
}

struct lc_finding *lc_emit(struct lc_findings *out, const struct lc_rule *rule,
                           const char *format, ...)
{
    struct lc_finding *items, *finding;
    enum lc_status status;
    size_t message = out->text.size;
    va_list args;

    items = lc_array_grow(out->items, out->count, &out->capacity, sizeof(*items));
    if (!items) {
        out->failed = true;
        return NULL;
    }
    out->items = items;
    va_start(args, format);
    status = lc_buffer_vprintf(&out->text, NULL, format, args);
    va_end(args);
    if (status == LC_OK)
        status = lc_buffer_add(&out->text, "", 1, NULL);
    if (status != LC_OK) {
        out->failed = true;
        return NULL;
    }
    finding = &items[out->count++];
    *finding = (struct lc_finding){
        .rule = (enum lc_rule_index)(rule - lc_rules),
        .which = any_case[rule - lc_rules],
        .severity = rule->info.severity,
        .turn = -1,
        .message = message,
    };
    return finding;
}

struct lc_finding *lc_finding_case(struct lc_finding *finding, enum lc_case_index which)
{
    if (finding)
        finding->which = which;
    return finding;
}

void lc_finding_at(struct lc_finding *finding, uint32_t offset)
{
    if (finding)
        finding->offset = offset;
}

void lc_finding_turn(struct lc_finding *finding, const struct lc_row *row, size_t turn)
{
    if (!finding)
        return;
    finding->turn = (int64_t)turn;
    lc_finding_at(finding, row->turns[turn].at);
}

void lc_findings_reset(struct lc_findings *findings)
{
    findings->count = 0;
    findings->text.size = 0;
    findings->failed = false;
}

void lc_findings_clear(struct lc_findings *findings)
{
    if (!findings)
        return;
    free(findings->items);
    lc_buffer_clear(&findings->text);
    *findings = (struct lc_findings){0};
}
