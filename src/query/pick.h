/* pick.h - the rows that meet conditions; private to src/query
 *
 * A condition is about the row itself, or about its findings: those of its own, of its
 * images and of its id. One finding must meet all of the latter. A negative one (!=, !~)
 * is met by rows of which no finding has the value.
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
    struct lc_condition *of_finding; /* one finding must meet all of them */
    size_t finding_count;
    struct lc_condition *denied; /* no finding may meet one of them */
    size_t denied_count;
    uint8_t *found; /* bit by row: a finding meets the conditions; NULL: there are none */
    uint8_t *refused; /* a bit for each row: a finding meets a denied condition; NULL:
                         there are none */
    struct lc_effects effects; /* its rows are NULL where no condition needs them */
    uint64_t rows;
};

/**
 * Read the conditions of a query for rows, and find out which rows have findings that
 * they are about.
 *
 * @param needs_effects  the effects are needed even if no condition is about them
 *
 * Owner:   the caller, lc_pick_clear, also on failure.
 * Errors:  LC_ERR_USAGE (a wrong condition, no such trainer), LC_ERR_INDEX,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_pick_read(const struct lc_query_run *run,
                                          bool needs_effects, struct lc_pick *out,
                                          struct lc_error *err);
void lc_pick_clear(struct lc_pick *pick);

/** Whether a row may meet the conditions, by what is known without its record; user is
 * the conditions. */
bool lc_pick_may_have(void *user, uint64_t row);

/** Whether a row that may meet the conditions does so. */
bool lc_pick_has(const struct lc_pick *pick, const struct lc_row_line *line);

#endif
