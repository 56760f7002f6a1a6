/* The findings of the JSON report, one per line; and a line with the verdict if the list
 * alone would not show it. */
#include "report/json/members.h"
#include "report/model/adjusted.h"
#include "report/model/digest.h"

struct writer {
    const struct lc_report *report;
    struct lc_out out;
    struct lc_jw json; /* writes to out */
};

static enum lc_status put_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct writer *w = user;
    enum lc_status status = lc_json_finding(w->report, finding, &w->json, err);

    if (status != LC_OK)
        return status;
    lc_jw_line(&w->json);
    return lc_out_flush(&w->out, err);
}

static enum lc_status put_verdict(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    if (!lc_adjusted_needs_verdict(w->report))
        return LC_OK;
    status = lc_digest_totals(w->report, &text, err);
    if (status == LC_OK) {
        lc_jw_object(&w->json, LC_JW_COMPACT);
        lc_jw_key_name(&w->json, "rule", "");
        lc_jw_key_name(&w->json, "name", "verdict");
        lc_jw_key_name(&w->json, "severity", "info");
        lc_jw_key_text(&w->json, "message", (struct lc_span){text.data, text.size});
        lc_jw_key_name(&w->json, "effect", "fine");
        lc_jw_key(&w->json, "adjusted");
        lc_adjusted_json(w->report, &w->json);
        lc_jw_end(&w->json);
        lc_jw_line(&w->json);
    }
    lc_buffer_clear(&text);
    return status;
}

enum lc_status lc_report_jsonl(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {
        .report = report, .out = {.to = report->to}, .json = {.out = &w.out}};
    enum lc_status status = lc_report_each_listed(report, put_finding, &w, err);

    if (status == LC_OK)
        status = put_verdict(&w, err);
    return lc_jw_finish(&w.json, status, err);
}
