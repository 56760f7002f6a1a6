/* sampling.h - how many rows of a file training uses: a mixture's sampling_strategy */
#ifndef LC_DATASET_SAMPLING_H
#define LC_DATASET_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

/** A sampling_strategy, parsed. */
struct lc_sampling {
    enum {
        LC_SAMPLING_ALL,    /* "all", and any name that the trainer does not know */
        LC_SAMPLING_FIRST,  /* "first:N": rows[:N] */
        LC_SAMPLING_END,    /* "end:N": rows[-N:], so all of them when N is 0 */
        LC_SAMPLING_RANDOM, /* "random:N": N of them */
    } kind;
    int64_t number;
    bool percent; /* of the rows, rounded up */
};

/**
 * Parse a strategy as LLaVA-NeXT does.
 *
 * @return false when the trainer raises: more than one colon, a number that int() refuses
 *
 * Source: LLaVA-NeXT llava/train/train.py, LazySupervisedDataset.__init__.
 */
bool lc_sampling_parse(const char *text, struct lc_sampling *out);

/** The number of rows sampled from a file of a number of rows, by Python's rules for
 * slices. */
uint64_t lc_sampling_rows(const struct lc_sampling *sampling, uint64_t rows);

#endif
