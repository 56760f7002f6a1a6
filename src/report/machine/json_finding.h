/* json_finding.h - a finding as a JSON object; private to src/report */
#ifndef LC_REPORT_MACHINE_JSON_FINDING_H
#define LC_REPORT_MACHINE_JSON_FINDING_H

#include "print/json_writer.h"
#include "report/model/report.h"

/** Write a finding as an object of docs/report-format.md, on one line. Errors:
 * LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_json_finding(const struct lc_report *report,
                                             const struct lc_finding_record *finding,
                                             struct lc_jw *json, struct lc_error *err);

/** Write a row and what the trainer does with it. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_json_effect(const struct lc_report *report, uint64_t row,
                                            struct lc_jw *json, struct lc_error *err);

#endif
