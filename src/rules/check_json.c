#include "dataset/rest.h"
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>

/* Emit the problem if it is the fault that a rule is about. Returns the finding, or
 * NULL. */
static struct lc_finding *problem_is(const struct lc_rule *rule,
                                     const struct lc_facts *facts,
                                     enum lc_json_fault fault, struct lc_findings *out)
{
    const struct lc_json_problem *problem = facts->problem;
    struct lc_finding *finding;

    if (!problem || problem->fault != fault)
        return NULL;
    finding = lc_emit(out, rule, "%s", problem->message);
    lc_finding_at(finding, problem->offset);
    return finding;
}

/* Set the case of a finding if the file is JSON lines: its effect depends on the form of
 * the file. */
static void in_lines(struct lc_finding *finding, const struct lc_facts *facts,
                     enum lc_case_index which)
{
    if (facts->lines)
        lc_finding_case(finding, which);
}

void lc_check_JSN101(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    struct lc_finding *finding = problem_is(rule, facts, LC_JSON_SYNTAX, out);

    if (finding && facts->problem->detail == LC_JSON_CONTROL)
        lc_finding_case(finding, facts->lines ? LC_CASE_JSN101_CONTROL_LINES
                                              : LC_CASE_JSN101_CONTROL);
    if (finding && (facts->problem->detail == LC_JSON_COMMA ||
                    facts->problem->detail == LC_JSON_COMMA_OBJECT))
        lc_finding_case(finding,
                        !facts->lines && facts->problem->detail == LC_JSON_COMMA_OBJECT
                            ? LC_CASE_JSN101_COMMA_OBJECT
                            : LC_CASE_JSN101_COMMA);
    if (finding && facts->problem->detail == LC_JSON_DIGITS && !facts->lines)
        lc_finding_case(finding, LC_CASE_JSN101_DIGITS);
}

void lc_check_JSN102(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_CUT_OFF, out);
}

void lc_check_JSN103(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    struct lc_finding *finding = problem_is(rule, facts, LC_JSON_NOT_ROWS, out);

    if (!finding)
        return;
    switch (facts->problem->detail) {
    case LC_JSON_LINES_IN_JSON:
        lc_finding_case(finding, LC_CASE_JSN103_LINES);
        break;
    case LC_JSON_ARRAY_IN_JSONL:
        lc_finding_case(finding, LC_CASE_JSN103_ARRAY);
        break;
    case LC_JSON_SINGLE_OBJECT:
        lc_finding_case(finding, LC_CASE_JSN103_OBJECT);
        break;
    case LC_JSON_SINGLE_TEXT:
        lc_finding_case(finding, LC_CASE_JSN103_TEXT);
        break;
    case LC_JSON_TEXT_AFTER:
        lc_finding_case(finding, LC_CASE_JSN103_AFTER);
        break;
    default:
        break;
    }
}

void lc_check_JSN104(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_LFS_POINTER, out);
}

void lc_check_JSN105(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    in_lines(problem_is(rule, facts, LC_JSON_NOT_UTF8, out), facts, LC_CASE_JSN105_LINES);
}

void lc_check_JSN106(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    in_lines(problem_is(rule, facts, LC_JSON_BOM, out), facts, LC_CASE_JSN106_LINES);
}

void lc_check_JSN107(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    struct lc_finding *finding;

    if (!facts->doc || facts->doc->nan_offset < 0)
        return;
    finding = lc_emit(out, rule, "only Python accepts this number");
    lc_finding_at(finding, (uint32_t)facts->doc->nan_offset);
    in_lines(finding, facts, LC_CASE_JSN107_LINES);
}

/* Report a number that fits into 64 bits, or that is in neither turns nor images: readers
 * like Python's accept it, others may not. */
static void report_long_number(const struct lc_rule *rule, const struct lc_facts *facts,
                               struct lc_findings *out)
{
    static const char many[] = "a number of many digits, or with a large exponent";
    unsigned found = facts->row->long_numbers;
    struct lc_finding *finding;

    if (facts->lines && found & LC_LONG_REFUSED) {
        finding = lc_emit(out, rule, "a zero with an exponent beyond 308");
        lc_finding_case(finding, LC_CASE_JSN118_ZERO_LINES);
        return;
    }
    if (facts->lines && !(found & LC_LONG_WIDE && facts->row->dialect->is_modern))
        return;
    if (!facts->lines && found & LC_LONG_WIDE) {
        finding = lc_emit(out, rule, many);
        lc_finding_case(finding, LC_CASE_JSN118_FRACTION);
        return;
    }
    finding = lc_emit(out, rule, many);
    if (finding)
        finding->severity = LC_SEVERITY_INFO;
    lc_finding_case(finding, facts->lines               ? LC_CASE_JSN118_LONG_LINES
                             : found & LC_LONG_WITHIN   ? LC_CASE_JSN118_LONG_WITHIN
                             : found & LC_LONG_UNSIGNED ? LC_CASE_JSN118_LONG
                                                        : LC_CASE_JSN118_LONG_EXPONENT);
}

/* Whether Arrow refuses an infinite number of a row: only its exponent matters for
 * this. */
static bool is_refused_by_arrow(const struct lc_facts *facts, uint32_t offset)
{
    const char *text = facts->doc->text;
    struct lc_span number;

    if ((facts->row && facts->row->long_numbers & LC_LONG_REFUSED) || !text)
        return true;
    number = (struct lc_span){text + offset, strcspn(text + offset, ",]} \t\r\n")};
    return lc_rest_long_number(number) & LC_LONG_REFUSED;
}

void lc_check_JSN118(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const enum lc_json_range in_array[] = {
        LC_JSON_HUGE_INTEGER, LC_JSON_BIG_INTEGER, LC_JSON_HUGE_FRACTION,
        LC_JSON_HUGE_FLOAT};
    static const enum lc_json_range in_lines[] = {
        LC_JSON_HUGE_FLOAT, LC_JSON_HUGE_FRACTION, LC_JSON_HUGE_INTEGER,
        LC_JSON_BIG_INTEGER};
    static const enum lc_case_index cases[][2] = {
        [LC_JSON_BIG_INTEGER] = {LC_CASE_JSN118_ANY, LC_CASE_JSN118_LINES},
        [LC_JSON_HUGE_INTEGER] = {LC_CASE_JSN118_ANY, LC_CASE_JSN118_HUGE_LINES},
        [LC_JSON_HUGE_FLOAT] = {LC_CASE_JSN118_FLOAT, LC_CASE_JSN118_FLOAT_LINES},
        [LC_JSON_HUGE_FRACTION] = {LC_CASE_JSN118_FRACTION,
                                   LC_CASE_JSN118_FRACTION_LINES},
    };
    bool is_wide = facts->row && !facts->lines && facts->row->long_numbers & LC_LONG_WIDE;
    struct lc_finding *finding;

    /* of several numbers, report one that readers of this form refuse */
    for (size_t i = 0; facts->doc && i < LC_JSON_RANGES; i++) {
        enum lc_json_range range = facts->lines ? in_lines[i] : in_array[i];
        enum lc_case_index which;

        if (!(facts->doc->ranges >> range & 1))
            continue;
        which = cases[range][facts->lines];
        if (which == LC_CASE_JSN118_FLOAT_LINES &&
            !is_refused_by_arrow(facts, facts->doc->range_offsets[range]))
            which = LC_CASE_JSN118_INFINITE_LINES;
        if (which == LC_CASE_JSN118_FLOAT && is_wide)
            which = LC_CASE_JSN118_FRACTION;
        finding = lc_emit(out, rule,
                          range >= LC_JSON_HUGE_FLOAT ? "a number beyond 1.8e308"
                                                      : "an integer beyond 64 bits");
        lc_finding_at(finding, facts->doc->range_offsets[range]);
        lc_finding_case(finding, which);
        if (range != LC_JSON_HUGE_FLOAT && facts->lines && facts->row &&
            facts->row->long_numbers & LC_LONG_REFUSED)
            break;
        return;
    }
    if (facts->row && facts->row->long_numbers)
        report_long_number(rule, facts, out);
}

/* Whether a decoded text contains half of a surrogate pair: the bytes ED and A0 to BF. */
static bool has_surrogate(struct lc_span text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if ((unsigned char)text.text[i] == 0xED &&
            (unsigned char)text.text[i + 1] >= 0xA0)
            return true;
    return false;
}

/* Whether such a half is in a place that loaders read: in a turn, or in the path of an
 * image. */
static bool reads_surrogate(const struct lc_row *row)
{
    const struct lc_row_media *images = &row->media[LC_MEDIUM_IMAGE];

    for (size_t i = 0; i < row->turn_count; i++)
        if (has_surrogate(row->turns[i].value) || has_surrogate(row->turns[i].from))
            return true;
    for (size_t i = 0; i < images->count; i++)
        if (has_surrogate(images->items[i]))
            return true;
    return false;
}

void lc_check_JSN108(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    /* by [it is unread][JSON lines][it is the second half: \\uDC00 and above] */
    static const enum lc_case_index cases[2][2][2] = {
        {{LC_CASE_JSN108_ANY, LC_CASE_JSN108_LOW},
         {LC_CASE_JSN108_LINES, LC_CASE_JSN108_LINES_LOW}},
        {{LC_CASE_JSN108_UNREAD, LC_CASE_JSN108_UNREAD_LOW},
         {LC_CASE_JSN108_LINES_UNREAD, LC_CASE_JSN108_LINES_UNREAD_LOW}},
    };
    bool is_low, is_unread;
    struct lc_finding *finding;

    if (!facts->doc || facts->doc->surrogate_offset < 0)
        return;
    finding = lc_emit(out, rule, "half of a surrogate pair");
    lc_finding_at(finding, (uint32_t)facts->doc->surrogate_offset);
    is_low = strchr("cdefCDEF", facts->doc->text[facts->doc->surrogate_offset + 3]);
    is_unread = facts->row && !reads_surrogate(facts->row);
    lc_finding_case(finding, cases[is_unread][facts->lines][is_low]);
}

/* Whether loaders read the repeated key: it names a column other than the id and the
 * source, or the role or text of a turn. */
static bool is_read_key(const struct lc_row *row)
{
    const struct lc_dialect *dialect = row->dialect;

    for (int column = 0; column < LC_COLUMN_COUNT; column++) {
        const struct lc_span *names = dialect->columns[column];

        if (column == LC_COLUMN_ID || column == LC_COLUMN_SOURCE)
            continue;
        for (size_t i = 0; i < LC_COLUMN_NAMES && names[i].size; i++)
            if (lc_span_equal(row->duplicate_key, lc_unquoted(names[i])))
                return true;
    }
    return lc_span_equal(row->duplicate_key, lc_unquoted(dialect->role_key)) ||
           lc_span_equal(row->duplicate_key, lc_unquoted(dialect->text_key));
}

void lc_check_JSN109(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    char quote[80];

    struct lc_finding *finding;

    if (!row->duplicate_key.text)
        return;
    finding = lc_emit(out, rule, "the key %s is repeated in its object",
                      lc_text_quote(row->duplicate_key, quote, sizeof(quote)));
    lc_finding_at(finding, row->duplicate_key_at);
    if (!is_read_key(row))
        lc_finding_case(finding, facts->lines ? LC_CASE_JSN109_LINES_UNREAD
                                              : LC_CASE_JSN109_UNREAD);
    else
        in_lines(finding, facts, LC_CASE_JSN109_LINES);
}

void lc_check_JSN110(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    struct lc_finding *finding = problem_is(rule, facts, LC_JSON_NO_ROWS, out);

    if (finding && facts->problem->detail == LC_JSON_NOTHING)
        lc_finding_case(finding, LC_CASE_JSN110_EMPTY);
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
    /* Arrow, which reads these for LLaMA-Factory and ms-swift, skips it; xtuner raises an
     * error */
    if (out->count > before && facts->dialect && facts->dialect->is_modern)
        out->items[before].severity = LC_SEVERITY_WARNING;
}

void lc_check_JSN121(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    problem_is(rule, facts, LC_JSON_RETURN, out);
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

const char *lc_value_type_name(enum lc_value_type type)
{
    static const char *const names[] = {
        [LC_VALUE_NUMBER] = "a number",   [LC_VALUE_STRING] = "a string",
        [LC_VALUE_BOOLEAN] = "a boolean", [LC_VALUE_LIST] = "a list",
        [LC_VALUE_OBJECT] = "an object",
    };

    return names[type];
}

enum lc_case_index lc_case_of_column(struct lc_span name)
{
    static const char *const images[] = {"image", "image[]", "images", "images[]"};
    static const char parts[] = "[].content[]";
    size_t size = sizeof(parts) - 1;

    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
        if (lc_span_is(name, images[i]))
            return LC_CASE_JSN115_IMAGES;
    if (name.size > size && memcmp(name.text + name.size - size, parts, size) == 0)
        return LC_CASE_JSN115_PARTS;
    return LC_CASE_JSN115_ANY;
}

#define ROW_SIZE 40

/* Name the row of a column's first value, or of the other column's first value. */
static const char *name_first_row(const struct lc_column_facts *column,
                                  char out[ROW_SIZE])
{
    if (column->is_same_row)
        return "the same row";
    snprintf(out, ROW_SIZE, "row %llu", (unsigned long long)column->row);
    return out;
}

void lc_check_JSN115(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_column_facts *column = facts->column;
    char quote[120], row[ROW_SIZE];

    if (!column || column->oddity != LC_COLUMN_MIXED)
        return;
    lc_finding_case(
        lc_emit(out, rule, "%s is %s, but %s in %s, line %llu",
                lc_text_quote(column->name, quote, sizeof(quote)),
                lc_value_type_name(column->type), lc_value_type_name(column->first),
                name_first_row(column, row), (unsigned long long)column->line),
        lc_case_of_column(column->name));
}

void lc_check_JSN116(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_column_facts *column = facts->column;
    char quote[120];

    if (column && column->oddity == LC_COLUMN_DEEP)
        lc_emit(out, rule, "the column %s has a list or an object at level %u",
                lc_text_quote(column->name, quote, sizeof(quote)), LC_COLUMNS_DEPTH + 1U);
}

void lc_check_JSN119(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->leading_space)
        lc_emit(out, rule, "the file begins with white space");
}

void lc_check_JSN120(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_column_facts *column = facts->column;
    struct lc_finding *finding;
    char quote[120];

    if (!column || column->oddity != LC_COLUMN_NUL)
        return;
    finding = lc_emit(out, rule, "the column %s",
                      lc_text_quote(column->name, quote, sizeof(quote)));
    if (!column->is_of_row)
        lc_finding_case(finding, LC_CASE_JSN120_WITHIN);
}

void lc_check_JSN122(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_column_facts *column = facts->column;
    struct lc_finding *finding;
    char quote[120];

    if (!column || column->oddity != LC_COLUMN_NULLS)
        return;
    finding = lc_emit(out, rule, "%s is null, and no value before it has a type",
                      lc_text_quote(column->name, quote, sizeof(quote)));
    if (column->is_mild)
        lc_finding_case(finding, LC_CASE_JSN122_MILD);
}

/* The case by whether the row with the finding may still be trained from its other
 * column. */
static enum lc_case_index case_of_turns(const struct lc_column_facts *column)
{
    bool is_other =
        lc_span_is(column->name, "messages") || lc_span_is(column->other, "messages");

    return !is_other || (column->is_empty && lc_span_is(column->name, "messages"))
               ? LC_CASE_JSN117_TURNS_GONE
               : LC_CASE_JSN117_TURNS;
}

void lc_check_JSN117(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_column_facts *column = facts->column;
    char quotes[2][120], row[ROW_SIZE];

    if (!column ||
        (column->oddity != LC_COLUMN_IMAGES_TWICE &&
         column->oddity != LC_COLUMN_TURNS_TWICE &&
         column->oddity != LC_COLUMN_IMAGE_TOO && column->oddity != LC_COLUMN_TURNS_TOO))
        return;
    lc_finding_case(lc_emit(out, rule, "%s, but %s in %s, line %llu",
                            lc_text_quote(column->name, quotes[0], sizeof(quotes[0])),
                            lc_text_quote(column->other, quotes[1], sizeof(quotes[1])),
                            name_first_row(column, row),
                            (unsigned long long)column->line),
                    column->oddity == LC_COLUMN_IMAGES_TWICE  ? LC_CASE_JSN117_IMAGES
                    : column->oddity == LC_COLUMN_TURNS_TWICE ? case_of_turns(column)
                    : column->oddity == LC_COLUMN_TURNS_TOO   ? LC_CASE_JSN117_MESSAGES
                                                              : LC_CASE_JSN117_IMAGE);
}
