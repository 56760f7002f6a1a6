/* worst.h - the order of rules in every report; private to src/report
 *
 * By level, then by what the trainer does with the rows, then JSON rules first (they keep
 * a whole file out of training), then by number of findings. The position in the rule
 * catalogue breaks ties, so the order is total and the same in every run.
 */
#ifndef LC_REPORT_MODEL_WORST_H
#define LC_REPORT_MODEL_WORST_H

#include "llava_check/rules.h"

#include <stdint.h>

/** The keys of the order. */
struct lc_weight {
    const struct lc_rule_info *rule; /* an element of the catalogue, which is one table */
    enum lc_severity severity;
    enum lc_effect effect; /* on the trainer's rows */
    uint64_t count;        /* number of findings */
};

/** Negative if a comes before b, else positive; for qsort. */
int lc_worst_first(const struct lc_weight *a, const struct lc_weight *b);

#endif
