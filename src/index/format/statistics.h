/* statistics.h - statistics of a data set's rows, and its mixture */
#ifndef LC_INDEX_FORMAT_STATISTICS_H
#define LC_INDEX_FORMAT_STATISTICS_H

#include "base/measure.h"
#include "base/text.h"

#include <stdint.h>

/** Number of buckets of a histogram: 0, 1, 2-3, 4-7 … The last one has all values from
 * 2^39. */
#define LC_BUCKETS 41

/** The distribution of some values. */
struct lc_histogram {
    uint64_t count; /* number of values */
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

/** Add values to the totals; the caller counts their buckets. */
static inline void lc_histogram_note(struct lc_histogram *histogram, uint64_t count,
                                     uint64_t sum, uint64_t most)
{
    histogram->count += count;
    histogram->sum += sum;
    if (most > histogram->most)
        histogram->most = most;
}

/** Add a value. */
static inline void lc_histogram_add(struct lc_histogram *histogram, uint64_t value)
{
    lc_histogram_note(histogram, 1, value, value);
    histogram->buckets[lc_bucket_of(value)]++;
}

/** Add all values of another histogram. */
void lc_histogram_merge(struct lc_histogram *into, const struct lc_histogram *from);

/** The smallest value of a bucket. */
uint64_t lc_bucket_least(unsigned bucket);

/** Numbers of rounds below this are counted separately, for an exact median. */
#define LC_EXACT_ROUNDS 1024

/** Statistics of rows. They cover the rows that are valid JSON objects. */
struct lc_statistics {
    uint64_t no_image; /* rows by the number of images that they name */
    uint64_t one_image;
    uint64_t several_images;
    uint64_t video; /* rows with a video, with or without images */
    uint64_t
        scripts[LC_SCRIPT_COUNT + 1]; /* rows by the script of most of their letters */
    struct lc_histogram rounds;       /* pairs of turns in rows with conversations */
    struct lc_histogram turn_words;   /* of every turn with a text */
    struct lc_histogram turn_characters;
    struct lc_histogram row_words; /* of rows with conversations */
    struct lc_histogram row_characters;
    uint64_t median_rounds; /* the lower median; LC_EXACT_ROUNDS means that or more */
};

/** Add all rows of other statistics; the median is left unchanged. */
void lc_statistics_merge(struct lc_statistics *into, const struct lc_statistics *from);

/** What the rows of a share have in common. */
enum lc_share_kind {
    LC_SHARE_SOURCE, /* the value of data_source; "" if they have none */
    LC_SHARE_FOLDER, /* the top folder of the first image's path; "" for rows without an
                        image, "." for paths without a folder */
    LC_SHARE_KINDS
};

/** Maximum size of a share's name in bytes; longer names are truncated. */
#define LC_SHARE_NAME_MAX 256

/** A share of the mixture. */
struct lc_share {
    struct lc_span name; /* "…" for all shares beyond the limit of lc_mixture_add */
    uint64_t rows;
    uint64_t images; /* number of images that its rows name */
    uint64_t rounds;
    uint64_t words;
};

#endif
