/* sampling.h - how many rows of a file training uses, by a mixture or another registry */
#ifndef LC_DATASET_SAMPLING_H
#define LC_DATASET_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

/** A sampling_strategy, parsed, or what another registry says. */
struct lc_sampling {
    enum {
        LC_SAMPLING_ALL,    /* "all", and any name that the trainer does not know */
        LC_SAMPLING_FIRST,  /* "first:N": rows[:N] */
        LC_SAMPLING_END,    /* "end:N": rows[-N:], so all of them when N is 0 */
        LC_SAMPLING_RANDOM, /* "random:N": N of them */
        /* of other registries */
        LC_SAMPLING_COUNT, /* N of them, repeated if there are fewer */
        LC_SAMPLING_TIMES, /* all of them N times */
        LC_SAMPLING_PART,  /* the first part of them */
    } kind;
    int64_t number;
    bool percent; /* of the rows, rounded up */
    double part;
};

/**
 * Parse a strategy as LLaVA-NeXT does.
 *
 * @return false when the trainer raises: more than one colon, a number that int() refuses
 *
 * Source: LLaVA-NeXT llava/train/train.py, LazySupervisedDataset.__init__.
 */
bool lc_sampling_parse(const char *text, struct lc_sampling *out);

/** Parse InternVL's repeat_time, a number: a part of the rows below 1, repetitions above.
 * Returns false if it is neither. Source: internvl_chat_finetune.py,
 * LazySupervisedDataset.__init__. */
bool lc_sampling_parse_repeat(const char *text, struct lc_sampling *out);

/** Parse a number of rows: ms-swift's path#N, LLaMA-Factory's num_samples. Returns false
 * if it is none, or negative. */
bool lc_sampling_parse_count(const char *text, struct lc_sampling *out);

/** The number of rows sampled from a file of a number of rows, by Python's rules for
 * slices. */
uint64_t lc_sampling_rows(const struct lc_sampling *sampling, uint64_t rows);

#endif
