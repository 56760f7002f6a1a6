/* statistics.h - what a data set's rows are like, in numbers */
#ifndef LC_INDEX_FORMAT_STATISTICS_H
#define LC_INDEX_FORMAT_STATISTICS_H

#include "base/measure.h"
#include "base/text.h"

#include <stdint.h>

/** Buckets of a histogram: 0, then 1, 2-3, 4-7 … up to 2^39 - 1 and beyond. */
#define LC_BUCKETS 41

/** How values are spread. */
struct lc_histogram {
    uint64_t count; /* of values */
    uint64_t sum;
    uint64_t most; /* the largest */
    uint64_t buckets[LC_BUCKETS];
};

/** The bucket of a value. */
static inline unsigned lc_bucket_of(uint64_t value)
{
    unsigned bits = value ? 64 - (unsigned)__builtin_clzll(value) : 0;

    return bits < LC_BUCKETS ? bits : LC_BUCKETS - 1;
}

/** Count values whose buckets were counted already. */
static inline void lc_histogram_note(struct lc_histogram *histogram, uint64_t count,
                                     uint64_t sum, uint64_t most)
{
    histogram->count += count;
    histogram->sum += sum;
    if (most > histogram->most)
        histogram->most = most;
}

/** Count a value. */
static inline void lc_histogram_add(struct lc_histogram *histogram, uint64_t value)
{
    lc_histogram_note(histogram, 1, value, value);
    histogram->buckets[lc_bucket_of(value)]++;
}

/** Count all values of another histogram. */
void lc_histogram_merge(struct lc_histogram *into, const struct lc_histogram *from);

/** The smallest value of a bucket. */
uint64_t lc_bucket_least(unsigned bucket);

/** Rounds are counted one by one up to here, for an exact median. */
#define LC_EXACT_ROUNDS 1024

/** The rows of a data set. Rows count that are objects and could be read. */
struct lc_statistics {
    uint64_t no_image; /* rows by the images they name */
    uint64_t one_image;
    uint64_t several_images;
    uint64_t video; /* rows with a video, whatever images they name */
    uint64_t
        scripts[LC_SCRIPT_COUNT + 1]; /* rows by the script of most of their letters */
    struct lc_histogram rounds;       /* pairs of turns, of rows with conversations */
    struct lc_histogram turn_words;   /* of every turn with a text */
    struct lc_histogram turn_characters;
    struct lc_histogram row_words; /* of rows with conversations */
    struct lc_histogram row_characters;
    uint64_t median_rounds; /* the lower of two; LC_EXACT_ROUNDS: that or more */
};

/** Count all rows of other statistics; the median stays as it is. */
void lc_statistics_merge(struct lc_statistics *into, const struct lc_statistics *from);

/** What a share of the rows has in common. */
enum lc_share_kind {
    LC_SHARE_SOURCE, /* the value of data_source; "" without */
    LC_SHARE_FOLDER, /* the top folder of the first image's path; "" without image, "."
                        without folder */
    LC_SHARE_KINDS
};

/** Bytes of a name that are kept: longer ones are cut off. */
#define LC_SHARE_NAME_MAX 256

/** A part of the mixture. */
struct lc_share {
    struct lc_span name; /* its first LC_SHARE_NAME_MAX bytes; "…" for all those that were
                            too many */
    uint64_t rows;
    uint64_t images; /* that its rows name */
    uint64_t rounds;
    uint64_t words;
};

#endif
