/* pick.h - the rows that meet conditions; private to src/query
 *
 * A condition is about the row itself, or about its findings: those about the row, its
 * images and its id. One finding must meet all conditions about findings. A negative
 * condition (!=, !~) holds for a row if none of its findings has the value.
 */
#ifndef LC_QUERY_PICK_H
#define LC_QUERY_PICK_H

#include "query/row.h"
#include "query/where.h"
#include "report/model/effects.h"

/** The conditions of a query. */
struct lc_pick {
    struct lc_condition *of_row;
    size_t row_count;
    struct lc_condition *of_effect; /* conditions on the row's effect */
    size_t effect_count;
    struct lc_condition *of_finding; /* a single finding must meet all of these */
    size_t finding_count;
    struct lc_condition *denied; /* no finding may meet any of these */
    size_t denied_count;
    uint8_t *found; /* by row, one bit: a finding meets the conditions; NULL: there are no
                       such conditions */
    uint8_t *refused; /* by row, one bit: a finding meets a denied condition; NULL: there
                         are no such conditions */
    struct lc_effects effects; /* its rows are NULL if no condition needs them */
    uint64_t rows;
};

/**
 * Read the conditions of a query for rows, and mark the rows that have findings which
 * meet them, or meet a denied one.
 *
 * @param needs_effects  compute the effects even if no condition is about them
 *
 * Owner:   the caller, lc_pick_clear, also on failure.
 * Errors:  LC_ERR_USAGE (a wrong condition, no such trainer), LC_ERR_INDEX,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_pick_read(const struct lc_query_run *run,
                                          bool needs_effects, struct lc_pick *out,
                                          struct lc_error *err);
void lc_pick_clear(struct lc_pick *pick);

/** Whether a row may meet the conditions, as far as is known without its record; user is
 * the struct lc_pick. */
bool lc_pick_may_have(void *user, uint64_t row);

/** Whether a row for which lc_pick_may_have returned true meets the conditions. */
bool lc_pick_has(const struct lc_pick *pick, const struct lc_row_line *line);

#endif
