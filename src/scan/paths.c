#include "scan/paths.h"

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

/* The slot of a path: the one it is in, or the free one where it belongs. */
static size_t find_slot(const struct lc_paths *paths, struct lc_span path, uint64_t hash)
{
    size_t slot = hash & (paths->slot_count - 1);

    while (paths->slots[slot]) {
        const struct lc_path_entry *entry = &paths->entries[paths->slots[slot] - 1];

        if (entry->hash == hash && entry->size == path.size &&
            memcmp(paths->text.data + entry->start, path.text, path.size) == 0)
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

static int by_bytes(const void *a, const void *b, void *context)
{
    const struct lc_paths *paths = context;

    return lc_span_compare(lc_paths_get(paths, *(const uint32_t *)a),
                           lc_paths_get(paths, *(const uint32_t *)b));
}

enum lc_status lc_paths_sort(const struct lc_paths *paths, uint32_t **order,
                             struct lc_error *err)
{
    uint32_t *numbers = malloc((paths->count + 1) * sizeof(*numbers));

    if (!numbers)
        return lc_fail_memory(err);
    for (size_t i = 0; i < paths->count; i++)
        numbers[i] = (uint32_t)i;
    qsort_r(numbers, paths->count, sizeof(*numbers), by_bytes, (void *)(uintptr_t)paths);
    *order = numbers;
    return LC_OK;
}
