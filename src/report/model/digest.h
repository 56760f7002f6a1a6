/* digest.h - short texts about what the rows are like, and what a trainer does with them;
 * private to src/report */
#ifndef LC_REPORT_MODEL_DIGEST_H
#define LC_REPORT_MODEL_DIGEST_H

#include "llava_check/rules.h"
#include "report/model/report.h"

/* Each function appends lines, or one sentence without a full stop, to a buffer. Errors:
 * LC_ERR_MEMORY, LC_ERR_INDEX. */

/** "1.3 rounds a row (median 1, most 3), 14 words a turn; 40 rows Latin, 2 Han" */
LC_MUST_CHECK enum lc_status lc_digest_turns(const struct lc_index *index,
                                             struct lc_buffer *out, struct lc_error *err);

/**
 * Append the largest parts of the mixture: "coco 12, gqa 8 and 6 more".
 *
 * @param kind  set to how the parts are formed: by data_source, or by top folder if no
 *              row has a data_source
 */
LC_MUST_CHECK enum lc_status lc_digest_mixture(const struct lc_index *index,
                                               enum lc_share_kind *kind,
                                               struct lc_buffer *out,
                                               struct lc_error *err);

/** "llava-next: 3 of 43 rows stop it, 9 are silently replaced by another row, …" */
LC_MUST_CHECK enum lc_status lc_digest_effects(const struct lc_report *report,
                                               struct lc_buffer *out,
                                               struct lc_error *err);

/** Append why a trainer does not load the rows as they are, if so. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_digest_unread(const struct lc_effects *effects,
                                              struct lc_buffer *out,
                                              struct lc_error *err);

/** "FAILED: 15 errors, 2 warnings; 28 of 43 rows and 27 of 35 images are sound" */
LC_MUST_CHECK enum lc_status lc_digest_totals(const struct lc_report *report,
                                              struct lc_buffer *out,
                                              struct lc_error *err);

/** "3 notes (trl: crash)": the findings on levels that are not listed, and the worst of
 * their effects if it is another than fine; nothing if all levels are listed. `lowest` is
 * set to the lowest of these levels. Walks over all findings. */
LC_MUST_CHECK enum lc_status lc_digest_lower(const struct lc_report *report,
                                             enum lc_severity *lowest,
                                             struct lc_buffer *out, struct lc_error *err);

/** "3 notes (trl: crash) not listed: --show info"; nothing if all levels are listed. */
LC_MUST_CHECK enum lc_status lc_digest_hidden(const struct lc_report *report,
                                              struct lc_buffer *out,
                                              struct lc_error *err);

/** What to do about the baseline, if anything: "2 entries … are no longer needed …". */
LC_MUST_CHECK enum lc_status lc_digest_baseline(const struct lc_report *report,
                                                struct lc_buffer *out,
                                                struct lc_error *err);

/** "15 of 43 rows have errors", counted by original level: the same number in every
 * format, whatever a selection hides. */
LC_MUST_CHECK enum lc_status lc_digest_bad_rows(const struct lc_report *report,
                                                struct lc_buffer *out,
                                                struct lc_error *err);

/** Whether the verdict is that the data set failed. */
bool lc_digest_failed(const struct lc_report *report);

#endif
