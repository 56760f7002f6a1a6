#include "scan/rows/earlier.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A rows file of the earlier run. */
struct old_file {
    struct lc_file_record record;
    bool usable; /* what was found depends on nothing but its bytes */
};

struct lc_earlier {
    const struct lc_index *index;
    int64_t settled_ns; /* times before this tell of any later change */
    bool by_times;      /* files are trusted to be as they were when their times are */
    struct old_file *files;
    size_t count;
    size_t capacity;
    size_t guess; /* files mostly come in the order in which they did */
};

/* Videos are looked for on the disk, where they may come and go without a change of the
 * rows file: only a run that does not look for them, as the earlier one did not, can take
 * over rows that name them. */
static enum lc_status add_file(struct lc_earlier *earlier, uint32_t number,
                               bool no_videos, struct lc_error *err)
{
    struct old_file *files =
        lc_array_grow(earlier->files, earlier->count, &earlier->capacity, sizeof(*files));
    struct lc_statistics statistics;
    enum lc_status status;

    if (!files)
        return lc_fail_memory(err);
    earlier->files = files;
    files += earlier->count;
    status = lc_index_get_file(earlier->index, number, &files->record, err);
    if (status == LC_OK)
        status = lc_index_get_file_statistics(earlier->index, number, &statistics, err);
    if (status != LC_OK)
        return status;
    files->usable = no_videos || !statistics.video;
    earlier->count++;
    return LC_OK;
}

enum lc_status lc_earlier_new(const struct lc_index *index,
                              const struct lc_check_options *options,
                              struct lc_earlier **out, struct lc_error *err)
{
    struct lc_earlier *earlier;
    struct lc_error damage = {0}; /* of the earlier index: no error of this run */
    enum lc_status status = LC_OK;
    uint64_t count;

    *out = NULL;
    earlier = calloc(1, sizeof(*earlier));
    if (!earlier)
        return lc_fail_memory(err);
    earlier->index = index;
    earlier->settled_ns = lc_clock_newest_trusted_ns(lc_index_info(index)->began_ns);
    earlier->by_times = options->index_mode == LC_INDEX_METADATA;
    count = lc_index_summary(index)->rows_files;
    for (uint64_t i = 0; i < count && status == LC_OK; i++)
        status = add_file(earlier, (uint32_t)i, options->no_images, &damage);
    if (status == LC_OK) {
        *out = earlier;
        return LC_OK;
    }
    lc_earlier_free(earlier); /* damaged: nothing is taken over */
    return status == LC_ERR_MEMORY ? lc_fail_memory(err) : LC_OK;
}

void lc_earlier_free(struct lc_earlier *earlier)
{
    if (!earlier)
        return;
    free(earlier->files);
    free(earlier);
}

const struct lc_index *lc_earlier_index(const struct lc_earlier *earlier)
{
    return earlier->index;
}

const struct lc_file_record *lc_earlier_file(const struct lc_earlier *earlier,
                                             uint32_t number)
{
    return &earlier->files[number].record;
}

/* Whether a file of this size and kind of name may be that of the earlier run. */
static bool may_be(const struct old_file *old, const struct lc_rows_file *file,
                   const struct lc_map *map)
{
    static const char lines[] = ".jsonl";
    const struct lc_span *name = &old->record.name;
    size_t size = sizeof(lines) - 1;
    bool named_lines = name->size >= size &&
                       strncasecmp(name->text + name->size - size, lines, size) == 0;

    return old->usable && old->record.size == map->size && named_lines == file->lines;
}

bool lc_earlier_find(struct lc_earlier *earlier, const struct lc_rows_file *file,
                     const struct lc_map *map, uint32_t *number)
{
    struct lc_span name = {file->name, strlen(file->name)};

    if (!earlier || !earlier->by_times ||
        !lc_clock_is_before(map->mtime_ns, earlier->settled_ns) ||
        !lc_clock_is_before(map->ctime_ns, earlier->settled_ns))
        return false;
    for (size_t k = 0; k < earlier->count; k++) {
        size_t i = (earlier->guess + k) % earlier->count;
        const struct lc_file_record *was = &earlier->files[i].record;

        if (may_be(&earlier->files[i], file, map) && was->mtime_ns == map->mtime_ns &&
            was->ctime_ns == map->ctime_ns && was->inode == map->inode &&
            was->device == map->device && lc_span_equal(was->name, name)) {
            earlier->guess = i + 1;
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
}

bool lc_earlier_may_find(const struct lc_earlier *earlier,
                         const struct lc_rows_file *file, const struct lc_map *map)
{
    for (size_t i = 0; earlier && i < earlier->count; i++)
        if (may_be(&earlier->files[i], file, map))
            return true;
    return false;
}

bool lc_earlier_find_content(const struct lc_earlier *earlier,
                             const struct lc_rows_file *file, const struct lc_map *map,
                             const struct lc_hash *content, uint32_t *number)
{
    for (size_t i = 0; earlier && i < earlier->count; i++) {
        if (may_be(&earlier->files[i], file, map) &&
            lc_hash_compare(&earlier->files[i].record.content, content) == 0) {
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
}
