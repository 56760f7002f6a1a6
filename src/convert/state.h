/* state.h - the state and the result of a conversion; private to src/convert */
#ifndef LC_CONVERT_STATE_H
#define LC_CONVERT_STATE_H

#include "convert/row.h"
#include "dataset/dataset.h"
#include "index/index.h"
#include "llava_check/convert.h"

#define LC_SUBJECT_MAX 64

struct lc_convert {
    struct lc_convert_options options;
    struct lc_check_options check;
    struct lc_dataset dataset;
    struct lc_index *index; /* index of the data set */
    const struct lc_dialect *to;
    enum lc_text_form form;
    size_t trainer, before; /* trainer of the result, and of the data set */
    bool lines;
    uint64_t bytes;   /* written */
    uint32_t columns; /* columns of the result: a bit for each */
    uint8_t *skipped; /* one bit per row */
    uint8_t
        *differs;    /* one bit per row: the check found it different from the original */
    unsigned rounds; /* number of checks of the result so far */
    struct lc_convert_counts counts;
    struct lc_convert_reason reasons[LC_REFUSAL_COUNT]; /* by refusal */
    char subjects[LC_REFUSAL_COUNT][LC_SUBJECT_MAX];
    const struct lc_convert_reason *sorted[LC_REFUSAL_COUNT]; /* those that have rows */
    size_t reason_count;
};

#endif
