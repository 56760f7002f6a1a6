#include "index/format/statistics.h"

void lc_histogram_merge(struct lc_histogram *into, const struct lc_histogram *from)
{
    into->count += from->count;
    into->sum += from->sum;
    if (from->most > into->most)
        into->most = from->most;
    for (int i = 0; i < LC_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
}

void lc_statistics_merge(struct lc_statistics *into, const struct lc_statistics *from)
{
    into->no_image += from->no_image;
    into->one_image += from->one_image;
    into->several_images += from->several_images;
    into->video += from->video;
    for (int i = 0; i <= LC_SCRIPT_COUNT; i++)
        into->scripts[i] += from->scripts[i];
    lc_histogram_merge(&into->rounds, &from->rounds);
    lc_histogram_merge(&into->turn_words, &from->turn_words);
    lc_histogram_merge(&into->turn_characters, &from->turn_characters);
    lc_histogram_merge(&into->row_words, &from->row_words);
    lc_histogram_merge(&into->row_characters, &from->row_characters);
}

uint64_t lc_bucket_least(unsigned bucket)
{
    return bucket ? UINT64_C(1) << (bucket - 1) : 0;
}
