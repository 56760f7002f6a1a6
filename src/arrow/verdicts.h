/* verdicts.h - the findings of each row and of its images; private to src/arrow */
#ifndef LC_ARROW_VERDICTS_H
#define LC_ARROW_VERDICTS_H

#include "base/error.h"
#include "llava_check/findings.h"
#include "llava_check/rows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lc_index;
struct lc_view;

/** A finding about a row, or about an image that it names. */
struct lc_row_finding {
    struct lc_span rule;
    struct lc_span severity; /* its name */
    struct lc_span message;
    int64_t image; /* position, from 0, of the image that it is about among the row's
                      images; or -1 */
};

struct lc_verdicts;

/**
 * Begin a walk over the findings, row by row.
 *
 * Findings about images are kept in memory: 72 bytes each.
 *
 * @param view  the findings to report, at its levels; NULL: all
 * @param show  omit findings on lower levels
 *
 * Owner:   the caller, lc_verdicts_free; the index and the view must live as long.
 * Errors:  LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_verdicts_new(const struct lc_index *index, const struct lc_view *view,
                enum lc_severity show, struct lc_verdicts **out, struct lc_error *err);
void lc_verdicts_free(struct lc_verdicts *verdicts); /* NULL-safe */

/**
 * Get the findings of a row: its own, then those of its images, in the row's order.
 *
 * @param row    its number must be greater than in the previous call
 * @param items  set to the findings, which live until the next call
 * @param is_ok  set to whether none of them is an error, even an omitted one
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_verdicts_of(struct lc_verdicts *verdicts,
                                            const struct lc_row_entry *row,
                                            const struct lc_row_finding **items,
                                            size_t *count, bool *is_ok,
                                            struct lc_error *err);

#endif
