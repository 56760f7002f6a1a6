/* prediction.h - what trainers would do; private to src/report and src/arrow
 */
#ifndef LC_REPORT_PREDICTION_H
#define LC_REPORT_PREDICTION_H

#include "report/model/effects.h"

struct lc_prediction {
    const struct lc_index *index;
    struct lc_effects *effects; /* only of the chosen trainer, or by trainer */
    size_t count;
    size_t chosen; /* index in effects */
};

#endif
