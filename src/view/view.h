/* view.h - the findings of an index that a selection leaves
 *
 * What is selected is decided once; which findings are told is then a bit for each, so
 * that any number of reports can be written.
 */
#ifndef LC_VIEW_VIEW_H
#define LC_VIEW_VIEW_H

#include "index/index.h"
#include "llava_check/selection.h"

#include <stdbool.h>
#include <stdint.h>

/** Called for each finding, in the order of reports; told ones have the level they are
 * given. As lc_finding_fn. */
typedef enum lc_status lc_told_fn(void *user, const struct lc_finding_record *finding,
                                  bool told, struct lc_error *err);

/** Walk over all findings. Errors: LC_ERR_INDEX, and what each returns. */
LC_MUST_CHECK enum lc_status lc_view_each(const struct lc_view *view, lc_told_fn *each,
                                          void *user, struct lc_error *err);

/** Walk over the findings that are told. Errors: LC_ERR_INDEX, and what each returns. */
LC_MUST_CHECK enum lc_status lc_view_each_finding(const struct lc_view *view,
                                                  lc_finding_fn *each, void *user,
                                                  struct lc_error *err);

/**
 * Whether a finding is reported.
 *
 * @param position  of the finding among all of the index, from 0
 * @param finding   its severity becomes the level that it is reported on
 */
bool lc_view_reports(const struct lc_view *view, uint64_t position,
                     struct lc_finding_record *finding);

/** The rules whose findings are told, as lc_index_rule_counts has them. */
const struct lc_rule_count *lc_view_rule_counts(const struct lc_view *view,
                                                size_t *count);

#endif
