#include "report/model/report.h"

#include <stdio.h>

const uint64_t *lc_report_findings(const struct lc_report *report)
{
    return lc_view_counts(report->view)->findings;
}

/* A walk over the findings that a report lists. */
struct listing {
    const struct lc_report_options *options;
    lc_finding_fn *each;
    void *user;
    uint64_t listed;
};

static enum lc_status list_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct listing *listing = user;
    uint64_t most = listing->options->max_findings;

    if (finding->severity < listing->options->show || (most && listing->listed == most))
        return LC_OK;
    listing->listed++;
    return listing->each(listing->user, finding, err);
}

enum lc_status lc_report_each_listed(const struct lc_report *report, lc_finding_fn *each,
                                     void *user, struct lc_error *err)
{
    struct listing listing = {.options = report->options, .each = each, .user = user};

    return lc_view_each_finding(report->view, list_finding, &listing, err);
}

const struct lc_rule_info *lc_rule_of(const struct lc_finding_record *finding)
{
    char code[16];

    snprintf(code, sizeof(code), "%.*s", (int)finding->rule.size, finding->rule.text);
    return lc_rule_find(code);
}

const struct lc_fix_info *lc_fix_of_record(const struct lc_finding_record *finding)
{
    return lc_fix_at(lc_finding_fix(finding->rule, finding->rule_case, finding->message));
}
