#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct lc_rule lc_rules[LC_RULE_COUNT] = {
#define LC_RULE(code, name, severity, scope, summary, why, fix, source)                  \
    [LC_RULE_##                                                                          \
        code] = {{#code, name, LC_SEVERITY_##severity, summary, why, fix, source},       \
                 LC_SCOPE_##scope},
#include "rules/rules.def"
#undef LC_RULE
};

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
        .severity = rule->info.severity,
        .turn = -1,
        .message = message,
    };
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
