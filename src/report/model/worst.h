/* worst.h - the order in which every report tells the rules that found something; private
 * to src/report */
#ifndef LC_REPORT_MODEL_WORST_H
#define LC_REPORT_MODEL_WORST_H

#include "llava_check/rules.h"

#include <stdint.h>

/** What decides on a rule's place. */
struct lc_weight {
    const struct lc_rule_info *rule; /* of the catalogue, which is one table */
    enum lc_severity severity;
    enum lc_effect effect; /* on the trainer's rows */
    uint64_t count;        /* findings */
};

/** Below 0 when a stands before b: by level; by what the trainer does; what keeps a whole
 * file out first; then by number, then as in the catalogue. */
int lc_worst_first(const struct lc_weight *a, const struct lc_weight *b);

#endif
