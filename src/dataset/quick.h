/* quick.h - what the parts of the quick reader share; private to src/dataset */
#ifndef LC_DATASET_QUICK_H
#define LC_DATASET_QUICK_H

#include "base/measure.h"
#include "dataset/row.h"
#include "json/json.h"

#define LC_QUICK_KEYS 12

/** A row on its way through the quick reader. */
struct lc_quick {
    struct lc_row *row;
    const char *text;
    size_t size;
    size_t at;
    unsigned seen;                      /* a bit for each of members */
    struct lc_span keys[LC_QUICK_KEYS]; /* of the others */
    size_t key_count;
    uint64_t letters[LC_SCRIPT_COUNT];
    struct lc_error *err;
    enum lc_status status; /* memory was lacking */
};

/**
 * Take a string and measure it; q->at is on its opening quote, and then behind the other.
 *
 * @param out  points into the text, or into row->decoded
 * @return false to give up
 */
bool lc_quick_string(struct lc_quick *q, struct lc_span *out, struct lc_measure *measure);

#endif
