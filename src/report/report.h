/* report.h - what report formats share; private to src/report and src/query */
#ifndef LC_REPORT_REPORT_H
#define LC_REPORT_REPORT_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/printable.h"
#include "index/index.h"
#include "report/effects.h"
#include "view/view.h"

#include <stdio.h>

/** What a report is written from and to. */
struct lc_report {
    const struct lc_index *index;
    const struct lc_report_options *options;
    const struct lc_view *view;       /* the findings that are told */
    const struct lc_effects *effects; /* on the trainer of the options */
    FILE *to;                         /* its errors are checked once, by the caller */
};

/** Write a report in a format: one file, and one row of formats.def. Errors:
 * LC_ERR_INDEX, LC_ERR_MEMORY. Findings come sorted, by lc_view_each_finding. */
typedef enum lc_status lc_report_fn(const struct lc_report *report, struct lc_error *err);

#define LC_FORMAT(name, ...) lc_report_fn lc_report_##name;
#include "report/formats.def"
#undef LC_FORMAT

/** How many findings are told, by enum lc_severity. */
const uint64_t *lc_report_findings(const struct lc_report *report);

/** Walk over the findings that a report of every finding lists: those of the levels that
 * are shown, as many as are wanted. Errors: LC_ERR_INDEX, and what each returns. */
LC_MUST_CHECK enum lc_status lc_report_each_listed(const struct lc_report *report,
                                                   lc_finding_fn *each, void *user,
                                                   struct lc_error *err);

/** Write the members "statistics", "mixture" and "image_statistics" of the JSON report.
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_json_statistics(const struct lc_report *report,
                                                struct lc_error *err);

/** Write the member "verification" of the JSON report, when the data was verified. */
void lc_json_verification(const struct lc_report *report);

/** The rule of a finding; NULL: none of this version. */
const struct lc_rule_info *lc_rule_of(const struct lc_finding_record *finding);

/** Room for a number with its separators. */
#define LC_COUNT_SIZE 32

/** Write a number with commas: 738,590. Returns out. */
const char *lc_format_count(uint64_t value, char out[LC_COUNT_SIZE]);

/** Write a size for people: 0 bytes, 812 bytes, 1.5 KiB, 51.0 GiB. Returns out. */
const char *lc_format_bytes(uint64_t value, char out[LC_COUNT_SIZE]);

/** Append foreign text to a line for people: visible escapes for what a terminal or a CI
 * system would obey (base/printable.h). Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_format_text(struct lc_span text, struct lc_buffer *out,
                                            struct lc_error *err);

/** The largest quotation that lc_format_quote makes, with the NUL. */
#define LC_QUOTE_MOST 160

/** Append foreign text as lc_text_quote writes it, in at most so many bytes. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_format_quote(struct lc_span text, size_t most,
                                             struct lc_buffer *out, struct lc_error *err);

/**
 * Escape the first character of a line that begins with foreign text, if Buildkite would
 * fold what follows: it takes "--- ", "+++ ", "~~~ " and "^^^ " for headings of groups.
 *
 * @param from  where the line begins in the buffer
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_format_start(struct lc_buffer *out, size_t from,
                                             struct lc_error *err);

#endif
