#include "index/statistics.h"

void lc_histogram_merge(struct lc_histogram *into, const struct lc_histogram *from)
{
    into->count += from->count;
    into->sum += from->sum;
    if (from->most > into->most)
        into->most = from->most;
    for (int i = 0; i < LC_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
}

uint64_t lc_bucket_least(unsigned bucket)
{
    return bucket ? UINT64_C(1) << (bucket - 1) : 0;
}
