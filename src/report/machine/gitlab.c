/* GitLab's code quality report (the Code Climate format): a list of issues. Issues with
 * equal fingerprints would be shown as one. The format has no field for totals: if the
 * list alone does not show the verdict, it is stated in an additional issue on the first
 * rows file. */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "print/json_writer.h"
#include "report/model/plan.h"

#define CAPACITY 5000

struct writer {
    const struct lc_report *report;
    struct lc_out out;
    struct lc_jw json; /* writes to out */
    struct lc_buffer scratch;
};

static void put_text(struct writer *w, const char *key, struct lc_span text)
{
    w->scratch.size = 0;
    w->out.failed |=
        lc_printable_add(&w->scratch, text, LC_UNPRINTABLE_CHARACTER, NULL) != LC_OK;
    lc_jw_key_text(&w->json, key, (struct lc_span){w->scratch.data, w->scratch.size});
}

/* The fields of an issue. */
struct issue {
    const char *name;
    struct lc_span text;
    struct lc_span path;
    uint64_t line; /* 0 for an image, which has no lines */
    enum lc_severity severity;
    const char *fingerprint;
};

static void put_object(struct writer *w, const struct issue *issue)
{
    static const char *const severities[] = {"info", "minor", "major"};

    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "type", "issue");
    lc_jw_key_name(&w->json, "check_name", issue->name);
    put_text(w, "description", issue->text);
    lc_jw_key_array(&w->json, "categories", LC_JW_COMPACT);
    lc_jw_name(&w->json, "Bug Risk");
    lc_jw_end(&w->json);
    lc_jw_key_name(&w->json, "severity", severities[issue->severity]);
    lc_jw_key_name(&w->json, "fingerprint", issue->fingerprint);
    lc_jw_key_object(&w->json, "location", LC_JW_COMPACT);
    put_text(w, "path", issue->path);
    lc_jw_key_object(&w->json, "lines", LC_JW_COMPACT);
    lc_jw_key_number(&w->json, "begin", issue->line ? issue->line : 1);
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
}

static enum lc_status put_issue(void *user, const struct lc_item *item,
                                struct lc_error *err)
{
    struct writer *w = user;
    char print[LC_FINGERPRINT_SIZE], name[64];
    const struct issue issue = {
        .name = name,
        .text = item->text,
        .path = item->path,
        .line = item->line,
        .severity = item->severity,
        .fingerprint = lc_item_fingerprint(item, print),
    };

    snprintf(name, sizeof(name), "%s %s", item->rule->code, item->rule->name);
    put_object(w, &issue);
    return lc_out_flush(&w->out, err);
}

static enum lc_status put_verdict(struct writer *w, struct lc_error *err)
{
    static const char name[] = "verdict";
    struct lc_hash hash = lc_hash_bytes(name, sizeof(name) - 1);
    struct lc_buffer text = {0}, path = {0};
    enum lc_status status = LC_OK;
    char print[33];

    if (!lc_adjusted_needs_verdict(w->report))
        return LC_OK;
    status = lc_digest_totals(w->report, &text, err);
    if (status == LC_OK)
        status = lc_item_file(w->report, 0, &path, err);
    if (status == LC_OK) {
        lc_hash_hex(&hash, print);
        put_object(w, &(struct issue){.name = name,
                                      .text = {text.data, text.size},
                                      .path = {path.data, path.size},
                                      .severity = LC_SEVERITY_INFO,
                                      .fingerprint = print});
    }
    lc_buffer_clear(&text);
    lc_buffer_clear(&path);
    return status;
}

enum lc_status lc_report_gitlab(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report,
                       .out = {.to = report->to},
                       .json = {.out = &w.out, .indent = 2}};
    struct lc_plan plan;
    size_t capacity = lc_adjusted_needs_verdict(report) ? CAPACITY - 1 : CAPACITY;
    enum lc_status status = lc_plan_make(report, report->options->show, LC_SEVERITY_ERROR,
                                         capacity, &plan, err);

    lc_jw_array(&w.json, LC_JW_LINES);
    if (status == LC_OK)
        status = lc_plan_each(&plan, put_issue, &w, err);
    if (status == LC_OK)
        status = put_verdict(&w, err);
    if (status == LC_OK) {
        lc_jw_end(&w.json);
        lc_jw_line(&w.json);
    }
    lc_plan_clear(&plan);
    lc_buffer_clear(&w.scratch);
    return lc_jw_finish(&w.json, status, err);
}
