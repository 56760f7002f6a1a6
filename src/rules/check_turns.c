/* CNV: the conversation. If an earlier check failed, checks that depend on it are silent:
 * those about single turns look only at well-formed turns, and those about the whole
 * conversation require all turns to be well-formed. */
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define QUOTE_SIZE 48

/* Emit a finding about one turn, or about the first of several. */
static struct lc_finding *emit_turns(const struct lc_rule *rule, const struct lc_row *row,
                                     size_t first, size_t count, const char *what,
                                     struct lc_findings *out)
{
    struct lc_finding *finding =
        count == 1
            ? lc_emit(out, rule, "turn %zu %s", first, what)
            : lc_emit(out, rule, "turn %zu %s (and %zu more)", first, what, count - 1);

    lc_finding_turn(finding, row, first);
    return finding;
}

/* The turns of a row that have a fault of one case: their number, and the first one. */
struct tally {
    size_t count;
    size_t first;
};

#define MOST_CASES 48

_Static_assert(LC_CASE_CNV302_ANY - LC_CASE_CNV301_ANY <= MOST_CASES &&
                   LC_CASE_CNV307_ANY - LC_CASE_CNV306_ANY <= MOST_CASES &&
                   LC_CASE_CNV310_ANY - LC_CASE_CNV309_ANY <= MOST_CASES,
               "tallies have a place for every case");

static void count_turn(struct tally *tally, size_t turn)
{
    if (!tally->count++)
        tally->first = turn;
}

/* Whether the roles alternate between question and answer, in whole rounds, after an
 * optional system prompt. */
static bool has_roles_in_order(const struct lc_row *row)
{
    size_t start = row->turn_count && lc_span_is(row->turns[0].from, "system");

    for (size_t i = start; i < row->turn_count; i++)
        if (row->turns[i].role != ((i - start) % 2 ? LC_ROLE_GPT : LC_ROLE_HUMAN))
            return false;
    return (row->turn_count - start) % 2 == 0;
}

/* The sub-case for a turn without a text, if the roles of its row are out of order. */
static enum lc_case_index case_out_of_order(enum lc_case_index which)
{
    switch (which) {
    case LC_CASE_CNV301_NO_VALUE:
        return LC_CASE_CNV301_NO_VALUE_DISORDERED;
    case LC_CASE_CNV301_NO_VALUE_BORROWED:
        return LC_CASE_CNV301_BORROWED_DISORDERED;
    case LC_CASE_CNV301_NULL_QUESTION:
        return LC_CASE_CNV301_NULL_QUESTION_DISORDERED;
    case LC_CASE_CNV301_NULL_ANSWER:
        return LC_CASE_CNV301_NULL_ANSWER_DISORDERED;
    default:
        return which;
    }
}

/* The sub-case for an answer that is a number, if the questions of its row do not have
 * one placeholder for each image: no other rule counts them in such a row. */
static enum lc_case_index case_of_miscount(enum lc_case_index which,
                                           const struct lc_row *row)
{
    if (row->human_placeholders[LC_MEDIUM_IMAGE] ==
        lc_row_media_count(row, LC_MEDIUM_IMAGE))
        return which;
    switch (which) {
    case LC_CASE_CNV301_NUMBER_ANSWER:
        return LC_CASE_CNV301_NUMBER_MISCOUNTED;
    case LC_CASE_CNV301_ZERO_ANSWER:
        return LC_CASE_CNV301_ZERO_MISCOUNTED;
    case LC_CASE_CNV301_NAN_ANSWER:
        return LC_CASE_CNV301_NAN_MISCOUNTED;
    default:
        return which;
    }
}

/* The case for a malformed turn. Any turn but an answer counts as a question. */
static enum lc_case_index case_of_fault(const struct lc_turn *turn)
{
    bool answer = turn->role == LC_ROLE_GPT;

    switch (turn->fault_kind) {
    case LC_TURN_NOT_OBJECT:
        return LC_CASE_CNV301_NOT_OBJECT;
    case LC_TURN_NO_TEXT:
        return turn->from.text && turn->borrowed ? LC_CASE_CNV301_NO_VALUE_BORROWED
               : turn->from.text                 ? LC_CASE_CNV301_NO_VALUE
                                                 : LC_CASE_CNV301_NEITHER;
    case LC_TURN_NULL_TEXT:
        return answer                             ? LC_CASE_CNV301_NULL_ANSWER
               : lc_span_is(turn->from, "system") ? LC_CASE_CNV301_NULL_SYSTEM
                                                  : LC_CASE_CNV301_NULL_QUESTION;
    case LC_TURN_NUMBER_TEXT:
        return answer                             ? LC_CASE_CNV301_NUMBER_ANSWER
               : lc_span_is(turn->from, "system") ? LC_CASE_CNV301_NUMBER_SYSTEM
                                                  : LC_CASE_CNV301_NUMBER_QUESTION;
    case LC_TURN_ZERO_TEXT:
        return answer ? LC_CASE_CNV301_ZERO_ANSWER : LC_CASE_CNV301_ZERO_QUESTION;
    case LC_TURN_NAN_TEXT:
        return answer ? LC_CASE_CNV301_NAN_ANSWER : LC_CASE_CNV301_NAN_QUESTION;
    case LC_TURN_FALSE_TEXT:
        return answer ? LC_CASE_CNV301_FALSE_ANSWER : LC_CASE_CNV301_FALSE_QUESTION;
    case LC_TURN_VOID_TEXT:
        return answer ? LC_CASE_CNV301_VOID_ANSWER : LC_CASE_CNV301_VOID_QUESTION;
    case LC_TURN_PARTS_TEXT:
        return answer ? LC_CASE_CNV301_PARTS_ANSWER : LC_CASE_CNV301_PARTS_QUESTION;
    case LC_TURN_OTHER_TEXT:
        return answer                             ? LC_CASE_CNV301_OTHER_ANSWER
               : lc_span_is(turn->from, "system") ? LC_CASE_CNV301_OTHER_SYSTEM
                                                  : LC_CASE_CNV301_OTHER_QUESTION;
    case LC_TURN_EMPTY_ANSWER:
        return LC_CASE_CNV301_COLUMN_EMPTY;
    case LC_TURN_LISTED_ANSWER:
        return LC_CASE_CNV301_COLUMN_LIST;
    case LC_TURN_NUMBER_QUERY:
        return LC_CASE_CNV301_NUMBER_QUERY;
    case LC_TURN_OTHER_QUERY:
        return LC_CASE_CNV301_OTHER_QUERY;
    case LC_TURN_BAD_PART:
        return LC_CASE_CNV301_PART;
    case LC_TURN_NO_ROLE:
        return turn->borrowed ? LC_CASE_CNV301_NO_FROM_BORROWED : LC_CASE_CNV301_NO_FROM;
    case LC_TURN_OTHER_ROLE:
        return turn->placeholders[LC_MEDIUM_IMAGE] ? LC_CASE_CNV301_OTHER_FROM_TAGGED
                                                   : LC_CASE_CNV301_OTHER_FROM;
    case LC_TURN_NESTED_ROLE:
        return turn->placeholders[LC_MEDIUM_IMAGE] ? LC_CASE_CNV301_NESTED_FROM_TAGGED
                                                   : LC_CASE_CNV301_NESTED_FROM;
    case LC_TURN_WELL_FORMED:
        break;
    }
    return LC_CASE_CNV301_ANY;
}

/* The case for an answer in a column of its own. */
static enum lc_case_index case_in_column(const struct lc_row *row, size_t turn,
                                         enum lc_case_index which)
{
    bool is_column =
        row->dialect->layout == LC_LAYOUT_COLUMNS && turn + 1 == row->turn_count;

    if (is_column && which == LC_CASE_CNV301_OTHER_ANSWER)
        return LC_CASE_CNV301_COLUMN_ANSWER;
    if (is_column && which == LC_CASE_CNV301_VOID_ANSWER)
        return LC_CASE_CNV301_COLUMN_VOID;
    return which;
}

/* Report parts that are strings: some programs read them as text, others fail. */
static void emit_bare_parts(const struct lc_rule *rule, const struct lc_row *row,
                            struct lc_findings *out)
{
    struct tally tally = {0, 0};
    struct lc_finding *finding;

    for (size_t i = 0; i < row->turn_count; i++)
        if (row->turns[i].bare_part && !row->turns[i].fault)
            count_turn(&tally, i);
    if (!tally.count)
        return;
    finding = emit_turns(rule, row, tally.first, tally.count,
                         "has a part that is a string, not an object", out);
    if (finding)
        finding->severity = LC_SEVERITY_WARNING;
    lc_finding_case(finding, LC_CASE_CNV301_PART);
}

void lc_check_CNV301(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    struct tally tallies[MOST_CASES] = {{0, 0}};
    bool in_order = row->malformed > row->foreign && has_roles_in_order(row);

    for (size_t i = 0; row->malformed > row->foreign && i < row->turn_count; i++) {
        enum lc_case_index which = case_in_column(row, i, case_of_fault(&row->turns[i]));

        which = case_of_miscount(in_order ? which : case_out_of_order(which), row);
        if (row->turns[i].fault && !row->turns[i].foreign)
            count_turn(&tallies[which - LC_CASE_CNV301_ANY], i);
    }
    for (int i = 0; row->malformed > row->foreign && i < MOST_CASES; i++)
        if (tallies[i].count)
            lc_finding_case(emit_turns(rule, row, tallies[i].first, tallies[i].count,
                                       row->turns[tallies[i].first].fault, out),
                            LC_CASE_CNV301_ANY + i);
    if (row->bare_parts && !tallies[LC_CASE_CNV301_PART - LC_CASE_CNV301_ANY].count)
        emit_bare_parts(rule, row, out);
}

/* What the name of an unknown role means in other programs, in the order of the cases. */
enum role_name {
    NAME_USER,
    NAME_ANSWER,
    NAME_CASED_USER,
    NAME_CASED_ANSWER,
    NAME_SYSTEM,
    NAME_TOOL,
    NAME_OTHER,
    NAME_COUNT
};

static enum role_name name_of_role(struct lc_span from)
{
    static const struct {
        const char *name;
        enum role_name is, cased;
    } names[] = {
        {"human", NAME_USER, NAME_CASED_USER},
        {"user", NAME_USER, NAME_CASED_USER},
        {"gpt", NAME_ANSWER, NAME_CASED_ANSWER},
        {"assistant", NAME_ANSWER, NAME_CASED_ANSWER},
        {"bot", NAME_ANSWER, NAME_CASED_ANSWER},
        {"model", NAME_ANSWER, NAME_CASED_ANSWER},
        {"chatgpt", NAME_ANSWER, NAME_CASED_ANSWER},
        {"system", NAME_SYSTEM, NAME_OTHER},
        {"observation", NAME_TOOL, NAME_OTHER},
        {"function_call", NAME_TOOL, NAME_OTHER},
        {"tool", NAME_TOOL, NAME_OTHER},
        {"tool_call", NAME_TOOL, NAME_OTHER},
        {"tool_response", NAME_TOOL, NAME_OTHER},
    };

    struct lc_span name = from; /* without the white space around it */

    while (name.size && name.text[0] && strchr(" \t\r\n", name.text[0])) {
        name.text++;
        name.size--;
    }
    while (name.size && name.text[name.size - 1] &&
           strchr(" \t\r\n", name.text[name.size - 1]))
        name.size--;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (name.size == strlen(names[i].name) &&
            strncasecmp(name.text, names[i].name, name.size) == 0)
            return lc_span_is(from, names[i].name) ? names[i].is : names[i].cased;
    return NAME_OTHER;
}

/* Whether a row begins with a system turn in place of a question. */
static bool lacks_question(const struct lc_row *row)
{
    return row->turn_count < 2 || row->turns[1].fault ||
           row->turns[1].role != LC_ROLE_HUMAN;
}

/* Whether the turns are pairs of question and answer, where user and assistant or bot
 * also count as roles of these. */
static bool is_paired(const struct lc_row *row)
{
    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];
        enum lc_role wanted = i % 2 ? LC_ROLE_GPT : LC_ROLE_HUMAN;

        if (turn->role != wanted &&
            !lc_span_is(turn->from, i % 2 ? "assistant" : "user") &&
            !(i % 2 && lc_span_is(turn->from, "bot")))
            return false;
    }
    return row->turn_count % 2 == 0;
}

/* Whether an answer is from bot, a name that fewer programs read than assistant. */
static bool has_bot(const struct lc_row *row)
{
    for (size_t i = 0; i < row->turn_count; i++)
        if (lc_span_is(row->turns[i].from, "bot"))
            return true;
    return false;
}

/* Whether all answers with an unknown role are from assistant. */
static bool are_assistants(const struct lc_row *row)
{
    for (size_t i = 0; i < row->turn_count; i++)
        if (row->turns[i].role == LC_ROLE_OTHER &&
            name_of_role(row->turns[i].from) == NAME_ANSWER &&
            !lc_span_is(row->turns[i].from, "assistant"))
            return false;
    return true;
}

/* The sub-case for a system turn that comes first. */
static enum lc_case_index case_of_system(enum lc_case_index which,
                                         const struct lc_row *row, size_t count,
                                         bool tagged)
{
    if (which == LC_CASE_CNV302_NO_QUESTION && tagged)
        return LC_CASE_CNV302_NO_QUESTION_TAGGED;
    if (which == LC_CASE_CNV302_FIRST_SYSTEM && count > 1)
        return LC_CASE_CNV302_FIRST_SYSTEM_AGAIN;
    if (which == LC_CASE_CNV302_FIRST_SYSTEM && lc_row_is_text_only(row))
        return row->repeated ? LC_CASE_CNV302_SYSTEM_TEXT_UNPAIRED
                             : LC_CASE_CNV302_FIRST_SYSTEM_TEXT;
    if (which == LC_CASE_CNV302_FIRST_SYSTEM && row->repeated)
        return LC_CASE_CNV302_FIRST_SYSTEM_UNPAIRED;
    if (which == LC_CASE_CNV302_NO_QUESTION && count == 1 && lc_row_is_text_only(row))
        return LC_CASE_CNV302_NO_QUESTION_TEXT;
    return which;
}

/* Whether a row has an answer. */
static bool has_answer(const struct lc_row *row)
{
    for (size_t i = 0; i < row->turn_count; i++)
        if (row->turns[i].role == LC_ROLE_GPT)
            return true;
    return false;
}

/* The sub-case for the name of a role in a row whose turns are paired. */
static enum lc_case_index case_of_pairs(enum lc_case_index which)
{
    switch (which) {
    case LC_CASE_CNV302_TAGGED_USER:
        return LC_CASE_CNV302_TAGGED_USER_PAIRED;
    case LC_CASE_CNV302_FIRST_USER:
        return LC_CASE_CNV302_FIRST_USER_PAIRED;
    case LC_CASE_CNV302_LATER_USER:
        return LC_CASE_CNV302_LATER_USER_PAIRED;
    case LC_CASE_CNV302_LATER_ANSWER:
        return LC_CASE_CNV302_LATER_ANSWER_PAIRED;
    default:
        return which;
    }
}

/* The sub-case for a turn's own name and its position. */
static enum lc_case_index case_of_name(enum lc_case_index which, const struct lc_row *row,
                                       size_t turn)
{
    static const struct {
        const char *name;
        enum lc_case_index whole, part, in_place;
        bool is_answer; /* in_place applies if the turn is in the position of an answer
                         * (else of a question) */
    } parts[] = {
#define PARTS(place)                                                                     \
    {"model", LC_CASE_CNV302_##place##_ANSWER, LC_CASE_CNV302_##place##_MODEL,           \
     LC_CASE_CNV302_##place##_MODEL, true},                                              \
        {"chatgpt", LC_CASE_CNV302_##place##_ANSWER, LC_CASE_CNV302_##place##_MODEL,     \
         LC_CASE_CNV302_##place##_MODEL, true},                                          \
        {"observation", LC_CASE_CNV302_##place##_TOOL, LC_CASE_CNV302_##place##_TOOL,    \
         LC_CASE_CNV302_##place##_OBSERVATION, false}
        PARTS(TAGGED),
        PARTS(FIRST),
        PARTS(LATER),
#undef PARTS
        {"function_call", LC_CASE_CNV302_LATER_TOOL, LC_CASE_CNV302_LATER_CALL,
         LC_CASE_CNV302_LATER_CALL_ANSWER, true},
    };
    size_t start = lc_span_is(row->turns[0].from, "system");
    bool is_answer = (turn - start) % 2;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (which == parts[i].whole && lc_span_is(row->turns[turn].from, parts[i].name))
            return is_answer == parts[i].is_answer ? parts[i].in_place : parts[i].part;
    return which;
}

/* Whether the turns alternate if observations, the results of tools, count as questions,
 * and function_call, a tool call, counts as an answer. */
static bool has_tools_in_order(const struct lc_row *row)
{
    size_t start = lc_span_is(row->turns[0].from, "system");

    for (size_t i = start; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];
        bool is_answer = (i - start) % 2;

        if (turn->role != (is_answer ? LC_ROLE_GPT : LC_ROLE_HUMAN) &&
            !lc_span_is(turn->from, is_answer ? "function_call" : "observation"))
            return false;
    }
    return (row->turn_count - start) % 2 == 0;
}

/* Whether every function_call seems to be JSON with a name and arguments: only its ends
 * and the keys are checked. */
static bool has_calls_in_json(const struct lc_row *row)
{
    for (size_t i = 0; i < row->turn_count; i++) {
        struct lc_span text = row->turns[i].value;

        if (!lc_span_is(row->turns[i].from, "function_call"))
            continue;
        text = lc_text_strip(text);
        if (!text.size || !strchr("[{", text.text[0]) ||
            !strchr("]}", text.text[text.size - 1]) ||
            !memmem(text.text, text.size, "\"name\"", 6) ||
            !memmem(text.text, text.size, "\"arguments\"", 11))
            return false;
    }
    return true;
}

/* The sub-case for a tool's role, by the order of the turns. */
static enum lc_case_index case_of_tools(enum lc_case_index which,
                                        const struct lc_row *row)
{
    bool in_order = has_tools_in_order(row);

    switch (which) {
    case LC_CASE_CNV302_LATER_CALL_ANSWER:
        if (!has_calls_in_json(row))
            return in_order ? which : LC_CASE_CNV302_LATER_CALL;
        return in_order ? LC_CASE_CNV302_LATER_CALL_JSON
                        : LC_CASE_CNV302_LATER_CALL_APART;
    case LC_CASE_CNV302_TAGGED_TOOL:
        return in_order && has_calls_in_json(row) ? LC_CASE_CNV302_TAGGED_CALL_JSON
                                                  : which;
    case LC_CASE_CNV302_TAGGED_OBSERVATION:
        return in_order ? which : LC_CASE_CNV302_TAGGED_TOOL;
    case LC_CASE_CNV302_FIRST_OBSERVATION:
        return in_order ? which : LC_CASE_CNV302_FIRST_TOOL;
    case LC_CASE_CNV302_LATER_OBSERVATION:
        return in_order ? which : LC_CASE_CNV302_LATER_TOOL;
    default:
        return which;
    }
}

/* The case of the turns with a name: the most harmful one, which is that of a turn with a
 * placeholder, else that of the first turn, else that of a later turn. */
static enum lc_case_index case_of_turns(const struct lc_row *row, enum role_name name,
                                        const struct tally *tally, bool is_tagged,
                                        bool is_paired)
{
    enum lc_case_index which = (is_tagged      ? LC_CASE_CNV302_TAGGED_USER
                                : tally->first ? LC_CASE_CNV302_LATER_USER
                                               : LC_CASE_CNV302_FIRST_USER) +
                               (enum lc_case_index)name;

    if (name == NAME_SYSTEM && !tally->first && lacks_question(row))
        which = row->turn_count > 1 && row->turns[1].role == LC_ROLE_GPT
                    ? LC_CASE_CNV302_NO_QUESTION
                    : LC_CASE_CNV302_NO_TURN;
    if (name == NAME_SYSTEM)
        which = case_of_system(which, row, tally->count, is_tagged);
    if (which == LC_CASE_CNV302_TAGGED_SYSTEM &&
        row->human_placeholders[LC_MEDIUM_IMAGE] ==
            lc_row_media_count(row, LC_MEDIUM_IMAGE))
        which = LC_CASE_CNV302_TAGGED_SYSTEM_FULL;
    which = is_paired ? case_of_pairs(which) : case_of_name(which, row, tally->first);
    if (name == NAME_TOOL)
        which = case_of_tools(which, row);
    if (which == LC_CASE_CNV302_LATER_ANSWER_PAIRED && has_bot(row))
        return LC_CASE_CNV302_LATER_BOT_PAIRED;
    if (which == LC_CASE_CNV302_LATER_ANSWER && are_assistants(row))
        return LC_CASE_CNV302_LATER_ASSISTANT;
    if (which == LC_CASE_CNV302_LATER_SYSTEM && has_answer(row))
        return LC_CASE_CNV302_LATER_SYSTEM_ANSWERED;
    return which;
}

/* Emit a finding for each name. */
void lc_check_CNV302(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    bool has_image = row->media[LC_MEDIUM_IMAGE].kind != LC_PATHS_NONE;
    struct tally tallies[NAME_COUNT] = {{0, 0}};
    bool tagged[NAME_COUNT] = {false};
    bool paired = row->others && is_paired(row);
    char quote[QUOTE_SIZE], what[QUOTE_SIZE + 8];

    if (!row->others)
        return;
    for (size_t i = 0; i < row->turn_count; i++) {
        enum role_name name = name_of_role(row->turns[i].from);

        if (row->turns[i].role != LC_ROLE_OTHER)
            continue;
        count_turn(&tallies[name], i);
        tagged[name] |= has_image && row->turns[i].placeholders[LC_MEDIUM_IMAGE];
    }
    for (int name = 0; name < NAME_COUNT; name++) {
        const struct tally *tally = &tallies[name];
        struct lc_finding *finding;

        if (!tally->count)
            continue;
        snprintf(what, sizeof(what), "is from %s",
                 lc_text_quote(row->turns[tally->first].from, quote, sizeof(quote)));
        finding = emit_turns(rule, row, tally->first, tally->count, what, out);
        lc_finding_case(finding, case_of_turns(row, (enum role_name)name, tally,
                                               tagged[name], paired));
    }
}

/* Whether a role is in place of an answer: tool calls are. Results of tools are in place
 * of questions. */
static bool is_answer(enum lc_role role)
{
    return role == LC_ROLE_GPT || role == LC_ROLE_CALL;
}

/* The first turn after a system prompt. */
static size_t first_turn(const struct lc_row *row)
{
    return row->turn_count && row->turns[0].role == LC_ROLE_SYSTEM;
}

/* Whether a turn must not follow the turn before it. In strict dialects questions and
 * answers alternate. In others only two questions, or two answers that are texts, are
 * suspicious: several tools may be called and may answer in a row. */
static bool is_out_of_turn(const struct lc_row *row, size_t start, size_t i)
{
    enum lc_role role = row->turns[i].role;

    if (row->dialect->must_alternate)
        return role == LC_ROLE_SYSTEM || is_answer(role) != ((i - start) % 2 == 1);
    return i && role == row->turns[i - 1].role &&
           (role == LC_ROLE_HUMAN || role == LC_ROLE_GPT);
}

static bool is_even(const struct lc_row *row)
{
    return row->turn_count % 2 == 0;
}

/* The case for a turn that is out of order. */
static enum lc_case_index case_of_order(const struct lc_row *row, size_t turn)
{
    enum lc_role role = row->turns[turn].role;

    if (role == LC_ROLE_SYSTEM)
        return is_even(row) ? LC_CASE_CNV303_SYSTEM_EVEN : LC_CASE_CNV303_SYSTEM;
    if (is_answer(role))
        return is_even(row) ? LC_CASE_CNV303_ANSWERS_EVEN : LC_CASE_CNV303_ANSWERS;
    return is_even(row) ? LC_CASE_CNV303_QUESTIONS_EVEN : LC_CASE_CNV303_QUESTIONS;
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
    /* an answer may come first: the turns may still alternate */
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
        lc_finding_case(finding, case_of_order(row, i));
        return;
    }
}

void lc_check_CNV304(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = first_turn(row);
    struct lc_finding *finding;

    if (!lc_row_is_whole(row) || first >= row->turn_count ||
        !is_answer(row->turns[first].role))
        return;
    finding = lc_emit(out, rule, "turn %zu is from %.*s", first,
                      (int)row->turns[first].from.size, row->turns[first].from.text);
    lc_finding_turn(finding, row, first);
    if (lc_row_is_text_only(row))
        lc_finding_case(finding,
                        is_even(row) ? LC_CASE_CNV304_EVEN_TEXT : LC_CASE_CNV304_TEXT);
    else if (is_even(row))
        lc_finding_case(finding, LC_CASE_CNV304_EVEN);
    /* ms-swift documents rows with only an answer, for pre-training */
    if (finding && row->turn_count == 1 && row->dialect->has_parts)
        finding->severity = LC_SEVERITY_INFO;
}

/* Whether a row has a column for its answer: a registry may name only a column for
 * prompts, for pre-training. */
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

    /* in preference data, the answers are in columns of their own */
    if (!lc_row_is_whole(row) || row->has_preference || !has_answer_column(row) ||
        is_answer(row->turns[last].role) || row->turns[last].role == LC_ROLE_OTHER ||
        row->turns[last].role == LC_ROLE_WHOLE)
        return;
    while (answer < row->turn_count && !is_answer(row->turns[answer].role))
        answer++;
    if (answer < row->turn_count) {
        finding = lc_emit(out, rule, "turn %zu has no answer", last);
        if (is_even(row))
            lc_finding_case(finding, LC_CASE_CNV305_EVEN);
    } else {
        finding = lc_finding_case(lc_emit(out, rule, "the row has no answer at all"),
                                  is_even(row) ? LC_CASE_CNV305_NO_ANSWER_EVEN
                                               : LC_CASE_CNV305_NO_ANSWER);
        /* in modern dialects it may be a prompt for which training generates the
         * answers */
        if (finding && !row->dialect->is_modern)
            finding->severity = LC_SEVERITY_ERROR;
    }
    lc_finding_turn(finding, row, last);
}

static enum lc_case_index case_of_blank(const struct lc_row *row, size_t index)
{
    const struct lc_turn *turn = &row->turns[index];

    /* the question in columns is the last turn, or comes before the answer */
    if (row->null_query && turn->role == LC_ROLE_HUMAN && index + 2 >= row->turn_count)
        return LC_CASE_CNV306_NULL_COLUMN;
    if (turn->void_parts && !lc_span_is(turn->from, "system"))
        return is_answer(turn->role) ? LC_CASE_CNV306_VOID_ANSWER
                                     : LC_CASE_CNV306_VOID_QUESTION;
    if (!turn->value.size && lc_span_is(turn->from, "system"))
        return LC_CASE_CNV306_EMPTY_SYSTEM;
    if (is_answer(turn->role))
        return turn->value.size ? LC_CASE_CNV306_BLANK_ANSWER
                                : LC_CASE_CNV306_EMPTY_ANSWER;
    return turn->value.size ? LC_CASE_CNV306_BLANK_QUESTION
                            : LC_CASE_CNV306_EMPTY_QUESTION;
}

void lc_check_CNV306(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    struct tally tallies[MOST_CASES] = {{0, 0}};

    if (!row->blank)
        return;
    for (size_t i = 0; i < row->turn_count; i++)
        if (!row->turns[i].fault && lc_turn_is_blank(&row->turns[i]))
            count_turn(&tallies[case_of_blank(row, i) - LC_CASE_CNV306_ANY], i);
    for (int i = 0; i < MOST_CASES; i++)
        if (tallies[i].count)
            lc_finding_case(emit_turns(rule, row, tallies[i].first, tallies[i].count,
                                       "has no text", out),
                            LC_CASE_CNV306_ANY + i);
}

void lc_check_CNV307(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (!lc_row_is_whole(row) || row->words || row->blank != row->turn_count)
        return;
    if (!row->has_preference || row->turns[row->turn_count - 1].role == LC_ROLE_GPT)
        lc_finding_at(lc_emit(out, rule, "%zu turn%s without any text", row->turn_count,
                              row->turn_count == 1 ? "" : "s"),
                      row->turns_at);
}

/* Report a row whose turns all have the keys of another dialect than its file. */
static void report_stray_keys(const struct lc_rule *rule, const struct lc_row *row,
                              struct lc_findings *out)
{
    bool modern = lc_span_is(row->stray.of_file->role_key, "\"role\"");
    bool odd = row->turn_count % 2;
    struct lc_finding *finding =
        emit_turns(rule, row, 0, row->turn_count,
                   modern ? "has from and value" : "has role and content", out);

    if (row->stray.is_llava)
        lc_finding_case(finding, odd ? LC_CASE_CNV308_ODD_LLAVA : LC_CASE_CNV308_LLAVA);
    else if (odd)
        lc_finding_case(finding, LC_CASE_CNV308_ODD);
}

void lc_check_CNV308(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    bool modern = lc_span_is(row->dialect->role_key, "\"role\"");
    struct lc_finding *finding;
    size_t first = 0;

    if (row->stray.kind == LC_STRAY_KEYS)
        report_stray_keys(rule, row, out);
    if (row->foreign) {
        while (!row->turns[first].fault || !row->turns[first].foreign)
            first++;
        finding = emit_turns(rule, row, first, row->foreign,
                             modern ? "has from and value" : "has role and content", out);
        if (row->turn_count % 2)
            lc_finding_case(finding, LC_CASE_CNV308_ODD);
    }
    if (!row->contradicting)
        return;
    for (first = 0; !row->turns[first].contradicts;)
        first++;
    finding = emit_turns(rule, row, first, row->contradicting,
                         modern ? "also has from and value, with other content"
                                : "also has role and content, with other content",
                         out);
    if (finding)
        finding->severity = LC_SEVERITY_WARNING;
    lc_finding_case(finding, LC_CASE_CNV308_BOTH);
}

/* Count the well-formed turns that have a mark, and find the first of them. */
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

/* The case for Qwen's <|video_pad|>. */
static enum lc_case_index case_of_video_pad(const struct lc_row *row,
                                            const struct lc_turn *turn,
                                            struct lc_span token)
{
    static const char start[] = "<|vision_start|>";
    size_t before = (size_t)(token.text - turn->value.text), size = sizeof(start) - 1;

    if (lc_row_is_text_only(row))
        return LC_CASE_CNV309_VIDEO_PAD_TEXT;
    return before >= size && memcmp(token.text - size, start, size) == 0
               ? LC_CASE_CNV309_VIDEO_PAD_SHOWN
               : LC_CASE_CNV309_VIDEO_PAD;
}

/* The case for a chat template's token in a text. */
static enum lc_case_index case_of_token(const struct lc_row *row,
                                        const struct lc_turn *turn, struct lc_span token)
{
    static const struct {
        const char *token;
        enum lc_case_index which;
    } cases[] = {
        {"</s>", LC_CASE_CNV309_END},
        {"<s>", LC_CASE_CNV309_BEGIN},
        {"<unk>", LC_CASE_CNV309_UNK},
        {"<|im_start|>", LC_CASE_CNV309_CHATML},
        {"<|im_end|>", LC_CASE_CNV309_CHATML},
        {"<|endoftext|>", LC_CASE_CNV309_END_OF_TEXT},
        {"<|video_pad|>", LC_CASE_CNV309_VIDEO_PAD},
        {"[INST]", LC_CASE_CNV309_INST},
        {"[/INST]", LC_CASE_CNV309_INST},
        {"<<SYS>>", LC_CASE_CNV309_INST},
        {"<</SYS>>", LC_CASE_CNV309_INST},
        {"<|eot_id|>", LC_CASE_CNV309_LLAMA3},
        {"<|start_header_id|>", LC_CASE_CNV309_LLAMA3},
        {"<|end_header_id|>", LC_CASE_CNV309_LLAMA3},
        {"<|begin_of_text|>", LC_CASE_CNV309_LLAMA3},
        {"<|end_of_text|>", LC_CASE_CNV309_LLAMA3},
    };
    static const char *const plain[] = {"<tool_", "</tool_", "<|fim_", "<|repo_name|",
                                        "<|file_sep|"};

    bool begins, spaced;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (lc_span_is(token, cases[i].token))
            return cases[i].which == LC_CASE_CNV309_VIDEO_PAD
                       ? case_of_video_pad(row, turn, token)
                       : cases[i].which;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (token.size > strlen(plain[i]) &&
            memcmp(token.text, plain[i], strlen(plain[i])) == 0)
            return LC_CASE_CNV309_QWEN_PLAIN;
    if (token.text[0] == '<')
        return LC_CASE_CNV309_QWEN;
    if (token.text[0] == 'Q')
        return lc_row_is_text_only(row) ? LC_CASE_CNV309_REMOVED_TEXT
                                        : LC_CASE_CNV309_REMOVED;
    /* a question follows "USER: ", so there is a space before it */
    begins = token.text == turn->value.text && turn->role == LC_ROLE_HUMAN;
    spaced = token.text + token.size < turn->value.text + turn->value.size &&
             token.text[token.size] == ' ';
    if (token.text[0] == 'A' && spaced &&
        (begins || (token.text > turn->value.text && token.text[-1] == ' ')))
        return LC_CASE_CNV309_ROLE_WITHIN;
    return LC_CASE_CNV309_ROLE;
}

/* Report the word that Qwen's trainer takes for the start of an answer. This is only a
 * note, because all other programs read it as a word. */
static void emit_assistant(const struct lc_rule *rule, const struct lc_row *row,
                           struct lc_findings *out)
{
    size_t first = 0, count = count_marked(row, LC_TURN_ASSISTANT, &first);
    struct lc_finding *finding;

    if (!count)
        return;
    finding = emit_turns(rule, row, first, count,
                         "has the word assistant with no space before it", out);
    if (finding)
        finding->severity = LC_SEVERITY_INFO;
    lc_finding_case(finding, LC_CASE_CNV309_WORD);
}

/* Emit a finding for each kind of token, about the turns that contain it. */
static void emit_tokens(const struct lc_rule *rule, const struct lc_row *row,
                        struct lc_findings *out)
{
    struct tally tallies[MOST_CASES] = {{0, 0}};
    struct lc_span tokens[MOST_CASES], token;
    char quote[QUOTE_SIZE], what[QUOTE_SIZE + 8];

    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];
        unsigned seen = 0;

        if (turn->fault || !(turn->marks & LC_TURN_TEMPLATE))
            continue;
        for (size_t at = 0;
             (token = lc_turn_find_next(turn, row->dialect, LC_TURN_TEMPLATE, &at))
                 .text;) {
            int which = (int)(case_of_token(row, turn, token) - LC_CASE_CNV309_ANY);

            if (!tallies[which].count)
                tokens[which] = token;
            if (!(seen & 1U << which))
                count_turn(&tallies[which], i);
            seen |= 1U << which;
        }
    }
    for (int i = 0; i < MOST_CASES; i++) {
        if (!tallies[i].count)
            continue;
        snprintf(what, sizeof(what), "contains %s",
                 lc_text_quote(tokens[i], quote, sizeof(quote)));
        lc_finding_case(
            emit_turns(rule, row, tallies[i].first, tallies[i].count, what, out),
            LC_CASE_CNV309_ANY + i);
    }
}

/* Whether a turn has a path between Qwen's own vision tokens. */
static bool has_path_of_vision(const struct lc_turn *turn,
                               const struct lc_dialect *dialect)
{
    static const char open[] = "<|vision_start|>";
    enum lc_medium medium;
    struct lc_span path;
    size_t from = 0, at = 0;

    while ((path = lc_turn_next_inline(turn, dialect, &at, &medium)).text) {
        const char *begin = turn->value.text + from;

        if (memmem(begin, (size_t)(path.text - begin), open, sizeof(open) - 1))
            return true;
        from = at;
    }
    return false;
}

/* Report paths between vision tokens. Scripts from tutorials read such paths; for the
 * programs whose effects are known, they are text between two control tokens. */
static void emit_paths_of_vision(const struct lc_rule *rule, const struct lc_row *row,
                                 struct lc_findings *out)
{
    struct lc_finding *finding;
    size_t first = 0, count = 0;

    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];

        if (turn->fault || !(turn->marks & LC_TURN_INLINE) ||
            !has_path_of_vision(turn, row->dialect))
            continue;
        first = count++ ? first : i;
    }
    if (!count)
        return;
    finding = emit_turns(rule, row, first, count,
                         "contains '<|vision_start|>' and a path", out);
    lc_finding_case(finding, LC_CASE_CNV309_QWEN);
    if (finding)
        finding->severity = LC_SEVERITY_INFO;
}

void lc_check_CNV309(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (row->marks & LC_TURN_INLINE && !(row->marks & LC_TURN_TEMPLATE))
        emit_paths_of_vision(rule, row, out); /* otherwise a token is reported anyway */
    if (row->marks & LC_TURN_ASSISTANT)
        emit_assistant(rule, row, out);
    if (row->marks & LC_TURN_TEMPLATE) /* only few rows: so the tallies need not be
                                        * cleared for all */
        emit_tokens(rule, row, out);
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

/* Why a pair of answers cannot be compared; NULL if it can. Rows for preference training
 * alone have both answers in columns; in other rows, the turns may contain the chosen
 * one. */
static const char *fault_of_pair(const struct lc_row *row, bool is_answered)
{
    const struct lc_row_pair *pair = &row->pair;
    enum lc_answer_form chosen = pair->chosen.form, rejected = pair->rejected.form;
    bool is_strict = row->dialect->is_ranking;
    enum lc_answer_form usual =
        row->dialect->layout == LC_LAYOUT_TURNS ? LC_ANSWER_TURN : LC_ANSWER_TEXT;

    if (!chosen && !rejected && is_strict)
        return "there is neither a chosen nor a rejected answer";
    if (!rejected && (is_strict || !row->has_rejected))
        return "there is no rejected answer";
    if (!chosen && (is_strict || !is_answered))
        return "there is no chosen answer";
    if (rejected == LC_ANSWER_OTHER || chosen == LC_ANSWER_OTHER)
        return rejected == LC_ANSWER_OTHER
                   ? "the rejected answer is neither a text nor a turn"
                   : "the chosen answer is neither a text nor a turn";
    if (chosen && rejected && chosen != rejected)
        return "the answers are of different types";
    if (is_strict && chosen != usual)
        return usual == LC_ANSWER_TURN ? "the answers are not a turn each"
                                       : "the answers are not a text each";
    return NULL;
}

/* Whether an answer is turns with a role of some kind. */
static bool has_role(const struct lc_row_answer *answer, bool (*is_role)(enum lc_role))
{
    return (answer->form == LC_ANSWER_TURN || answer->form == LC_ANSWER_TURNS) &&
           is_role(answer->role);
}

static bool is_asking(enum lc_role role)
{
    return role == LC_ROLE_HUMAN || role == LC_ROLE_RESULT;
}

static bool is_neither(enum lc_role role)
{
    return !is_answer(role) && !is_asking(role);
}

static bool has_no_text(const struct lc_row_answer *answer)
{
    return (answer->form == LC_ANSWER_TURN || answer->form == LC_ANSWER_TURNS) &&
           !answer->has_text;
}

/* The case of a pair of answers without a fault, and what to say about it. */
static enum lc_case_index case_of_pair(const struct lc_row *row, bool is_answered,
                                       const char **what)
{
    const struct lc_row_pair *pair = &row->pair;
    const struct lc_row_answer *chosen = &pair->chosen, *rejected = &pair->rejected;
    const struct lc_turn *last = &row->turns[row->turn_count - 1];

    *what = "the turns contain an answer, too";
    if (chosen->form == LC_ANSWER_TURN && is_answered)
        return LC_CASE_CNV313_ANSWERED;
    *what = "the role of an answer is that of a question";
    if (has_role(chosen, is_asking) || has_role(rejected, is_asking))
        return LC_CASE_CNV313_QUESTION;
    *what = "an answer has no role of an answer";
    if (has_role(chosen, is_neither) || has_role(rejected, is_neither))
        return LC_CASE_CNV313_ROLE;
    *what = "the text of an answer is not a string";
    if (has_no_text(chosen) || has_no_text(rejected))
        return LC_CASE_CNV313_NO_TEXT;
    *what = "the chosen and the rejected answer are equal";
    if (pair->is_same || (!chosen->form && rejected->value.text &&
                          lc_span_equal(rejected->value, last->value)))
        return LC_CASE_CNV313_SAME;
    *what = NULL;
    return !chosen->form                     ? LC_CASE_CNV313_BESIDE
           : chosen->form == LC_ANSWER_TURN  ? LC_CASE_CNV313_TURNS
           : chosen->form == LC_ANSWER_TURNS ? LC_CASE_CNV313_LISTS
                                             : LC_CASE_CNV313_TEXTS;
}

/* What a row of preference data without a fault has in its columns. */
static const char *describe_pair(enum lc_case_index which)
{
    switch (which) {
    case LC_CASE_CNV313_TURNS:
        return "the answers are a turn each";
    case LC_CASE_CNV313_LISTS:
        return "the answers are a list of turns each";
    case LC_CASE_CNV313_TEXTS:
        return "the answers are a text each";
    default:
        return "the rejected answer is in a column, the chosen one in the turns";
    }
}

/* Like CNV305, it depends on the turns, so it requires all of them to be well-formed. */
void lc_check_CNV313(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    const struct lc_row_pair *pair = &row->pair;
    enum lc_case_index which = LC_CASE_CNV313_ANY;
    struct lc_finding *finding;
    bool is_answered;
    const char *what;

    if (!lc_row_is_whole(row))
        return;
    is_answered = is_answer(row->turns[row->turn_count - 1].role);
    if (pair->has_content || row->dialect->is_ranking) {
        what = fault_of_pair(row, is_answered);
        if (!what)
            which = case_of_pair(row, is_answered, &what);
    } else if (pair->has_null) {
        which = LC_CASE_CNV313_NULL;
        what = "rejected_response is null";
    } else {
        return;
    }
    finding = lc_emit(out, rule, "%s", what ? what : describe_pair(which));
    lc_finding_case(finding, which);
    lc_finding_at(finding, pair->rejected.form ? pair->rejected.at
                           : pair->chosen.form ? pair->chosen.at
                                               : row->turns_at);
    if (finding && what)
        finding->severity = LC_SEVERITY_WARNING;
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
