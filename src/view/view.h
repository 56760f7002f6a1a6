/* view.h - the findings of an index that a selection reports
 *
 * The selection is applied once, in one pass over the findings, and leaves one bit for
 * each. Any number of reports can then be written from the view.
 */
#ifndef LC_VIEW_VIEW_H
#define LC_VIEW_VIEW_H

#include "index/index.h"
#include "llava_check/selection.h"

#include <stdbool.h>
#include <stdint.h>

/** Called for each finding, in the order of reports, like lc_finding_fn. The severity of
 * a reported finding is the level that the selection assigns to it. */
typedef enum lc_status lc_view_fn(void *user, const struct lc_finding_record *finding,
                                  bool reported, struct lc_error *err);

/** Walk over all findings. Errors: LC_ERR_INDEX, and those of each. */
LC_MUST_CHECK enum lc_status lc_view_each(const struct lc_view *view, lc_view_fn *each,
                                          void *user, struct lc_error *err);

/** Walk over the findings that are reported. Errors: LC_ERR_INDEX, and those of each. */
LC_MUST_CHECK enum lc_status lc_view_each_finding(const struct lc_view *view,
                                                  lc_finding_fn *each, void *user,
                                                  struct lc_error *err);

/**
 * Whether a finding is reported.
 *
 * @param position  of the finding among all findings of the index, from 0
 * @param finding   its severity is set to the level at which it is reported
 */
bool lc_view_reports(const struct lc_view *view, uint64_t position,
                     struct lc_finding_record *finding);

/** Return the view, and keep it until lc_view_free has been called once more. The index
 * must be kept, too. */
struct lc_view *lc_view_keep(const struct lc_view *view);

/** The rules whose findings are reported, in the form of lc_index_rule_counts. */
const struct lc_rule_count *lc_view_rule_counts(const struct lc_view *view,
                                                size_t *count);

#endif
