/* sampling.h - the number of rows of a file that training uses, according to a mixture or
 * another registry */
#ifndef LC_DATASET_SAMPLING_H
#define LC_DATASET_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

/** A parsed sampling_strategy, or its equivalent in another registry. */
struct lc_sampling {
    enum {
        LC_SAMPLING_ALL,    /* "all", and any name unknown to the trainer */
        LC_SAMPLING_FIRST,  /* "first:N": rows[:N] */
        LC_SAMPLING_END,    /* "end:N": rows[-N:], which is all rows if N is 0 */
        LC_SAMPLING_RANDOM, /* "random:N": N of the rows */
        /* of other registries */
        LC_SAMPLING_COUNT, /* N rows, repeated if there are fewer */
        LC_SAMPLING_TIMES, /* all rows, N times */
        LC_SAMPLING_PART,  /* the first part of the rows */
    } kind;
    int64_t number;
    bool percent; /* N is a percentage of the rows, rounded up */
    double part;
};

/**
 * Parse a strategy as LLaVA-NeXT does.
 *
 * @return false if the trainer would raise an error: more than one colon, or a number
 *         that int() refuses
 *
 * Source: LLaVA-NeXT llava/train/train.py, LazySupervisedDataset.__init__.
 */
bool lc_sampling_parse(const char *text, struct lc_sampling *out);

/** Parse InternVL's repeat_time, a number: below 1 a part of the rows, above 1
 * repetitions. Returns false if it is neither. Source: internvl_chat_finetune.py,
 * LazySupervisedDataset.__init__. */
bool lc_sampling_parse_repeat(const char *text, struct lc_sampling *out);

/** Parse a number of rows: ms-swift's path#N, LLaMA-Factory's num_samples. Returns false
 * if it is not a number, or negative. */
bool lc_sampling_parse_count(const char *text, struct lc_sampling *out);

/** The number of rows sampled from a file with a number of rows, by Python's rules for
 * slices. */
uint64_t lc_sampling_rows(const struct lc_sampling *sampling, uint64_t rows);

#endif
