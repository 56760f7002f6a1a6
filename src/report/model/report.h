/* report.h - what report formats share; private to src/report */
#ifndef LC_REPORT_MODEL_REPORT_H
#define LC_REPORT_MODEL_REPORT_H

#include "base/error.h"
#include "index/index.h"
#include "print/format.h"
#include "print/json_writer.h"
#include "report/model/effects.h"
#include "view/view.h"

#include <stdio.h>

/** The input and output of a report. */
struct lc_report {
    const struct lc_index *index;
    const struct lc_report_options *options;
    const struct lc_view *view;       /* the findings to report */
    const struct lc_effects *effects; /* the effects on the chosen trainer */
    const struct lc_effects *all;     /* by trainer, for the comparison; their rows are
                                         not kept */
    size_t all_count;                 /* 0: trainers are not compared */
    FILE *to;                         /* the caller checks its errors once */
};

/** Write a report in a format: one file, and one row of formats.def. Errors:
 * LC_ERR_INDEX, LC_ERR_MEMORY. Findings come sorted, by lc_view_each_finding. */
typedef enum lc_status lc_report_fn(const struct lc_report *report, struct lc_error *err);

#define LC_FORMAT(name, ...) lc_report_fn lc_report_##name;
#include "llava_check/report.h"
#include "report/formats.def"
#undef LC_FORMAT

/** Number of reported findings, by enum lc_severity. */
const uint64_t *lc_report_findings(const struct lc_report *report);

/** Walk over the findings of a report that lists all findings: those on the levels that
 * are shown, at most --max-findings. Errors: LC_ERR_INDEX, and those of each. */
LC_MUST_CHECK enum lc_status lc_report_each_listed(const struct lc_report *report,
                                                   lc_finding_fn *each, void *user,
                                                   struct lc_error *err);

/** The rule of a finding; NULL if this version has no such rule. */
const struct lc_rule_info *lc_rule_of(const struct lc_finding_record *finding);

/** The fix that a finding may have; NULL if there is none. */
const struct lc_fix_info *lc_fix_of_record(const struct lc_finding_record *finding);

#endif
