/* The rules about tools, which few rows have: their calls and their descriptions. */
#include "rules/rules.h"

/* What a form of a call is, and how bad. */
static const struct {
    const char *what;
    enum lc_case_index which,
        disordered; /* disordered: LLaMA-Factory leaves the row out */
    enum lc_severity severity;
} forms[LC_CALL_FORMS] = {
    [LC_CALL_ABSENT] = {"is not a call", LC_CASE_CNV314_ABSENT,
                        LC_CASE_CNV314_ABSENT_DISORDERED, LC_SEVERITY_ERROR},
    [LC_CALL_LIST] = {"is a list of calls, which ms-swift does not read",
                      LC_CASE_CNV314_LIST, LC_CASE_CNV314_LIST, LC_SEVERITY_INFO},
    [LC_CALL_TAGGED] = {"has tags or a thought around the call, which ms-swift does not "
                        "read",
                        LC_CASE_CNV314_TAGGED, LC_CASE_CNV314_TAGGED, LC_SEVERITY_INFO},
    [LC_CALL_ARGUMENTS] = {"has arguments that ms-swift does not read",
                           LC_CASE_CNV314_ARGUMENTS, LC_CASE_CNV314_ARGUMENTS,
                           LC_SEVERITY_INFO},
    [LC_CALL_LOSSY] = {"has a call of which a part is lost", LC_CASE_CNV314_LOSSY,
                       LC_CASE_CNV314_LOSSY, LC_SEVERITY_WARNING},
    [LC_CALL_MEMBERS] = {"has a call with other members than name and arguments",
                         LC_CASE_CNV314_MEMBERS, LC_CASE_CNV314_MEMBERS,
                         LC_SEVERITY_WARNING},
    [LC_CALL_PARAMETERS] = {"has parameters in place of arguments",
                            LC_CASE_CNV314_PARAMETERS,
                            LC_CASE_CNV314_PARAMETERS_DISORDERED, LC_SEVERITY_WARNING},
    [LC_CALL_QUOTES] = {"is a Python dict, not JSON", LC_CASE_CNV314_QUOTES,
                        LC_CASE_CNV314_QUOTES_DISORDERED, LC_SEVERITY_WARNING},
    [LC_CALL_DICT] = {"is a Python dict, not JSON", LC_CASE_CNV314_DICT,
                      LC_CASE_CNV314_DICT_DISORDERED, LC_SEVERITY_WARNING},
    [LC_CALL_UNSURE] = {"is a call that programs may not read", LC_CASE_CNV314_ANY,
                        LC_CASE_CNV314_ANY, LC_SEVERITY_INFO},
};

/* Whether LLaMA-Factory takes a turn for a question or a result. A registry may have
 * other tags than the default ones, and then defines the roles of the dialect. */
static bool is_question(const struct lc_dialect *dialect, const struct lc_turn *turn)
{
    bool is_openai = lc_span_is(dialect->role_key, "\"role\"");

    if (dialect->revision &&
        (turn->role == LC_ROLE_HUMAN || turn->role == LC_ROLE_RESULT))
        return true;
    return lc_span_is(turn->from, is_openai ? "user" : "human") ||
           lc_span_is(turn->from, "observation");
}

/* The same for an answer or a call. */
static bool is_answer(const struct lc_dialect *dialect, const struct lc_turn *turn)
{
    bool is_openai = lc_span_is(dialect->role_key, "\"role\"");

    if (dialect->revision && (turn->role == LC_ROLE_GPT || turn->role == LC_ROLE_CALL))
        return true;
    return lc_span_is(turn->from, is_openai ? "assistant" : "gpt") ||
           lc_span_is(turn->from, "function_call");
}

/* The first turn after a system prompt. */
static size_t first_turn(const struct lc_row *row)
{
    return row->turns[0].role == LC_ROLE_SYSTEM ||
           lc_span_is(row->turns[0].from, "system");
}

/* Whether LLaMA-Factory leaves the row out before it reads any call. Source:
 * src/llamafactory/data/converter.py, SharegptDatasetConverter.__call__. */
static bool is_left_out(const struct lc_row *row)
{
    const struct lc_turn *turns = row->turns;
    size_t start = first_turn(row);

    for (size_t i = start; i < row->turn_count; i++)
        if ((i - start) % 2 ? !is_answer(row->dialect, &turns[i])
                            : !is_question(row->dialect, &turns[i]))
            return true;
    return (row->turn_count - start) % 2;
}

/* Report a call that no question precedes. */
static void emit_first(const struct lc_rule *rule, const struct lc_row *row, size_t turn,
                       struct lc_findings *out)
{
    struct lc_finding *finding =
        lc_emit(out, rule, "turn %zu is a call in place of a question", turn);

    lc_finding_turn(finding, row, turn);
    lc_finding_case(finding, LC_CASE_CNV314_FIRST);
    if (finding)
        finding->severity = LC_SEVERITY_WARNING;
}

/* Emit a finding for each form, about the turns that have it. Apart from its caller,
 * which then costs nothing in rows without calls. */
static __attribute__((noinline)) void
emit_calls(const struct lc_rule *rule, const struct lc_row *row, struct lc_findings *out)
{
    size_t counts[LC_CALL_FORMS] = {0}, firsts[LC_CALL_FORMS];
    size_t start;
    bool left_out;

    left_out = is_left_out(row);
    for (size_t i = row->turn_count; i-- > 0;) {
        counts[row->turns[i].call]++;
        firsts[row->turns[i].call] = i;
    }
    for (int form = LC_CALL_ABSENT; form < LC_CALL_FORMS; form++) {
        struct lc_finding *finding;

        if (!counts[form])
            continue;
        finding = counts[form] == 1
                      ? lc_emit(out, rule, "turn %zu %s", firsts[form], forms[form].what)
                      : lc_emit(out, rule, "turn %zu %s (and %zu more)", firsts[form],
                                forms[form].what, counts[form] - 1);
        lc_finding_turn(finding, row, firsts[form]);
        lc_finding_case(finding, left_out ? forms[form].disordered : forms[form].which);
        if (finding)
            finding->severity = forms[form].severity;
    }
    start = first_turn(row);
    if (start < row->turn_count && row->turns[start].call != LC_CALL_UNREAD)
        emit_first(rule, row, start, out);
}

void lc_check_CNV314(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->row->calls)
        emit_calls(rule, facts->row, out);
}

/* Whether the row has a system prompt. */
static bool has_system(const struct lc_row *row)
{
    return row->has_system || (row->turn_count && row->turns[0].role == LC_ROLE_SYSTEM);
}

void lc_check_ROW219(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    bool is_named = row->has_named_tools;
    enum lc_case_index which = LC_CASE_ROW219_ANY;
    const char *what;
    struct lc_finding *finding;

    switch (row->tools) {
    case LC_TOOLS_UNREAD:
        which = is_named ? LC_CASE_ROW219_NAMED : LC_CASE_ROW219_UNREAD;
        what = "tools cannot be read";
        break;
    case LC_TOOLS_OTHER:
        if (!is_named)
            return;
        which = LC_CASE_ROW219_FORM;
        what = "tools are not a text with a list in JSON";
        break;
    case LC_TOOLS_EMPTY:
        if (!is_named || has_system(row))
            return;
        which = LC_CASE_ROW219_EMPTY;
        what = "tools are a text with an empty list";
        break;
    case LC_TOOLS_UNSURE:
        what = "tools may be unreadable";
        break;
    default:
        return;
    }
    finding = lc_emit(out, rule, "%s", what);
    lc_finding_at(finding, row->tools_at);
    lc_finding_case(finding, which);
    if (finding && which == LC_CASE_ROW219_ANY)
        finding->severity = LC_SEVERITY_INFO;
}
