/* The findings of the JSON report, a line each; and one about the verdict when the list
 * alone would not show it. */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "report/machine/json_finding.h"

struct writer {
    const struct lc_report *report;
    struct lc_out out;
};

static enum lc_status put_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct writer *w = user;
    enum lc_status status;

    status = lc_json_finding(w->report, finding, &w->out, err);
    lc_out_text(&w->out, "\n");
    return status == LC_OK ? lc_out_flush(&w->out, err) : status;
}

static enum lc_status put_verdict(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    if (lc_adjusted_needs_verdict(w->report)) {
        status = lc_digest_totals(w->report, &text, err);
        lc_out_text(&w->out, "{\"rule\":\"\",\"name\":\"verdict\","
                             "\"severity\":\"info\",\"message\":");
        lc_out_json(&w->out, (struct lc_span){text.data, text.size});
        lc_out_text(&w->out, ",\"effect\":\"fine\",\"adjusted\":");
        lc_adjusted_json(w->report, &w->out);
        lc_out_text(&w->out, "}\n");
        lc_buffer_clear(&text);
    }
    return status;
}

enum lc_status lc_report_jsonl(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .out = {.to = report->to}};
    enum lc_status status = lc_report_each_listed(report, put_finding, &w, err);

    if (status == LC_OK)
        status = put_verdict(&w, err);
    return lc_out_end(&w.out, status, err);
}
