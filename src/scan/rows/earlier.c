#include "scan/rows/earlier.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A rows file of the earlier run. */
struct old_file {
    struct lc_file_record record;
    bool usable; /* its results depend only on its bytes */
};

struct lc_earlier {
    const struct lc_index *index;
    int64_t newest_trusted_ns; /* no file with an older time can have changed unnoticed */
    bool trust_times;          /* unchanged times mean an unchanged file */
    struct old_file *files;
    size_t count;
    size_t capacity;
    size_t next; /* where to look first: files mostly come in the same order */
};

/* A video may appear or vanish without a change of the rows file. So rows that name
 * videos can be reused only by a run that does not look for videos. The earlier run had
 * the same options, so it did not either. */
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
    struct lc_error damage = {0}; /* damage of the earlier index does not fail this run */
    enum lc_status status = LC_OK;
    uint64_t count;

    *out = NULL;
    earlier = calloc(1, sizeof(*earlier));
    if (!earlier)
        return lc_fail_memory(err);
    earlier->index = index;
    earlier->newest_trusted_ns =
        lc_clock_newest_trusted_ns(lc_index_info(index)->began_ns);
    earlier->trust_times = options->index_mode == LC_INDEX_METADATA;
    count = lc_index_summary(index)->rows_files;
    for (uint64_t i = 0; i < count && status == LC_OK; i++)
        status = add_file(earlier, (uint32_t)i, options->no_images, &damage);
    if (status == LC_OK) {
        *out = earlier;
        return LC_OK;
    }
    lc_earlier_free(earlier); /* the index is damaged: nothing is reused */
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

/* Whether a file could be a file of the earlier run: both have the same size and rows of
 * the same dialect, and either both names say JSONL or neither does. */
static bool is_candidate(const struct old_file *old, const struct lc_rows_file *file,
                         const struct lc_map *map)
{
    static const char lines[] = ".jsonl";
    const struct lc_span *name = &old->record.name;
    size_t size = sizeof(lines) - 1;
    bool named_lines = name->size >= size &&
                       strncasecmp(name->text + name->size - size, lines, size) == 0;

    return old->usable && old->record.size == map->size && named_lines == file->lines &&
           old->record.names == lc_rows_file_hash(file);
}

bool lc_earlier_find_by_times(struct lc_earlier *earlier, const struct lc_rows_file *file,
                              const struct lc_map *map, uint32_t *number)
{
    struct lc_span name = {file->name, strlen(file->name)};

    if (!earlier || !earlier->trust_times ||
        !lc_clock_is_before(map->mtime_ns, earlier->newest_trusted_ns) ||
        !lc_clock_is_before(map->ctime_ns, earlier->newest_trusted_ns))
        return false;
    for (size_t k = 0; k < earlier->count; k++) {
        size_t i = (earlier->next + k) % earlier->count;
        const struct lc_file_record *record = &earlier->files[i].record;

        if (is_candidate(&earlier->files[i], file, map) &&
            record->mtime_ns == map->mtime_ns && record->ctime_ns == map->ctime_ns &&
            record->inode == map->inode && record->device == map->device &&
            lc_span_equal(record->name, name)) {
            earlier->next = i + 1;
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
}

bool lc_earlier_has_candidate(const struct lc_earlier *earlier,
                              const struct lc_rows_file *file, const struct lc_map *map)
{
    for (size_t i = 0; earlier && i < earlier->count; i++)
        if (is_candidate(&earlier->files[i], file, map))
            return true;
    return false;
}

bool lc_earlier_find_by_content(const struct lc_earlier *earlier,
                                const struct lc_rows_file *file, const struct lc_map *map,
                                const struct lc_hash *content, uint32_t *number)
{
    for (size_t i = 0; earlier && i < earlier->count; i++) {
        if (is_candidate(&earlier->files[i], file, map) &&
            lc_hash_compare(&earlier->files[i].record.content, content) == 0) {
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
}
