/* adjusted.h - counts of findings that a selection hid or lowered; private to src/report
 *
 * A data set must not look clean because a setting hides its findings. So every verdict
 * counts hidden and lowered findings by adjustment, and names the cause. The view counts
 * each finding under the one adjustment that applied to it, by the level it had before.
 * --exit-zero is listed too: it hides nothing, but lets findings pass that would fail the
 * run.
 */
#ifndef LC_REPORT_MODEL_ADJUSTED_H
#define LC_REPORT_MODEL_ADJUSTED_H

#include "llava_check/rules.h"
#include "llava_check/selection.h"
#include "print/json_writer.h"
#include "report/model/report.h"

#define LC_ADJUSTED_BY_SIZE 64

/** Number of adjustments: those of a selection, and the exit code. */
#define LC_ADJUSTED_MOST (LC_ADJUSTMENT_COUNT + 1)

/** Findings that were adjusted in one way. */
struct lc_adjusted {
    const char *how;              /* for programs: "ignored" */
    const char *phrase;           /* for people: "ignored by" */
    char by[LC_ADJUSTED_BY_SIZE]; /* what follows the phrase: "--ignore",
                                     "llava-check.yaml" */
    uint64_t counts[3];           /* by enum lc_severity, before the adjustment */
};

/** List the adjustments that apply to a report's findings. Returns their number. */
size_t lc_adjusted_list(const struct lc_report *report,
                        struct lc_adjusted out[LC_ADJUSTED_MOST]);

/** Whether findings of a level or above are adjusted. */
bool lc_adjusted_any(const struct lc_report *report, enum lc_severity lowest);

/** Whether a bare list of findings needs the verdict beside it: findings are adjusted, or
 * not all errors and warnings are listed. */
bool lc_adjusted_needs_verdict(const struct lc_report *report);

/** Append "15 errors and 2 warnings ignored by --ignore, 1 error known in baseline.json",
 * or nothing if none are adjusted. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_adjusted_sentence(const struct lc_report *report,
                                                  struct lc_buffer *out,
                                                  struct lc_error *err);

/** Write the adjustments as an array of objects. */
void lc_adjusted_json(const struct lc_report *report, struct lc_jw *json);

#endif
