#include "scan/common/paths.h"

#include "index/format/records.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024

void lc_paths_clear(struct lc_paths *paths)
{
    if (!paths)
        return;
    free(paths->entries);
    free(paths->slots);
    lc_buffer_clear(&paths->text);
    *paths = (struct lc_paths){0};
}

struct lc_span lc_paths_get(const struct lc_paths *paths, uint32_t number)
{
    const struct lc_path_entry *entry = &paths->entries[number];

    return (struct lc_span){paths->text.data + entry->start, entry->size};
}

/* The slot that holds a path, or the free slot where it belongs. Linear probing. */
static size_t find_slot(const struct lc_paths *paths, struct lc_span path, uint64_t hash)
{
    size_t slot = hash & (paths->slot_count - 1);

    while (paths->slots[slot]) {
        const struct lc_path_entry *entry = &paths->entries[paths->slots[slot] - 1];

        if (entry->hash == hash && entry->size == path.size &&
            (!path.size ||
             memcmp(paths->text.data + entry->start, path.text, path.size) == 0))
            break;
        slot = (slot + 1) & (paths->slot_count - 1);
    }
    return slot;
}

/* Keep at least half of the slots free. */
static enum lc_status grow_slots(struct lc_paths *paths, struct lc_error *err)
{
    size_t count = paths->slot_count ? paths->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots;

    if ((paths->count + 1) * 2 <= paths->slot_count)
        return LC_OK;
    slots = calloc(count, sizeof(*slots));
    if (!slots)
        return lc_fail_memory(err);
    lc_memory_use_large_pages(slots, count * sizeof(*slots));
    for (size_t i = 0; i < paths->count; i++) {
        size_t slot = paths->entries[i].hash & (count - 1);

        while (slots[slot])
            slot = (slot + 1) & (count - 1);
        slots[slot] = (uint32_t)(i + 1);
    }
    free(paths->slots);
    paths->slots = slots;
    paths->slot_count = count;
    return LC_OK;
}

static enum lc_status append(struct lc_paths *paths, struct lc_span path, uint64_t hash,
                             struct lc_error *err)
{
    struct lc_path_entry *entries =
        lc_array_grow(paths->entries, paths->count, &paths->capacity, sizeof(*entries));
    uint64_t start = paths->text.size;
    enum lc_status status;

    if (!entries)
        return lc_fail_memory(err);
    paths->entries = entries;
    status = lc_buffer_reserve(&paths->text, path.size + 1, err);
    if (status == LC_OK)
        status = lc_buffer_add(&paths->text, path.text, path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&paths->text, "", 1, err);
    if (status == LC_OK)
        entries[paths->count++] =
            (struct lc_path_entry){hash, start, (uint32_t)path.size};
    return status;
}

enum lc_status lc_paths_add(struct lc_paths *paths, struct lc_span path,
                            const struct lc_hash *hash, uint32_t *out,
                            struct lc_error *err)
{
    enum lc_status status = grow_slots(paths, err);
    uint64_t short_hash = lc_hash_short(hash);
    size_t slot;

    if (status != LC_OK)
        return status;
    slot = find_slot(paths, path, short_hash);
    if (!paths->slots[slot]) {
        if (paths->count >= UINT32_MAX - 1)
            return lc_fail(err, LC_ERR_USAGE, 0, "more than 4,294,967,294 image paths");
        status = append(paths, path, short_hash, err);
        if (status != LC_OK)
            return status;
        paths->slots[slot] = (uint32_t)paths->count;
    }
    *out = paths->slots[slot] - 1;
    return LC_OK;
}

bool lc_paths_has(const struct lc_paths *paths, struct lc_span path,
                  const struct lc_hash *hash)
{
    return paths->slot_count &&
           paths->slots[find_slot(paths, path, lc_hash_short(hash))] != 0;
}

void lc_paths_prefetch(const struct lc_paths *paths, const struct lc_hash *hash, int step)
{
    uint32_t slot;

    if (!paths->slot_count)
        return;
    slot = (uint32_t)(lc_hash_short(hash) & (paths->slot_count - 1));
    if (step == 0) {
        __builtin_prefetch(&paths->slots[slot]);
        return;
    }
    slot = paths->slots[slot];
    if (slot && step == 1)
        __builtin_prefetch(&paths->entries[slot - 1]);
    else if (slot)
        __builtin_prefetch(paths->text.data + paths->entries[slot - 1].start);
}

/* ---- sorting
 *
 * Idea. Comparing two paths reads two texts at random places in memory, and sorting a
 * million paths does this twenty times for each. Instead eight bytes of every path are
 * loaded into an array of big-endian numbers, in one pass; that array is sorted, and each
 * run of equal numbers is sorted the same way by the next eight bytes.
 *
 * Correctness. Big-endian numbers compare as their bytes do. A path that has ended is
 * padded with zeros. Paths that become equal by this go to the next level; once none of
 * them is longer, they are compared as a whole.
 *
 * Cost. Each level reads the text once. Paths that share more than DEPTH_MAX bytes are
 * compared as a whole, which bounds the recursion. */

/* A path, and the eight bytes by which it is being sorted. */
struct key {
    uint64_t bytes;
    uint32_t number;
};

#define COMPARE_MAX 16  /* this many paths or fewer are compared as a whole */
#define DEPTH_MAX 65536 /* bytes; so are paths that share more than this */

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const struct key *)a)->bytes, y = ((const struct key *)b)->bytes;

    return (x > y) - (x < y);
}

static int by_bytes(const void *a, const void *b, void *context)
{
    const struct lc_paths *paths = context;

    return lc_span_compare(lc_paths_get(paths, ((const struct key *)a)->number),
                           lc_paths_get(paths, ((const struct key *)b)->number));
}

/* Load eight bytes of each path at a depth, zeros past its end. Returns whether any path
 * is that long. */
static bool load_keys(const struct lc_paths *paths, struct key *keys, size_t count,
                      size_t depth)
{
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        struct lc_span path = lc_paths_get(paths, keys[i].number);
        size_t size = path.size > depth ? path.size - depth : 0;
        uint8_t bytes[8] = {0};

        if (size)
            memcpy(bytes, path.text + depth, size < 8 ? size : 8);
        keys[i].bytes = lc_get_u64(bytes);
        any |= size > 0;
    }
    return any;
}

/* Sort paths that agree in their first depth bytes. */
static void sort_keys(const struct lc_paths *paths, struct key *keys, size_t count,
                      size_t depth)
{
    size_t equal;

    if (count <= COMPARE_MAX || depth >= DEPTH_MAX ||
        !load_keys(paths, keys, count, depth)) {
        qsort_r(keys, count, sizeof(*keys), by_bytes, (void *)(uintptr_t)paths);
        return;
    }
    qsort(keys, count, sizeof(*keys), by_key);
    for (size_t i = 0; i < count; i += equal) {
        equal = 1;
        while (i + equal < count && keys[i + equal].bytes == keys[i].bytes)
            equal++;
        if (equal > 1)
            sort_keys(paths, keys + i, equal, depth + sizeof(keys->bytes));
    }
}

enum lc_status lc_paths_sort(const struct lc_paths *paths, uint32_t **order,
                             struct lc_error *err)
{
    uint32_t *numbers = malloc((paths->count + 1) * sizeof(*numbers));
    struct key *keys = malloc((paths->count + 1) * sizeof(*keys));

    *order = numbers;
    if (!numbers || !keys) {
        free(keys);
        return lc_fail_memory(err);
    }
    for (size_t i = 0; i < paths->count; i++)
        keys[i].number = (uint32_t)i;
    if (paths->count > 1)
        sort_keys(paths, keys, paths->count, 0);
    for (size_t i = 0; i < paths->count; i++)
        numbers[i] = keys[i].number;
    free(keys);
    return LC_OK;
}
