/* members.h - the parts of the JSON report, for every format that contains them
 *
 * docs/report-format.md describes them. The caller opens and closes the object.
 */
#ifndef LC_REPORT_JSON_MEMBERS_H
#define LC_REPORT_JSON_MEMBERS_H

#include "print/json_writer.h"
#include "report/model/report.h"

/** Write the members from "schema" to "image_statistics": everything but the lists of
 * findings and of rows. Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_json_facts(const struct lc_report *report,
                                           struct lc_jw *json, struct lc_error *err);

/** Write the members "statistics", "mixture" and "image_statistics". Errors:
 * LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_json_statistics(const struct lc_report *report,
                                                struct lc_jw *json, struct lc_error *err);

/** Write the member "verification", if the data was verified. */
void lc_json_verification(const struct lc_report *report, struct lc_jw *json);

/** Write a finding on one line, as the object that docs/report-format.md describes.
 * Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_json_finding(const struct lc_report *report,
                                             const struct lc_finding_record *finding,
                                             struct lc_jw *json, struct lc_error *err);

/** Write a row and what the trainer does with it. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_json_effect(const struct lc_report *report, uint64_t row,
                                            struct lc_jw *json, struct lc_error *err);

#endif
