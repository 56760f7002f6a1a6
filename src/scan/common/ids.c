/* Hashes are spread evenly: a million ids go into a quarter of a million buckets by their
 * first bits, and each bucket of about four is sorted in place. Stable, and three times
 * as fast as a sort by comparison. */
#include "scan/common/ids.h"

#include "index/format/records.h"

#include <stdlib.h>

#define IDS_PER_BUCKET 4
#define MAX_BUCKET_BITS 22

static unsigned bucket_bits(size_t count)
{
    unsigned bits = 0;

    while (bits < MAX_BUCKET_BITS && (size_t)IDS_PER_BUCKET << bits < count)
        bits++;
    return bits;
}

/* The first bits of a hash, at least one, as a number. */
static size_t bucket_of(const struct lc_row_id *id, unsigned bits)
{
    const uint8_t *bytes = id->hash.bytes;
    uint32_t first = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                     (uint32_t)bytes[2] << 8 | bytes[3];

    return bits ? first >> (32 - bits) : 0;
}

static bool is_after(const struct lc_row_id *a, const struct lc_row_id *b)
{
    uint64_t x = lc_get_u64(a->hash.bytes), y = lc_get_u64(b->hash.bytes);

    return x != y ? x > y : lc_hash_compare(&a->hash, &b->hash) > 0;
}

/* Few at a time, nearly always: but equal ids may be many, and are in order already. */
static void sort_bucket(struct lc_row_id *ids, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct lc_row_id id = ids[i];
        size_t at = i;

        for (; at && is_after(&ids[at - 1], &id); at--)
            ids[at] = ids[at - 1];
        ids[at] = id;
    }
}

/* Where each bucket ends; before that, while they are filled, where it goes on. */
static size_t *place_buckets(const struct lc_row_id *ids, size_t count, unsigned bits)
{
    size_t *next = calloc(((size_t)1 << bits) + 1, sizeof(*next));

    if (!next)
        return NULL;
    for (size_t i = 0; i < count; i++)
        next[bucket_of(&ids[i], bits) + 1]++;
    for (size_t i = 1; i <= (size_t)1 << bits; i++)
        next[i] += next[i - 1];
    return next;
}

enum lc_status lc_row_ids_sort(struct lc_row_id **ids, size_t count, struct lc_error *err)
{
    unsigned bits = bucket_bits(count);
    size_t *next = place_buckets(*ids, count, bits), begin = 0;
    struct lc_row_id *sorted = malloc((count + 1) * sizeof(*sorted));

    if (!next || !sorted) {
        free(next);
        free(sorted);
        return lc_fail_memory(err);
    }
    lc_memory_use_large_pages(sorted, count * sizeof(*sorted));
    for (size_t i = 0; i < count; i++)
        sorted[next[bucket_of(&(*ids)[i], bits)]++] = (*ids)[i];
    for (size_t i = 0; i < (size_t)1 << bits; i++) {
        sort_bucket(sorted + begin, next[i] - begin);
        begin = next[i];
    }
    free(next);
    free(*ids);
    *ids = sorted;
    return LC_OK;
}
