/* Sorts hashes by distributing them over buckets.
 *
 * Idea. Hashes are spread evenly, so their leading bits say where they belong: a counting
 * sort puts a million ids into a quarter of a million buckets, and an insertion sort
 * finishes each bucket of about four.
 *
 * Correctness. Buckets are in the order of the leading bits, and both steps are stable:
 * equal hashes keep their input order, which is the order of rows.
 *
 * Cost. Linear in the number of ids, three times as fast as qsort. Equal hashes, however
 * many, cost one comparison each because they are in order already. If many different
 * hashes share their leading bits, as the hashes of one question with many answers do,
 * qsort sorts their bucket. */
#include "scan/common/ids.h"

#include "index/format/records.h"

#include <stdlib.h>

#define IDS_PER_BUCKET 4
#define MAX_BUCKET_BITS 22
#define LARGE_BUCKET 64

static unsigned bucket_bits(size_t count)
{
    unsigned bits = 0;

    while (bits < MAX_BUCKET_BITS && (size_t)IDS_PER_BUCKET << bits < count)
        bits++;
    return bits;
}

/* The bucket of a hash: its leading bits as a number. */
static size_t bucket_of(const struct lc_row_id *id, unsigned bits)
{
    const uint8_t *bytes = id->hash.bytes;
    uint32_t first = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                     (uint32_t)bytes[2] << 8 | bytes[3];

    return bits ? first >> (32 - bits) : 0;
}

int lc_row_id_compare(const void *a, const void *b)
{
    const struct lc_row_id *left = a, *right = b;
    uint64_t x = lc_get_u64(left->hash.bytes), y = lc_get_u64(right->hash.bytes);
    int order;

    if (x != y) /* usually the first 8 bytes decide */
        return x < y ? -1 : 1;
    order = lc_hash_compare(&left->hash, &right->hash);
    return order ? order : (left->row > right->row) - (left->row < right->row);
}

static bool is_after(const struct lc_row_id *a, const struct lc_row_id *b)
{
    uint64_t x = lc_get_u64(a->hash.bytes), y = lc_get_u64(b->hash.bytes);

    return x != y ? x > y : lc_hash_compare(&a->hash, &b->hash) > 0;
}

static bool is_sorted(const struct lc_row_id *ids, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (is_after(&ids[i - 1], &ids[i]))
            return false;
    return true;
}

static void sort_bucket(struct lc_row_id *ids, size_t count)
{
    if (count > LARGE_BUCKET) {
        if (!is_sorted(ids, count))
            qsort(ids, count, sizeof(*ids), lc_row_id_compare);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct lc_row_id id = ids[i];
        size_t at = i;

        for (; at && is_after(&ids[at - 1], &id); at--)
            ids[at] = ids[at - 1];
        ids[at] = id;
    }
}

/* By bucket: the position of the next id to put into it. It starts where the bucket
 * begins; once all ids are placed it is where the bucket ends. */
static size_t *count_buckets(const struct lc_row_id *ids, size_t count, unsigned bits)
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
    size_t *next = count_buckets(*ids, count, bits), begin = 0;
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
