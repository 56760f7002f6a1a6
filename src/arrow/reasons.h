/* reasons.h - which finding is the reason for what a trainer does with a row; private to
 * src/arrow */
#ifndef LC_ARROW_REASONS_H
#define LC_ARROW_REASONS_H

#include "base/error.h"
#include "llava_check/findings.h"
#include "llava_check/rows.h"
#include "report/prediction.h"

/** What a trainer does with the rows of an index. */
struct lc_reasons;

/**
 * Copy the necessary parts of a prediction.
 *
 * @param of_rows  also find the reason for each row's effect, in a walk over the
 *                 findings; needs 2 bytes for each row and image
 *
 * Owner:   the caller, lc_reasons_free.
 * Errors:  LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_reasons_new(const struct lc_index *index,
                                            const struct lc_prediction *prediction,
                                            bool of_rows, struct lc_reasons **out,
                                            struct lc_error *err);
void lc_reasons_free(struct lc_reasons *reasons); /* NULL-safe */

/** The effect of a finding, where it is (lc_effects_of). @param which  set to its case */
struct lc_rule_effect lc_reasons_effect_of(struct lc_reasons *reasons,
                                           const struct lc_finding_entry *finding,
                                           enum lc_case_index *which);

/** What the trainer does with a row. */
enum lc_effect lc_reasons_effect(const struct lc_reasons *reasons, uint64_t row);

/** The case of the finding that is the reason for the effect on a row; LC_CASE_COUNT if
 * there is no effect, or no single finding explains it. */
enum lc_case_index lc_reasons_case(const struct lc_reasons *reasons,
                                   const struct lc_row_entry *row);

/** What the trainer does with a row that has a finding of this case, on one line; or
 * NULL. */
const char *lc_reasons_what(const struct lc_reasons *reasons, enum lc_case_index which);

#endif
