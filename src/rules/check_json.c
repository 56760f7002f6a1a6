#include "rules/rules.h"

#include <stdio.h>

/* Emit the problem when it is the fault that a rule is about. */
static void problem_is(const struct lc_rule *rule, const struct lc_facts *facts,
                       enum lc_json_fault fault, struct lc_findings *out)
{
    const struct lc_json_problem *problem = facts->problem;

    if (problem && problem->fault == fault)
        lc_finding_at(lc_emit(out, rule, "%s", problem->message), problem->offset);
}

void lc_check_JSN101(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_SYNTAX, out);
}

void lc_check_JSN102(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_CUT_OFF, out);
}

void lc_check_JSN103(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_NOT_ROWS, out);
}

void lc_check_JSN104(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_LFS_POINTER, out);
}

void lc_check_JSN105(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_NOT_UTF8, out);
}

void lc_check_JSN106(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_BOM, out);
}

void lc_check_JSN107(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->doc && facts->doc->nan_offset >= 0)
        lc_finding_at(lc_emit(out, rule, "only Python accepts this number"),
                      (uint32_t)facts->doc->nan_offset);
}

void lc_check_JSN108(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->doc && facts->doc->surrogate_offset >= 0)
        lc_finding_at(lc_emit(out, rule, "half of a surrogate pair"),
                      (uint32_t)facts->doc->surrogate_offset);
}

void lc_check_JSN109(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    char quote[80];

    if (row->duplicate_key.text)
        lc_finding_at(lc_emit(out, rule, "the key %s is repeated in its object",
                              lc_text_quote(row->duplicate_key, quote, sizeof(quote))),
                      row->duplicate_key_at);
}

void lc_check_JSN110(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_NO_ROWS, out);
}

void lc_check_JSN111(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_SPLIT_ROW, out);
}

void lc_check_JSN112(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_TOO_DEEP, out);
}

void lc_check_JSN113(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    size_t before = out->count;

    problem_is(rule, facts, LC_JSON_BLANK_LINE, out);
    /* Arrow, which reads these for LLaMA-Factory and ms-swift, skips it; xtuner raises */
    if (out->count > before && facts->dialect && facts->dialect->is_modern)
        out->items[before].severity = LC_SEVERITY_WARNING;
}

void lc_check_JSN114(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_line_space *space = facts->space;

    if (space)
        lc_finding_at(lc_emit(out, rule, "U+%04X at the %s of the line",
                              (unsigned)space->point, space->offset ? "end" : "start"),
                      space->offset);
}

static const char *name_value_type(enum lc_value_type type)
{
    static const char *const names[] = {
        [LC_VALUE_NUMBER] = "a number",   [LC_VALUE_STRING] = "a string",
        [LC_VALUE_BOOLEAN] = "a boolean", [LC_VALUE_LIST] = "a list",
        [LC_VALUE_OBJECT] = "an object",
    };

    return names[type];
}

void lc_check_JSN115(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_column_facts *column = facts->column;
    char quote[120], row[40] = "the same row";

    if (!column)
        return;
    if (!column->is_same_row)
        snprintf(row, sizeof(row), "row %llu", (unsigned long long)column->row);
    lc_emit(out, rule, "%s is %s, but %s in %s, line %llu",
            lc_text_quote(column->name, quote, sizeof(quote)),
            name_value_type(column->type), name_value_type(column->first), row,
            (unsigned long long)column->line);
}
