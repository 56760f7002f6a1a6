/* SARIF 2.1.0, as GitHub code scanning reads it: at most 5,000 results are shown there,
 * 25,000 taken, in a file of 10 MB when compressed. */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "print/out.h"
#include "report/model/plan.h"

#include <string.h>

#define ROOM 5000
#define RELATED_ROWS 3

struct writer {
    const struct lc_report *report;
    struct lc_plan plan;
    struct lc_out out;
    struct lc_buffer room;
    bool any;
};

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

static void put_text(struct writer *w, const char *key, struct lc_span text)
{
    lc_out_text(&w->out, key);
    lc_out_json(&w->out, text);
}

/* Foreign text, such that no reader shows other than what is there. */
static void put_plain(struct writer *w, const char *key, struct lc_span text)
{
    w->room.size = 0;
    w->out.failed |=
        lc_printable_add(&w->room, text, LC_UNPRINTABLE_CHARACTER, NULL) != LC_OK;
    put_text(w, key, (struct lc_span){w->room.data, w->room.size});
}

/* A relative reference (RFC 3986, 4.2): all but unreserved characters and slashes are
 * escaped; not even its first segment has a colon. */
static void put_uri(struct writer *w, struct lc_span path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";
    char escape[4];

    lc_out_text(&w->out, "{\"uri\":\"");
    for (size_t i = 0; i < path.size; i++) {
        unsigned char c = (unsigned char)path.text[i];
        bool root = c == '/' && (!i || path.text[i - 1] == '/'); /* else: a host */

        snprintf(escape, sizeof(escape), "%%%02X", c);
        if (c && ((c == '/' && !root) || strchr(plain, c)))
            lc_out_bytes(&w->out, &c, 1);
        else
            lc_out_text(&w->out, escape);
    }
    lc_out_text(&w->out, "\"}");
}

static const char *level_of(enum lc_severity severity)
{
    return severity == LC_SEVERITY_INFO ? "note" : lc_severity_name(severity);
}

/* ---- rules ---- */

static bool is_listed(const struct writer *w, const struct lc_rule_info *rule)
{
    for (size_t i = 0; i < w->plan.strand_count; i++)
        if (w->plan.strands[i].rule == rule)
            return true;
    return false;
}

static void put_rule(struct writer *w, const struct lc_rule_info *rule)
{
    struct lc_buffer *help = &w->room;

    put_text(w, "{\"id\":", span_of(rule->code));
    put_text(w, ",\"name\":", span_of(rule->name));
    put_text(w, ",\"shortDescription\":{\"text\":", span_of(rule->summary));
    put_text(w, "},\"fullDescription\":{\"text\":", span_of(rule->why));
    help->size = 0;
    w->out.failed |= lc_buffer_printf(help, NULL, "%s\n\n%s\n\nSource: %s", rule->why,
                                      rule->fix, rule->source) != LC_OK;
    put_text(w, "},\"help\":{\"text\":", (struct lc_span){help->data, help->size});
    put_text(w,
             "},\"defaultConfiguration\":{\"level\":", span_of(level_of(rule->severity)));
    put_text(w, "},\"properties\":{\"problem.severity\":",
             span_of(rule->severity == LC_SEVERITY_INFO ? "recommendation"
                                                        : level_of(rule->severity)));
    lc_out_text(&w->out, "}}");
}

static int put_rules(struct writer *w)
{
    const struct lc_rule_info *rule;
    int count = 0;

    for (size_t i = 0; (rule = lc_rule_at(i)); i++) {
        if (!is_listed(w, rule))
            continue;
        lc_out_text(&w->out, count++ ? ",\n        " : "\n        ");
        put_rule(w, rule);
    }
    return count;
}

/* ---- the run ---- */

/* One of the sentences that say what is not among the results. */
static enum lc_status put_notice(struct writer *w, struct lc_buffer *text)
{
    if (text->size) {
        lc_out_text(&w->out, w->any ? ",\n" : "\n");
        put_text(w, "        {\"level\":\"note\",\"message\":{\"text\":",
                 (struct lc_span){text->data, text->size});
        lc_out_text(&w->out, "}}");
        w->any = true;
    }
    text->size = 0;
    return LC_OK;
}

static enum lc_status put_invocation(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status;

    lc_out_text(&w->out, "      \"invocations\":[{\"executionSuccessful\":true,"
                         "\"toolExecutionNotifications\":[");
    status = lc_digest_totals(w->report, &text, err);
    if (status == LC_OK)
        status = put_notice(w, &text);
    if (status == LC_OK)
        status = lc_digest_effects(w->report, &text, err);
    if (status == LC_OK)
        status = put_notice(w, &text);
    if (status == LC_OK)
        status = lc_plan_note(&w->plan, &text, err);
    if (status == LC_OK)
        status = put_notice(w, &text);
    if (status == LC_OK)
        status = lc_digest_hidden(w->report, &text, err);
    if (status == LC_OK)
        status = put_notice(w, &text);
    lc_out_text(&w->out, "]}],\n");
    lc_buffer_clear(&text);
    return status;
}

static void put_properties(struct writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        {",\"rows\":", s->rows},
        {",\"rowsOk\":", s->rows_ok},
        {",\"imagesReferenced\":", s->images_referenced},
        {",\"imagesOk\":", s->images_ok},
        {",\"errors\":", findings[LC_SEVERITY_ERROR]},
        {",\"warnings\":", findings[LC_SEVERITY_WARNING]},
        {",\"notes\":", findings[LC_SEVERITY_INFO]},
        {",\"findingsWithheld\":", w->plan.together},
    };

    put_plain(
        w, "      \"properties\":{\"dataset\":", lc_index_info(w->report->index)->name);
    put_text(w,
             ",\"trainer\":", span_of(lc_trainer_at(w->report->effects->trainer)->name));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        lc_out_text(&w->out, numbers[i].key);
        lc_out_number(&w->out, numbers[i].value);
    }
    lc_out_text(&w->out, ",\"adjusted\":");
    lc_adjusted_json(w->report, &w->out);
    lc_out_text(&w->out, "},\n");
}

/* ---- results ---- */

static void put_location(struct writer *w, struct lc_span path, uint64_t line,
                         uint64_t column)
{
    lc_out_text(&w->out, "{\"physicalLocation\":{\"artifactLocation\":");
    put_uri(w, path);
    lc_out_text(&w->out, ",\"region\":{\"startLine\":");
    lc_out_number(&w->out, line ? line : 1); /* there is none in an image */
    if (column) {
        lc_out_text(&w->out, ",\"startColumn\":");
        lc_out_number(&w->out, column);
    }
    lc_out_text(&w->out, "}}");
}

/* The first rows that name an image, or have an id. */
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
    lc_out_text(&w->out, ",\"relatedLocations\":[");
    for (uint64_t i = 0; i < RELATED_ROWS && i < count && status == LC_OK; i++) {
        struct lc_buffer path = {0};
        struct lc_row_record row = {0};

        status = lc_index_get_row(index, numbers[i], &row, err);
        if (status == LC_OK)
            status = lc_item_file(w->report, row.file, &path, err);
        lc_out_text(&w->out, i ? "," : "");
        if (status == LC_OK)
            put_location(w, (struct lc_span){path.data, path.size}, row.line, row.column);
        lc_out_text(&w->out, ",\"message\":{\"text\":\"row ");
        lc_out_number(&w->out, row.row);
        lc_out_text(&w->out, "\"}}");
        lc_buffer_clear(&path);
    }
    lc_out_text(&w->out, "]");
    return status;
}

static void put_identity(struct writer *w, const struct lc_item *item)
{
    char print[LC_FINGERPRINT_SIZE], hex[33];

    lc_hash_hex(&item->identity, hex);
    hex[16] = '\0';
    /* what GitHub tells alerts apart by, in its form, and the whole of it */
    lc_out_text(&w->out, ",\"partialFingerprints\":{\"primaryLocationLineHash\":\"");
    lc_out_text(&w->out, hex);
    lc_out_text(&w->out, ":");
    lc_out_number(&w->out, item->ordinal);
    lc_out_text(&w->out, "\",\"llavaCheck/v1\":\"");
    lc_out_text(&w->out, lc_item_fingerprint(item, print));
    lc_out_text(&w->out, "\"}");
}

static void put_facts(struct writer *w, const struct lc_item *item)
{
    const struct lc_finding_record *finding = item->finding;

    put_text(
        w, ",\"properties\":{\"effect\":", span_of(lc_effect_name(item->effect.effect)));
    if (!finding) {
        lc_out_text(&w->out, ",\"findings\":");
        lc_out_number(&w->out, item->count);
    } else if (finding->kind == LC_FINDING_ROW && finding->row >= 0) {
        lc_out_text(&w->out, ",\"row\":");
        lc_out_number(&w->out, (uint64_t)finding->row);
        if (finding->turn >= 0) {
            lc_out_text(&w->out, ",\"turn\":");
            lc_out_number(&w->out, (uint64_t)finding->turn);
        }
    }
    lc_out_text(&w->out, "}}");
}

static enum lc_status put_result(void *user, const struct lc_item *item,
                                 struct lc_error *err)
{
    struct writer *w = user;
    enum lc_status status = LC_OK;

    lc_out_text(&w->out, w->any ? ",\n" : "\n");
    w->any = true;
    put_text(w, "        {\"ruleId\":", span_of(item->rule->code));
    put_text(w, ",\"level\":", span_of(level_of(item->severity)));
    put_text(w, ",\"message\":{\"text\":", item->text);
    lc_out_text(&w->out, "},\"locations\":[");
    if (item->path.size) {
        put_location(w, item->path, item->line, item->column);
        lc_out_text(&w->out, "}");
    }
    lc_out_text(&w->out, "]");
    if (item->finding && item->finding->kind != LC_FINDING_ROW)
        status = put_related(w, item->finding, err);
    put_identity(w, item);
    put_facts(w, item);
    return status == LC_OK ? lc_out_flush(&w->out, err) : status;
}

static enum lc_status write(struct writer *w, struct lc_error *err)
{
    enum lc_status status;

    lc_out_text(&w->out,
                "{\n  \"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\n"
                "  \"version\":\"2.1.0\",\n  \"runs\":[\n    {\n"
                "      \"tool\":{\"driver\":{\"name\":\"llava-check\",\"version\":");
    lc_out_json(&w->out, lc_index_info(w->report->index)->tool);
    lc_out_text(&w->out, ",\"rules\":[");
    lc_out_text(&w->out, put_rules(w) ? "\n      ]}},\n" : "]}},\n");
    lc_out_text(&w->out, "      \"columnKind\":\"unicodeCodePoints\",\n");
    put_properties(w);
    status = put_invocation(w, err);
    lc_out_text(&w->out, "      \"results\":[");
    w->any = false;
    if (status == LC_OK)
        status = lc_plan_each(&w->plan, put_result, w, err);
    lc_out_text(&w->out, w->any ? "\n      ]\n    }\n  ]\n}\n" : "]\n    }\n  ]\n}\n");
    return status;
}

enum lc_status lc_report_sarif(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .out = {.to = report->to}};
    enum lc_status status = lc_plan_make(report, report->options->show, LC_SEVERITY_ERROR,
                                         ROOM, &w.plan, err);

    if (status == LC_OK)
        status = write(&w, err);
    lc_plan_clear(&w.plan);
    lc_buffer_clear(&w.room);
    return lc_out_end(&w.out, status, err);
}
