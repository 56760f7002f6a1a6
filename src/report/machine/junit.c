/* JUnit XML, as Jenkins and GitLab read it: a passing test for each rule without
 * findings, and a test for each entry of the other rules. */
#include "report/model/digest.h"
#include "print/out.h"
#include "report/model/plan.h"

#include <string.h>

#define CAPACITY 5000

struct writer {
    const struct lc_report *report;
    struct lc_plan plan;
    struct lc_out out;
    struct lc_buffer scratch;
};

/* Whether a text starts with a character that XML 1.0 does not allow; control characters
 * were escaped before. */
static bool is_no_character(const char *text, size_t left)
{
    return left >= 3 && memcmp(text, "\xEF\xBF", 2) == 0 &&
           ((unsigned char)text[2] == 0xBE || (unsigned char)text[2] == 0xBF);
}

/* Write text from the data, as content or as a quoted attribute value. */
static void put_text(struct writer *w, struct lc_span text)
{
    struct lc_printable value = {.enclosed = true};

    w->scratch.size = 0;
    w->out.failed |=
        lc_printable_add(&w->scratch, text, LC_UNPRINTABLE_CHARACTER, NULL) != LC_OK;
    value.text = (struct lc_span){w->scratch.data, w->scratch.size};
    for (size_t i = 0; i < w->scratch.size; i++) {
        const char *c = w->scratch.data + i;

        if (*c == '&') {
            lc_out_text(&w->out, "&amp;");
        } else if (*c == '<') {
            lc_out_text(&w->out, "&lt;");
        } else if (*c == '>') { /* content may not contain "]]>" */
            lc_out_text(&w->out, "&gt;");
        } else if (*c == '"') {
            lc_out_text(&w->out, "&quot;");
        } else if (lc_printable_is_command(&value, i)) {
            lc_out_text(&w->out, *c == ':' ? "&#58;" : "&#91;");
        } else if (is_no_character(c, w->scratch.size - i)) {
            lc_out_text(&w->out, (unsigned char)c[2] == 0xBE ? "\\u{fffe}" : "\\u{ffff}");
            i += 2;
        } else {
            lc_out_bytes(&w->out, c, 1);
        }
    }
}

static void put_own(struct writer *w, const char *text)
{
    put_text(w, (struct lc_span){text, strlen(text)});
}

static void put_property(struct writer *w, const char *name, struct lc_span value)
{
    lc_out_text(&w->out, "      <property name=\"");
    lc_out_text(&w->out, name);
    lc_out_text(&w->out, "\" value=\"");
    put_text(w, value);
    lc_out_text(&w->out, "\"/>\n");
}

/* Write a sentence about the whole report as a property, unless it is empty. */
static void put_sentence(struct writer *w, const char *name, struct lc_buffer *text)
{
    if (text->size)
        put_property(w, name, (struct lc_span){text->data, text->size});
    text->size = 0;
}

static enum lc_status put_properties(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_totals(w->report, &text, err);

    lc_out_text(&w->out, "    <properties>\n");
    put_sentence(w, "totals", &text);
    if (status == LC_OK)
        status = lc_digest_effects(w->report, &text, err);
    put_sentence(w, "trainer", &text);
    if (status == LC_OK)
        status = lc_plan_note(&w->plan, &text, err);
    put_sentence(w, "withheld", &text);
    if (status == LC_OK)
        status = lc_digest_hidden(w->report, &text, err);
    put_sentence(w, "hidden", &text);
    put_property(w, "llava-check", lc_index_info(w->report->index)->tool);
    lc_out_text(&w->out, "    </properties>\n");
    lc_buffer_clear(&text);
    return status;
}

static bool has_found(const struct writer *w, const struct lc_rule_info *rule)
{
    for (size_t i = 0; i < w->plan.rule_group_count; i++)
        if (w->plan.rule_groups[i].rule == rule)
            return true;
    return false;
}

/* Begin a test case: its class is the rule. */
static void put_case(struct writer *w, const struct lc_rule_info *rule)
{
    lc_out_text(&w->out, "    <testcase classname=\"");
    put_own(w, rule->code);
    lc_out_text(&w->out, " ");
    put_own(w, rule->name);
    lc_out_text(&w->out, "\" name=\"");
}

static void put_passed(struct writer *w)
{
    const struct lc_rule_info *rule;

    for (size_t i = 0; (rule = lc_rule_at(i)); i++) {
        if (has_found(w, rule))
            continue;
        put_case(w, rule);
        put_own(w, rule->summary);
        lc_out_text(&w->out, "\"/>\n");
    }
}

/* Append the name of a test. It does not change when other rows are added or removed,
 * provided that rows have ids. */
static enum lc_status add_name(struct lc_buffer *name, const struct lc_item *item,
                               struct lc_error *err)
{
    const struct lc_finding_record *finding = item->finding;
    const struct lc_span *first = !finding                         ? &item->folder
                                  : item->image.size && item->line ? &item->image
                                                                   : &item->path;
    enum lc_status status = LC_OK;
    char quote[64];

    if (first->size)
        status = lc_buffer_add(name, first->text, first->size, err);
    if (!finding || status != LC_OK)
        return status == LC_OK ? lc_buffer_printf(name, err, ": all findings") : status;
    if (finding->id.size)
        status = lc_buffer_printf(name, err, " id %s",
                                  lc_text_quote(finding->id, quote, sizeof(quote)));
    else if (finding->kind == LC_FINDING_ROW && finding->row >= 0)
        status = lc_buffer_printf(name, err, " row %lld", (long long)finding->row);
    if (status == LC_OK && finding->kind == LC_FINDING_ROW && finding->turn >= 0)
        status = lc_buffer_printf(name, err, " turn %lld", (long long)finding->turn);
    return status;
}

/* Write the name of a test, with a number if the name occurred before: readers identify
 * tests by their names. */
static enum lc_status put_name(struct writer *w, const struct lc_item *item,
                               struct lc_error *err)
{
    struct lc_buffer name = {0}, key = {0};
    struct lc_hash hash;
    uint32_t times;
    enum lc_status status = add_name(&name, item, err);

    if (status == LC_OK)
        status = lc_buffer_printf(&key, err, "%s ", item->rule->code);
    if (status == LC_OK)
        status = lc_format_text((struct lc_span){name.data, name.size}, &key, err);
    if (status == LC_OK) {
        put_text(w, (struct lc_span){name.data, name.size});
        hash = lc_hash_bytes(key.data, key.size);
        times = lc_plan_count_hash(&w->plan, &hash);
        lc_out_text(&w->out, times > 1 ? " #" : "");
        if (times > 1)
            lc_out_number(&w->out, times);
    }
    lc_buffer_clear(&name);
    lc_buffer_clear(&key);
    return status;
}

static enum lc_status put_item(void *user, const struct lc_item *item,
                               struct lc_error *err)
{
    struct writer *w = user;
    bool failed = item->severity >= w->report->options->fail_on;

    put_case(w, item->rule);
    if (put_name(w, item, err) != LC_OK)
        return LC_ERR_MEMORY;
    lc_out_text(&w->out, "\" file=\"");
    put_text(w, item->path);
    if (item->line) {
        lc_out_text(&w->out, "\" line=\"");
        lc_out_number(&w->out, item->line);
    }
    lc_out_text(&w->out,
                failed ? "\">\n      <failure type=\"" : "\">\n      <system-out>");
    lc_out_text(&w->out, lc_severity_name(item->severity));
    if (failed) {
        lc_out_text(&w->out, "\" message=\"");
        put_own(w, item->rule->summary);
        lc_out_text(&w->out, "\">");
    } else {
        lc_out_text(&w->out, ": ");
    }
    put_text(w, item->text);
    lc_out_text(&w->out, failed ? "</failure>\n" : "</system-out>\n");
    lc_out_text(&w->out, "    </testcase>\n");
    return lc_out_flush(&w->out, err);
}

/* Write the number of tests and of failures. */
static void put_counts(struct writer *w)
{
    const struct lc_rule_info *rule;
    uint64_t tests = 0, failures = 0;

    for (size_t i = 0; i < w->plan.rule_group_count; i++) {
        const struct lc_rule_group *rule_group = &w->plan.rule_groups[i];
        uint64_t entries = rule_group->detail == LC_DETAIL_ALL
                               ? rule_group->count
                               : lc_rule_group_entries(rule_group);

        tests += entries;
        failures += rule_group->severity >= w->report->options->fail_on ? entries : 0;
    }
    for (size_t i = 0; (rule = lc_rule_at(i)); i++)
        tests += !has_found(w, rule);
    lc_out_text(&w->out, "\" tests=\"");
    lc_out_number(&w->out, tests);
    lc_out_text(&w->out, "\" failures=\"");
    lc_out_number(&w->out, failures);
    lc_out_text(&w->out, "\" errors=\"0");
}

static enum lc_status write(struct writer *w, struct lc_error *err)
{
    enum lc_status status;

    lc_out_text(&w->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<testsuites name=\"llava-check");
    put_counts(w);
    lc_out_text(&w->out, "\">\n  <testsuite name=\"");
    put_text(w, lc_index_info(w->report->index)->name);
    put_counts(w);
    lc_out_text(&w->out, "\" skipped=\"0\">\n");
    status = put_properties(w, err);
    if (status == LC_OK)
        status = lc_plan_each(&w->plan, put_item, w, err);
    put_passed(w);
    lc_out_text(&w->out, "  </testsuite>\n</testsuites>\n");
    return status;
}

enum lc_status lc_report_junit(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .out = {.to = report->to}};
    enum lc_status status = lc_plan_make(report, report->options->show, LC_SEVERITY_ERROR,
                                         CAPACITY, &w.plan, err);

    if (status == LC_OK)
        status = write(&w, err);
    lc_plan_clear(&w.plan);
    lc_buffer_clear(&w.scratch);
    return lc_out_end(&w.out, status, err);
}
