/* The findings of the JSON report, a line each */
#include "report/json_finding.h"

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

enum lc_status lc_report_jsonl(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .out = {.to = report->to}};
    enum lc_status status = lc_report_each_listed(report, put_finding, &w, err);

    return lc_out_end(&w.out, status, err);
}
