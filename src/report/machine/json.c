/* The JSON report: docs/report-format.md */
#include "report/json/members.h"

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

    return status == LC_OK ? lc_out_flush(&w->out, err) : status;
}

static enum lc_status put_findings(struct writer *w, struct lc_error *err)
{
    enum lc_status status;

    lc_jw_key_array(&w->json, "findings", LC_JW_LINES);
    status = lc_report_each_listed(w->report, put_finding, w, err);
    if (status == LC_OK)
        lc_jw_end(&w->json);
    return status;
}

/* Write the rows that are not trained as written. */
static enum lc_status put_effects(struct writer *w, struct lc_error *err)
{
    const uint64_t rows = lc_index_summary(w->report->index)->rows;
    enum lc_status status;

    lc_jw_key_array(&w->json, "effects", LC_JW_LINES);
    for (uint64_t i = 0; i < rows; i++) {
        if (w->report->effects->rows[i] == LC_EFFECT_FINE)
            continue;
        status = lc_json_effect(w->report, i, &w->json, err);
        if (status == LC_OK)
            status = lc_out_flush(&w->out, err);
        if (status != LC_OK)
            return status;
    }
    lc_jw_end(&w->json);
    return LC_OK;
}

enum lc_status lc_report_json(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report,
                       .out = {.to = report->to},
                       .json = {.out = &w.out, .indent = 2}};
    enum lc_status status;

    lc_jw_object(&w.json, LC_JW_LINES);
    status = lc_json_facts(report, &w.json, err);
    if (status == LC_OK)
        status = put_findings(&w, err);
    if (status == LC_OK)
        status = put_effects(&w, err);
    if (status == LC_OK) {
        lc_jw_end(&w.json);
        lc_jw_line(&w.json);
    }
    return lc_jw_finish(&w.json, status, err);
}
