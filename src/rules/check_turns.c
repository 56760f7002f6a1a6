/* CNV: the conversation. A check that cannot be made because an earlier one failed is
 * silent: what is about single turns looks at the turns that are well-formed, what is
 * about the conversation as a whole waits until all of them are. */
#include "rules/rules.h"

#include <stdio.h>

#define QUOTE_SIZE 48

/* Turns that have a fault, those with another dialect's keys or the others: their number,
 * and the first of them. */
static size_t count_faults(const struct lc_row *row, bool foreign, size_t *first)
{
    size_t count = 0;

    for (size_t i = row->turn_count; row->malformed && i-- > 0;) {
        if (!row->turns[i].fault || row->turns[i].foreign != foreign)
            continue;
        *first = i;
        count++;
    }
    return count;
}

/* Emit a finding about one turn, or the first of several. */
static void emit_turns(const struct lc_rule *rule, const struct lc_row *row, size_t first,
                       size_t count, const char *what, struct lc_findings *out)
{
    struct lc_finding *finding =
        count == 1
            ? lc_emit(out, rule, "turn %zu %s", first, what)
            : lc_emit(out, rule, "turn %zu %s (and %zu more)", first, what, count - 1);

    lc_finding_turn(finding, row, first);
}

void lc_check_CNV301(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0, count = count_faults(row, false, &first);

    if (count)
        emit_turns(rule, row, first, count, row->turns[first].fault, out);
}

void lc_check_CNV302(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0, count = row->others;
    char quote[QUOTE_SIZE], what[QUOTE_SIZE + 8];

    if (!count)
        return;
    while (row->turns[first].role != LC_ROLE_OTHER)
        first++;
    snprintf(what, sizeof(what), "is from %s",
             lc_text_quote(row->turns[first].from, quote, sizeof(quote)));
    emit_turns(rule, row, first, count, what, out);
}

/* The answers of a role: those of a tool take the place of questions, and calls of a tool
 * that of answers. */
static bool is_answer(enum lc_role role)
{
    return role == LC_ROLE_GPT || role == LC_ROLE_CALL;
}

/* The first turn after a system prompt. */
static size_t first_turn(const struct lc_row *row)
{
    return row->turn_count && row->turns[0].role == LC_ROLE_SYSTEM;
}

/* Whether a turn follows one that it must not follow. Strictly, questions and answers
 * alternate; elsewhere only two questions, or two answers that are texts, are suspicious:
 * tools may be called and answer several times in a row. */
static bool is_out_of_turn(const struct lc_row *row, size_t start, size_t i)
{
    enum lc_role role = row->turns[i].role;

    if (row->dialect->must_alternate)
        return role == LC_ROLE_SYSTEM || is_answer(role) != ((i - start) % 2 == 1);
    return i && role == row->turns[i - 1].role &&
           (role == LC_ROLE_HUMAN || role == LC_ROLE_GPT);
}

void lc_check_CNV303(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    const struct lc_role_name *usual = row->dialect->roles;
    size_t start;

    if (!lc_row_is_whole(row) || row->others)
        return;
    if (!row->repeated && row->systems <= first_turn(row))
        return;
    /* an answer may be the first: then the turns alternate all the same */
    start = first_turn(row);
    if (start < row->turn_count && is_answer(row->turns[start].role))
        start++;
    for (size_t i = start; i < row->turn_count; i++) {
        bool wanted = !is_answer(row->turns[i].role);
        struct lc_finding *finding;
        struct lc_span name;

        if (!is_out_of_turn(row, start, i))
            continue;
        if (row->turns[i].role == LC_ROLE_SYSTEM)
            wanted = (i - start) % 2 == 1;
        name = lc_unquoted(usual[wanted].name);
        finding = lc_emit(out, rule, "turn %zu is from %.*s, expected %.*s", i,
                          (int)row->turns[i].from.size, row->turns[i].from.text,
                          (int)name.size, name.text);
        lc_finding_turn(finding, row, i);
        if (finding && !row->dialect->must_alternate)
            finding->severity = LC_SEVERITY_WARNING;
        return;
    }
}

void lc_check_CNV304(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = first_turn(row);

    if (lc_row_is_whole(row) && first < row->turn_count &&
        is_answer(row->turns[first].role))
        lc_finding_turn(lc_emit(out, rule, "turn %zu is from %.*s", first,
                                (int)row->turns[first].from.size,
                                row->turns[first].from.text),
                        row, first);
}

/* Whether a row has a column for its answer: a registry may name one for prompts alone,
 * as pre-training has them. */
static bool has_answer_column(const struct lc_row *row)
{
    return row->dialect->layout == LC_LAYOUT_TURNS ||
           row->dialect->columns[LC_COLUMN_RESPONSE][0].size;
}

void lc_check_CNV305(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    struct lc_finding *finding;
    size_t last = row->turn_count - 1, answer = 0;

    /* of preference data the answers are in columns of their own */
    if (!lc_row_is_whole(row) || row->has_preference || !has_answer_column(row) ||
        is_answer(row->turns[last].role) || row->turns[last].role == LC_ROLE_OTHER ||
        row->turns[last].role == LC_ROLE_WHOLE)
        return;
    while (answer < row->turn_count && !is_answer(row->turns[answer].role))
        answer++;
    if (answer < row->turn_count) {
        finding = lc_emit(out, rule, "turn %zu has no answer", last);
    } else {
        finding = lc_emit(out, rule, "the row has no answer at all");
        /* elsewhere it may be a prompt, to which training finds the answers */
        if (finding && !row->dialect->is_modern)
            finding->severity = LC_SEVERITY_ERROR;
    }
    lc_finding_turn(finding, row, last);
}

void lc_check_CNV306(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0;

    if (!row->blank)
        return;
    while (row->turns[first].fault || !lc_turn_is_blank(&row->turns[first]))
        first++;
    emit_turns(rule, row, first, row->blank, "has no text", out);
}

void lc_check_CNV307(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (lc_row_is_whole(row) && !row->words && row->blank == row->turn_count)
        lc_finding_at(lc_emit(out, rule, "%zu turn%s without any text", row->turn_count,
                              row->turn_count == 1 ? "" : "s"),
                      row->turns_at);
}

void lc_check_CNV308(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0, count = row->foreign ? count_faults(row, true, &first) : 0;

    if (count)
        emit_turns(rule, row, first, count,
                   lc_span_is(row->dialect->role_key, "\"role\"")
                       ? "has from and value"
                       : "has role and content",
                   out);
}

/* The well-formed turns that have a mark: their number, and the first of them. */
static size_t count_marked(const struct lc_row *row, enum lc_turn_mark mark,
                           size_t *first)
{
    size_t count = 0;

    for (size_t i = row->turn_count; row->marks & mark && i-- > 0;) {
        if (row->turns[i].fault || !(row->turns[i].marks & mark))
            continue;
        *first = i;
        count++;
    }
    return count;
}

void lc_check_CNV309(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0, count = count_marked(row, LC_TURN_TEMPLATE, &first);
    char quote[QUOTE_SIZE], what[QUOTE_SIZE + 8];

    if (!count)
        return;
    snprintf(
        what, sizeof(what), "contains %s",
        lc_text_quote(lc_turn_find(&row->turns[first], row->dialect, LC_TURN_TEMPLATE),
                      quote, sizeof(quote)));
    emit_turns(rule, row, first, count, what, out);
}

void lc_check_CNV310(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0, count = count_marked(row, LC_TURN_DAMAGED, &first);
    struct lc_character c;
    char what[64];

    if (!count)
        return;
    c = lc_text_character(
        lc_turn_find(&row->turns[first], row->dialect, LC_TURN_DAMAGED).text);
    if (c.point == 0xFFFD)
        snprintf(what, sizeof(what),
                 "contains U+FFFD, the replacement for a lost character");
    else if (c.point < 0xA0)
        snprintf(what, sizeof(what), "contains the control character U+%04X",
                 (unsigned)c.point);
    else
        snprintf(what, sizeof(what), "contains UTF-8 that was decoded as Latin-1");
    emit_turns(rule, row, first, count, what, out);
}

void lc_check_CNV311(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (lc_row_is_whole(row) && row->echo < row->turn_count)
        lc_finding_turn(lc_emit(out, rule,
                                "turn %zu repeats its question or an earlier answer",
                                row->echo),
                        row, row->echo);
}

void lc_check_CNV312(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0, count = 0;

    for (size_t i = row->turn_count; row->marks & LC_TURN_BARE && i-- > 0;) {
        const struct lc_turn *turn = &row->turns[i];

        if (turn->fault || turn->role != LC_ROLE_HUMAN || !(turn->marks & LC_TURN_BARE))
            continue;
        first = i;
        count++;
    }
    if (count)
        emit_turns(rule, row, first, count, "asks nothing", out);
}
