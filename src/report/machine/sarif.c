/* SARIF 2.1.0 for GitHub code scanning, which accepts at most 25,000 results in a file of
 * 10 MB compressed, and shows 5,000 of them. */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "print/json_writer.h"
#include "report/model/plan.h"

#include <string.h>

#define CAPACITY 5000
#define RELATED_ROWS 3

struct writer {
    const struct lc_report *report;
    struct lc_plan plan;
    struct lc_out out;
    struct lc_jw json; /* writes to out */
    struct lc_buffer scratch;
};

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

/* Write text from the data, with characters escaped that a reader might interpret or hide
 * (printable.h). */
static void put_plain(struct writer *w, const char *key, struct lc_span text)
{
    w->scratch.size = 0;
    w->out.failed |=
        lc_printable_add(&w->scratch, text, LC_UNPRINTABLE_CHARACTER, NULL) != LC_OK;
    lc_jw_key_text(&w->json, key, (struct lc_span){w->scratch.data, w->scratch.size});
}

/* {"text": …} */
static void put_message(struct writer *w, const char *key, struct lc_span text)
{
    lc_jw_key_object(&w->json, key, LC_JW_COMPACT);
    lc_jw_key_text(&w->json, "text", text);
    lc_jw_end(&w->json);
}

/* Write a path as a relative reference (RFC 3986, 4.2): everything but unreserved
 * characters and slashes is escaped, so not even its first segment contains a colon. */
static void put_uri(struct writer *w, struct lc_span path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";

    w->scratch.size = 0;
    for (size_t i = 0; i < path.size; i++) {
        unsigned char c = (unsigned char)path.text[i];
        bool root = c == '/' && (!i || path.text[i - 1] ==
                                           '/'); /* unescaped, it would start a host */
        bool as_is = c && ((c == '/' && !root) || strchr(plain, c));

        w->out.failed |=
            lc_buffer_printf(&w->scratch, NULL, as_is ? "%c" : "%%%02X", c) != LC_OK;
    }
    lc_jw_key_object(&w->json, "artifactLocation", LC_JW_COMPACT);
    lc_jw_key_text(&w->json, "uri", (struct lc_span){w->scratch.data, w->scratch.size});
    lc_jw_end(&w->json);
}

static const char *level_of(enum lc_severity severity)
{
    return severity == LC_SEVERITY_INFO ? "note" : lc_severity_name(severity);
}

/* ---- rules ---- */

static bool is_listed(const struct writer *w, const struct lc_rule_info *rule)
{
    for (size_t i = 0; i < w->plan.rule_group_count; i++)
        if (w->plan.rule_groups[i].rule == rule)
            return true;
    return false;
}

static void put_rule(struct writer *w, const struct lc_rule_info *rule)
{
    struct lc_buffer *help = &w->scratch;

    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "id", rule->code);
    lc_jw_key_name(&w->json, "name", rule->name);
    put_message(w, "shortDescription", span_of(rule->summary));
    put_message(w, "fullDescription", span_of(rule->why));
    help->size = 0;
    w->out.failed |= lc_buffer_printf(help, NULL, "%s\n\n%s\n\nSource: %s", rule->why,
                                      rule->fix, rule->source) != LC_OK;
    put_message(w, "help", (struct lc_span){help->data, help->size});
    lc_jw_key_object(&w->json, "defaultConfiguration", LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "level", level_of(rule->severity));
    lc_jw_end(&w->json);
    lc_jw_key_object(&w->json, "properties", LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "problem.severity",
                   rule->severity == LC_SEVERITY_INFO ? "recommendation"
                                                      : level_of(rule->severity));
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
}

/* ---- the run ---- */

static void put_tool(struct writer *w)
{
    const struct lc_rule_info *rule;

    lc_jw_key_object(&w->json, "tool", LC_JW_COMPACT);
    lc_jw_key_object(&w->json, "driver", LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "name", "llava-check");
    lc_jw_key_text(&w->json, "version", lc_index_info(w->report->index)->tool);
    lc_jw_key_array(&w->json, "rules", LC_JW_DENSE_LINES);
    for (size_t i = 0; (rule = lc_rule_at(i)); i++)
        if (is_listed(w, rule))
            put_rule(w, rule);
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
}

/* Write a sentence about what the results omit, unless it is empty. */
static void put_notice(struct writer *w, struct lc_buffer *text)
{
    if (text->size) {
        lc_jw_object(&w->json, LC_JW_COMPACT);
        lc_jw_key_name(&w->json, "level", "note");
        put_message(w, "message", (struct lc_span){text->data, text->size});
        lc_jw_end(&w->json);
    }
    text->size = 0;
}

static enum lc_status put_notices(struct writer *w, struct lc_buffer *text,
                                  struct lc_error *err)
{
    enum lc_status status = lc_digest_totals(w->report, text, err);

    if (status != LC_OK)
        return status;
    put_notice(w, text);
    status = lc_digest_effects(w->report, text, err);
    if (status != LC_OK)
        return status;
    put_notice(w, text);
    status = lc_plan_note(&w->plan, text, err);
    if (status != LC_OK)
        return status;
    put_notice(w, text);
    status = lc_digest_hidden(w->report, text, err);
    if (status == LC_OK)
        put_notice(w, text);
    return status;
}

static enum lc_status put_invocation(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status;

    lc_jw_key_array(&w->json, "invocations", LC_JW_COMPACT);
    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_bool(&w->json, "executionSuccessful", true);
    lc_jw_key_array(&w->json, "toolExecutionNotifications", LC_JW_HANGING);
    status = put_notices(w, &text, err);
    lc_buffer_clear(&text);
    if (status != LC_OK)
        return status;
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
    return LC_OK;
}

static void put_properties(struct writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        {"rows", s->rows},
        {"rowsOk", s->rows_ok},
        {"imagesReferenced", s->images_referenced},
        {"imagesOk", s->images_ok},
        {"errors", findings[LC_SEVERITY_ERROR]},
        {"warnings", findings[LC_SEVERITY_WARNING]},
        {"notes", findings[LC_SEVERITY_INFO]},
        {"findingsWithheld", w->plan.grouped},
    };

    lc_jw_key_object(&w->json, "properties", LC_JW_COMPACT);
    put_plain(w, "dataset", lc_index_info(w->report->index)->name);
    lc_jw_key_name(&w->json, "trainer", lc_trainer_at(w->report->effects->trainer)->name);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        lc_jw_key_number(&w->json, numbers[i].key, numbers[i].value);
    lc_jw_key(&w->json, "adjusted");
    lc_adjusted_json(w->report, &w->json);
    lc_jw_end(&w->json);
}

/* ---- results ---- */

/* Begin a location, which the caller ends. */
static void begin_location(struct writer *w, struct lc_span path, uint64_t line,
                           uint64_t column)
{
    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_object(&w->json, "physicalLocation", LC_JW_COMPACT);
    put_uri(w, path);
    lc_jw_key_object(&w->json, "region", LC_JW_COMPACT);
    lc_jw_key_number(&w->json, "startLine", line ? line : 1); /* images have no lines */
    if (column)
        lc_jw_key_number(&w->json, "startColumn", column);
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
}

static enum lc_status put_related_row(struct writer *w, uint64_t number,
                                      struct lc_error *err)
{
    struct lc_buffer path = {0};
    struct lc_row_record row = {0};
    char text[32];
    enum lc_status status = lc_index_get_row(w->report->index, number, &row, err);

    if (status == LC_OK)
        status = lc_item_file(w->report, row.file, &path, err);
    if (status == LC_OK) {
        snprintf(text, sizeof(text), "row %llu", (unsigned long long)row.row);
        begin_location(w, (struct lc_span){path.data, path.size}, row.line, row.column);
        put_message(w, "message", span_of(text));
        lc_jw_end(&w->json);
    }
    lc_buffer_clear(&path);
    return status;
}

/* Write the first rows that name the image or have the id that a finding is about. */
static enum lc_status put_related(struct writer *w,
                                  const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    const struct lc_index *index = w->report->index;
    uint64_t numbers[RELATED_ROWS], count = 0;
    enum lc_status status;

    if (finding->kind == LC_FINDING_IMAGE)
        status = lc_index_rows_of_image(index, finding->image, numbers, RELATED_ROWS,
                                        &count, err);
    else
        status =
            lc_index_rows_of_id(index, finding->id, numbers, RELATED_ROWS, &count, err);
    if (status != LC_OK || !count)
        return status;
    lc_jw_key_array(&w->json, "relatedLocations", LC_JW_COMPACT);
    for (uint64_t i = 0; i < RELATED_ROWS && i < count && status == LC_OK; i++)
        status = put_related_row(w, numbers[i], err);
    if (status == LC_OK)
        lc_jw_end(&w->json);
    return status;
}

static void put_identity(struct writer *w, const struct lc_item *item)
{
    char print[LC_FINGERPRINT_SIZE], hex[33], line[56];

    lc_hash_hex(&item->identity, hex);
    hex[16] = '\0';
    snprintf(line, sizeof(line), "%s:%lu", hex, (unsigned long)item->ordinal);
    /* GitHub identifies alerts by the first fingerprint, in a form of its own; the second
     * is the complete one */
    lc_jw_key_object(&w->json, "partialFingerprints", LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "primaryLocationLineHash", line);
    lc_jw_key_name(&w->json, "llavaCheck/v1", lc_item_fingerprint(item, print));
    lc_jw_end(&w->json);
}

static void put_facts(struct writer *w, const struct lc_item *item)
{
    const struct lc_finding_record *finding = item->finding;

    lc_jw_key_object(&w->json, "properties", LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "effect", lc_effect_name(item->effect.effect));
    if (finding && lc_fix_of_record(finding))
        lc_jw_key_name(&w->json, "fix",
                       lc_fix_of_record(finding)->is_safe ? "safe" : "unsafe");
    if (!finding) {
        lc_jw_key_number(&w->json, "findings", item->count);
    } else if (finding->kind == LC_FINDING_ROW && finding->row >= 0) {
        lc_jw_key_number(&w->json, "row", (uint64_t)finding->row);
        if (finding->turn >= 0)
            lc_jw_key_number(&w->json, "turn", (uint64_t)finding->turn);
    }
    lc_jw_end(&w->json);
}

static enum lc_status put_result(void *user, const struct lc_item *item,
                                 struct lc_error *err)
{
    struct writer *w = user;
    enum lc_status status = LC_OK;

    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "ruleId", item->rule->code);
    lc_jw_key_name(&w->json, "level", level_of(item->severity));
    put_message(w, "message", item->text);
    lc_jw_key_array(&w->json, "locations", LC_JW_COMPACT);
    if (item->path.size) {
        begin_location(w, item->path, item->line, item->column);
        lc_jw_end(&w->json);
    }
    lc_jw_end(&w->json);
    if (item->finding && item->finding->kind != LC_FINDING_ROW)
        status = put_related(w, item->finding, err);
    if (status != LC_OK)
        return status;
    put_identity(w, item);
    put_facts(w, item);
    lc_jw_end(&w->json);
    return lc_out_flush(&w->out, err);
}

static enum lc_status put_run(struct writer *w, struct lc_error *err)
{
    enum lc_status status;

    lc_jw_object(&w->json, LC_JW_DENSE_LINES);
    put_tool(w);
    lc_jw_key_name(&w->json, "columnKind", "unicodeCodePoints");
    put_properties(w);
    status = put_invocation(w, err);
    if (status != LC_OK)
        return status;
    lc_jw_key_array(&w->json, "results", LC_JW_DENSE_LINES);
    status = lc_plan_each(&w->plan, put_result, w, err);
    if (status != LC_OK)
        return status;
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
    return LC_OK;
}

static enum lc_status put_log(struct writer *w, struct lc_error *err)
{
    enum lc_status status;

    lc_jw_object(&w->json, LC_JW_DENSE_LINES);
    lc_jw_key_name(&w->json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    lc_jw_key_name(&w->json, "version", "2.1.0");
    lc_jw_key_array(&w->json, "runs", LC_JW_DENSE_LINES);
    status = put_run(w, err);
    if (status != LC_OK)
        return status;
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
    lc_jw_line(&w->json);
    return LC_OK;
}

enum lc_status lc_report_sarif(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report,
                       .out = {.to = report->to},
                       .json = {.out = &w.out, .indent = 2}};
    enum lc_status status = lc_plan_make(report, report->options->show, LC_SEVERITY_ERROR,
                                         CAPACITY, &w.plan, err);

    if (status == LC_OK)
        status = put_log(&w, err);
    lc_plan_clear(&w.plan);
    lc_buffer_clear(&w.scratch);
    return lc_jw_finish(&w.json, status, err);
}
