#include "dataset/shard_paths.h"

#include "base/hash.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- counting paths ---- */

/* The slot of a hash, or the free slot where it belongs. */
static size_t find_slot(const struct lc_shard_paths *paths, uint64_t hash)
{
    size_t at = (hash >> 20) & (paths->capacity - 1);

    while (paths->hashes[at] && paths->hashes[at] != hash)
        at = (at + 1) & (paths->capacity - 1);
    return at;
}

static enum lc_status grow(struct lc_shard_paths *paths, struct lc_error *err)
{
    struct lc_shard_paths grown = {.capacity = paths->capacity ? 2 * paths->capacity : 64,
                                   .count = paths->count};

    grown.hashes = calloc(grown.capacity, sizeof(*grown.hashes));
    if (grown.hashes && paths->times)
        grown.times = calloc(grown.capacity, sizeof(*grown.times));
    if (!grown.hashes || (paths->times && !grown.times)) {
        lc_shard_paths_clear(&grown);
        return lc_fail_memory(err);
    }
    for (size_t i = 0; i < paths->capacity; i++) {
        size_t at;

        if (!paths->hashes[i])
            continue;
        at = find_slot(&grown, paths->hashes[i]);
        grown.hashes[at] = paths->hashes[i];
        if (paths->times)
            grown.times[at] = paths->times[i];
    }
    free(paths->hashes);
    free(paths->times);
    paths->hashes = grown.hashes;
    paths->times = grown.times;
    paths->capacity = grown.capacity;
    return LC_OK;
}

/* Count a path; *times is set to the number of times it occurred, including this one. */
static enum lc_status count_path(struct lc_shard_paths *paths, struct lc_span path,
                                 uint32_t *times, struct lc_error *err)
{
    uint64_t hash = lc_hash_quick(path.text, path.size);
    enum lc_status status = LC_OK;
    size_t at;

    hash = hash ? hash : 1;
    if (4 * (paths->count + 1) > 3 * paths->capacity)
        status = grow(paths, err);
    if (status != LC_OK)
        return status;
    at = find_slot(paths, hash);
    *times = 1;
    if (!paths->hashes[at]) {
        paths->hashes[at] = hash;
        paths->count++;
        return LC_OK;
    }
    if (!paths->times)
        paths->times = calloc(paths->capacity, sizeof(*paths->times));
    if (!paths->times)
        return lc_fail_memory(err);
    if (!paths->times[at])
        paths->times[at] = 1;
    *times = ++paths->times[at];
    return LC_OK;
}

/* ---- paths ---- */

/* Append a path without components that climb, and without NULs. */
static enum lc_status add_tame(struct lc_span path, size_t start, struct lc_buffer *out,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t from = 0, begin = out->size;

    for (size_t i = 0; i <= path.size && status == LC_OK; i++) {
        struct lc_span part = {path.text + from, i - from};

        if (i < path.size && path.text[i] != '/')
            continue;
        from = i + 1;
        if (!part.size || lc_span_is(part, "."))
            continue;
        if (out->size > start)
            status = lc_buffer_add(out, "/", 1, err);
        if (status == LC_OK && lc_span_is(part, ".."))
            part = (struct lc_span){"__", 2};
        if (status == LC_OK)
            status = lc_buffer_add(out, part.text, part.size, err);
    }
    for (size_t i = begin; i < out->size; i++)
        if (!out->data[i])
            out->data[i] = '_';
    return status;
}

enum lc_status lc_shard_paths_prefix(const char *shard, struct lc_buffer *out,
                                     struct lc_error *err)
{
    enum lc_status status =
        add_tame((struct lc_span){shard, strlen(shard)}, out->size, out, err);

    return status == LC_OK ? lc_buffer_add(out, "!", 1, err) : status;
}

enum lc_status lc_shard_paths_add(struct lc_shard_paths *paths, const char *shard,
                                  struct lc_span name, struct lc_buffer *out,
                                  struct lc_error *err)
{
    size_t start = out->size;
    uint32_t times = 0;
    enum lc_status status = lc_shard_paths_prefix(shard, out, err);

    if (status == LC_OK)
        status = add_tame(name, out->size, out, err);
    if (status == LC_OK)
        status = count_path(paths, (struct lc_span){out->data + start, out->size - start},
                            &times, err);
    return status == LC_OK && times > 1
               ? lc_buffer_printf(out, err, "#%lu", (unsigned long)times)
               : status;
}

void lc_shard_paths_clear(struct lc_shard_paths *paths)
{
    free(paths->hashes);
    free(paths->times);
    *paths = (struct lc_shard_paths){0};
}

struct lc_span lc_shard_path_unnumbered(struct lc_span path)
{
    size_t size = path.size;

    while (size && path.text[size - 1] >= '0' && path.text[size - 1] <= '9')
        size--;
    if (size < path.size && size && path.text[size - 1] == '#')
        path.size = size - 1;
    return path;
}
