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

/** Called for each finding, in the order of reports, as lc_finding_fn is. The severity of
 * a reported finding is the level that the selection gives it. */
typedef enum lc_status lc_view_fn(void *user, const struct lc_finding_record *finding,
                                  bool reported, struct lc_error *err);

/** Walk over all findings. Errors: LC_ERR_INDEX, and what each returns. */
LC_MUST_CHECK enum lc_status lc_view_each(const struct lc_view *view, lc_view_fn *each,
                                          void *user, struct lc_error *err);

/** Walk over the findings that are reported. Errors: LC_ERR_INDEX, and what each returns.
 */
LC_MUST_CHECK enum lc_status lc_view_each_finding(const struct lc_view *view,
                                                  lc_finding_fn *each, void *user,
                                                  struct lc_error *err);

/**
 * Whether a finding is reported.
 *
 * @param position  of the finding among all of the index, from 0
 * @param finding   its severity becomes the level that it is reported at
 */
bool lc_view_reports(const struct lc_view *view, uint64_t position,
                     struct lc_finding_record *finding);

/** Keep a view until lc_view_free has been called once more, for what is returned: the
 * view. The index must be kept, too. */
struct lc_view *lc_view_keep(const struct lc_view *view);

/** The rules whose findings are reported, as lc_index_rule_counts has them. */
const struct lc_rule_count *lc_view_rule_counts(const struct lc_view *view,
                                                size_t *count);

#endif
