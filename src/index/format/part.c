#include "index/format/part.h"

#include "index/format/records.h"

#include <stdlib.h>

__extension__ typedef unsigned __int128 u128; /* a product of 80 bits */

uint32_t lc_part_of_byte(uint64_t at, uint64_t total, uint32_t count)
{
    if (!total)
        return 1;
    if (at >= total)
        at = total - 1;
    return (uint32_t)((u128)at * count / total) + 1;
}

uint64_t lc_part_begin(uint32_t part, uint64_t total, uint32_t count)
{
    return (uint64_t)(((u128)total * (part - 1) + count - 1) / count);
}

uint32_t lc_part_of_path(const struct lc_hash *path, uint32_t count)
{
    return (uint32_t)(lc_get_u64(path->bytes) % count) + 1;
}

void lc_part_record_clear(struct lc_part_record *record)
{
    free(record->parts);
    free(record->files);
    free(record->rows);
    free(record->archives);
    free(record->links);
    lc_buffer_clear(&record->text);
    lc_buffer_clear(&record->unused);
    *record = (struct lc_part_record){0};
}

enum lc_status lc_part_add(struct lc_part_record *record, uint32_t part,
                           struct lc_error *err)
{
    uint32_t *parts = lc_array_grow(record->parts, record->part_count,
                                    &record->part_capacity, sizeof(*parts));

    if (!parts)
        return lc_fail_memory(err);
    record->parts = parts;
    parts[record->part_count++] = part;
    return LC_OK;
}

enum lc_status lc_part_add_file(struct lc_part_record *record,
                                const struct lc_part_file *file, struct lc_error *err)
{
    struct lc_part_file *files = lc_array_grow(record->files, record->file_count,
                                               &record->file_capacity, sizeof(*files));

    if (!files)
        return lc_fail_memory(err);
    record->files = files;
    files[record->file_count++] = *file;
    return LC_OK;
}

enum lc_status lc_part_add_rows(struct lc_part_record *record,
                                const struct lc_part_rows *rows, struct lc_error *err)
{
    struct lc_part_rows *all = lc_array_grow(record->rows, record->rows_count,
                                             &record->rows_capacity, sizeof(*all));

    if (!all)
        return lc_fail_memory(err);
    record->rows = all;
    all[record->rows_count++] = *rows;
    return LC_OK;
}

enum lc_status lc_part_add_archive(struct lc_part_record *record,
                                   const struct lc_part_archive *archive,
                                   struct lc_error *err)
{
    struct lc_part_archive *all = lc_array_grow(record->archives, record->archive_count,
                                                &record->archive_capacity, sizeof(*all));

    if (!all)
        return lc_fail_memory(err);
    record->archives = all;
    all[record->archive_count++] = *archive;
    return LC_OK;
}

static enum lc_status add_text(struct lc_part_record *record, struct lc_span text,
                               size_t *at, struct lc_error *err)
{
    enum lc_status status;

    *at = record->text.size;
    status = lc_buffer_add(&record->text, text.text, text.size, err);
    return status == LC_OK ? lc_buffer_add(&record->text, "", 1, err) : status;
}

enum lc_status lc_part_add_link(struct lc_part_record *record,
                                const struct lc_part_link *link, struct lc_span path,
                                struct lc_span target, struct lc_error *err)
{
    struct lc_part_link *all = lc_array_grow(record->links, record->link_count,
                                             &record->link_capacity, sizeof(*all));
    struct lc_part_link own = *link;
    enum lc_status status;

    if (!all)
        return lc_fail_memory(err);
    record->links = all;
    status = add_text(record, path, &own.path, err);
    if (status == LC_OK)
        status = add_text(record, target, &own.target, err);
    all[record->link_count] = own;
    record->link_count += status == LC_OK;
    return status;
}

struct lc_span lc_part_text(const struct lc_part_record *record, size_t at)
{
    const char *text = record->text.data + at;

    return (struct lc_span){text, strlen(text)};
}

const struct lc_part_archive *lc_part_archive(const struct lc_part_record *record,
                                              uint32_t number)
{
    size_t low = 0, high = record->archive_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (record->archives[middle].archive == number)
            return &record->archives[middle];
        if (record->archives[middle].archive < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- archives ---- */

static int by_size(const void *a, const void *b, void *sizes)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    uint64_t x_size = ((const uint64_t *)sizes)[x], y_size = ((const uint64_t *)sizes)[y];

    if (x_size != y_size)
        return x_size > y_size ? -1 : 1;
    return (x > y) - (x < y);
}

/* A part, and the number of bytes assigned to it so far. */
struct load {
    uint64_t bytes;
    uint32_t part;
};

static bool is_lighter(const struct load *a, const struct load *b)
{
    return a->bytes != b->bytes ? a->bytes < b->bytes : a->part < b->part;
}

/* Restore the heap order after the first entry has grown. */
static void sink(struct load *heap, size_t count)
{
    for (size_t at = 0;;) {
        size_t least = at, child = 2 * at + 1;
        struct load moved = heap[at];

        for (size_t i = child; i < child + 2 && i < count; i++)
            if (is_lighter(&heap[i], &heap[least]))
                least = i;
        if (least == at)
            return;
        heap[at] = heap[least];
        heap[least] = moved;
        at = least;
    }
}

/* Divide the archives. The caller provides memory: `order` for all archives, `heap` for
 * all parts. */
static void divide(const uint64_t *sizes, size_t count, uint32_t part_count,
                   uint32_t *order, struct load *heap, uint32_t *parts)
{
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = 0; i < part_count; i++)
        heap[i] = (struct load){0, i + 1};
    if (count)
        qsort_r(order, count, sizeof(*order), by_size, (void *)sizes);
    for (size_t i = 0; i < count; i++) {
        parts[order[i]] = heap[0].part;
        heap[0].bytes += sizes[order[i]] + 1; /* empty archives are spread, too */
        sink(heap, part_count);
    }
}

enum lc_status lc_part_divide(const uint64_t *sizes, size_t count, uint32_t part_count,
                              uint32_t *parts, struct lc_error *err)
{
    uint32_t *order = malloc((count + 1) * sizeof(*order));
    struct load *heap = malloc(part_count * sizeof(*heap));
    bool good = order && heap;

    if (order && heap)
        divide(sizes, count, part_count, order, heap, parts);
    free(order);
    free(heap);
    return good ? LC_OK : lc_fail_memory(err);
}

bool lc_part_covers(const struct lc_part_record *record, uint32_t part)
{
    size_t low = 0, high = record->part_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (record->parts[middle] == part)
            return true;
        if (record->parts[middle] < part)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* ---- encoding: the number of all parts, the fingerprint, then three lists, each
 * preceded by its number of entries. With archives, two more lists follow, and the names
 * of files ---- */

static enum lc_status put_u32(uint32_t value, struct lc_buffer *out, struct lc_error *err)
{
    uint8_t bytes[4];

    lc_put_u32(bytes, value);
    return lc_buffer_add(out, bytes, sizeof(bytes), err);
}

static enum lc_status put_u64(uint64_t value, struct lc_buffer *out, struct lc_error *err)
{
    uint8_t bytes[8];

    lc_put_u64(bytes, value);
    return lc_buffer_add(out, bytes, sizeof(bytes), err);
}

static enum lc_status put_rows(const struct lc_part_rows *rows, struct lc_buffer *out,
                               struct lc_error *err)
{
    enum lc_status status = put_u32(rows->part, out, err);

    if (status == LC_OK)
        status = put_u32(rows->file, out, err);
    if (status == LC_OK)
        status = put_u64(rows->first, out, err);
    return status == LC_OK ? put_u64(rows->rows, out, err) : status;
}

static enum lc_status put_u8(uint8_t value, struct lc_buffer *out, struct lc_error *err)
{
    return lc_buffer_add(out, &value, 1, err);
}

static enum lc_status put_text(const struct lc_part_record *record, size_t at,
                               struct lc_buffer *out, struct lc_error *err)
{
    struct lc_span text = lc_part_text(record, at);
    enum lc_status status = put_u32((uint32_t)text.size, out, err);

    return status == LC_OK ? lc_buffer_add(out, text.text, text.size, err) : status;
}

static enum lc_status put_archives(const struct lc_part_record *record,
                                   struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status = put_u32((uint32_t)record->archive_count, out, err);

    for (size_t i = 0; i < record->archive_count && status == LC_OK; i++) {
        const struct lc_part_archive *archive = &record->archives[i];

        status = put_u32(archive->archive, out, err);
        if (status == LC_OK)
            status = put_u8(archive->state, out, err);
        if (status == LC_OK)
            status = put_u8(archive->is_there, out, err);
        if (status == LC_OK)
            status = put_u8(archive->has_failed, out, err);
    }
    return status;
}

static enum lc_status put_links(const struct lc_part_record *record,
                                struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status = put_u32((uint32_t)record->link_count, out, err);

    for (size_t i = 0; i < record->link_count && status == LC_OK; i++) {
        const struct lc_part_link *link = &record->links[i];

        status = put_u32(link->archive, out, err);
        if (status == LC_OK)
            status = put_u64(link->offset, out, err);
        if (status == LC_OK)
            status = put_text(record, link->path, out, err);
        if (status == LC_OK)
            status = put_text(record, link->target, out, err);
    }
    return status;
}

static enum lc_status put_unused(const struct lc_part_record *record,
                                 struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status = put_u8(record->has_unused, out, err);

    if (status == LC_OK)
        status = put_u64(record->unused.size, out, err);
    return status == LC_OK && record->unused.size
               ? lc_buffer_add(out, record->unused.data, record->unused.size, err)
               : status;
}

enum lc_status lc_part_encode(const struct lc_part_record *record, struct lc_buffer *out,
                              struct lc_error *err)
{
    enum lc_status status = put_u32(record->count, out, err);

    if (status == LC_OK)
        status =
            lc_buffer_add(out, record->whole.bytes, sizeof(record->whole.bytes), err);
    if (status == LC_OK)
        status = put_u32((uint32_t)record->part_count, out, err);
    for (size_t i = 0; i < record->part_count && status == LC_OK; i++)
        status = put_u32(record->parts[i], out, err);
    if (status == LC_OK)
        status = put_u32((uint32_t)record->file_count, out, err);
    for (size_t i = 0; i < record->file_count && status == LC_OK; i++) {
        status = put_u64(record->files[i].rows, out, err);
        if (status == LC_OK)
            status = put_u64(record->files[i].sampled, out, err);
    }
    if (status == LC_OK)
        status = put_u32((uint32_t)record->rows_count, out, err);
    for (size_t i = 0; i < record->rows_count && status == LC_OK; i++)
        status = put_rows(&record->rows[i], out, err);
    if (status != LC_OK || !(record->archive_count || record->has_unused))
        return status;
    status = put_archives(record, out, err);
    if (status == LC_OK)
        status = put_links(record, out, err);
    return status == LC_OK ? put_unused(record, out, err) : status;
}

static enum lc_status fail_damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: invalid record of parts");
}

/* Consume bytes; NULL past the end. */
static const uint8_t *read_bytes(struct lc_span *bytes, size_t size)
{
    const uint8_t *taken = (const uint8_t *)bytes->text;

    if (!taken || bytes->size < size)
        return NULL;
    bytes->text += size;
    bytes->size -= size;
    return taken;
}

/* Consume the number of entries of a list; false if fewer follow. */
static bool read_count(struct lc_span *bytes, size_t entry, size_t *out)
{
    const uint8_t *count = read_bytes(bytes, 4);

    if (!count)
        return false;
    *out = lc_get_u32(count);
    return *out <= bytes->size / entry;
}

static enum lc_status read_parts(struct lc_span *bytes, struct lc_part_record *out,
                                 struct lc_error *err)
{
    size_t count = 0;

    if (!read_count(bytes, 4, &count))
        return fail_damaged(err);
    for (size_t i = 0; i < count; i++) {
        uint32_t part = lc_get_u32(read_bytes(bytes, 4));
        enum lc_status status;

        if (part < 1 || part > out->count || (i && part <= out->parts[i - 1]))
            return fail_damaged(err);
        status = lc_part_add(out, part, err);
        if (status != LC_OK)
            return status;
    }
    return count ? LC_OK : fail_damaged(err);
}

static enum lc_status read_files(struct lc_span *bytes, struct lc_part_record *out,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t count = 0;

    if (!read_count(bytes, 16, &count))
        return fail_damaged(err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        const uint8_t *entry = read_bytes(bytes, 16);

        status = lc_part_add_file(
            out, &(struct lc_part_file){lc_get_u64(entry), lc_get_u64(entry + 8)}, err);
    }
    return status;
}

/* Whether the rows belong to a covered part and an existing file, and come after all
 * earlier ones. */
static bool is_in_order(const struct lc_part_record *record,
                        const struct lc_part_rows *rows)
{
    const struct lc_part_rows *last =
        record->rows_count ? &record->rows[record->rows_count - 1] : NULL;

    if (rows->file >= record->file_count || !lc_part_covers(record, rows->part) ||
        rows->first > record->files[rows->file].rows ||
        rows->rows > record->files[rows->file].rows - rows->first)
        return false;
    return !last || last->file < rows->file ||
           (last->file == rows->file && last->part < rows->part &&
            (!rows->rows || last->first + last->rows <= rows->first));
}

static enum lc_status read_rows(struct lc_span *bytes, struct lc_part_record *out,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t count = 0;

    if (!read_count(bytes, 24, &count))
        return fail_damaged(err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        const uint8_t *entry = read_bytes(bytes, 24);
        const struct lc_part_rows rows = {
            .part = lc_get_u32(entry),
            .file = lc_get_u32(entry + 4),
            .first = lc_get_u64(entry + 8),
            .rows = lc_get_u64(entry + 16),
        };

        if (!is_in_order(out, &rows))
            return fail_damaged(err);
        status = lc_part_add_rows(out, &rows, err);
    }
    return status;
}

static enum lc_status read_archives(struct lc_span *bytes, struct lc_part_record *out,
                                    struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t count = 0;

    if (!read_count(bytes, 7, &count))
        return fail_damaged(err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        const uint8_t *entry = read_bytes(bytes, 7);
        const struct lc_part_archive archive = {lc_get_u32(entry), entry[4],
                                                entry[5] != 0, entry[6] != 0};

        if (i && archive.archive <= out->archives[i - 1].archive)
            return fail_damaged(err);
        status = lc_part_add_archive(out, &archive, err);
    }
    return status;
}

/* Consume a text, which must not contain NUL. */
static bool read_text(struct lc_span *bytes, struct lc_span *out)
{
    size_t size = 0;

    if (!read_count(bytes, 1, &size))
        return false;
    *out = (struct lc_span){bytes->text, size};
    return read_bytes(bytes, size) && !memchr(out->text, '\0', size);
}

static enum lc_status read_links(struct lc_span *bytes, struct lc_part_record *out,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t count = 0;

    if (!read_count(bytes, 20, &count))
        return fail_damaged(err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        const uint8_t *entry = read_bytes(bytes, 12);
        struct lc_part_link link = {0};
        struct lc_span path, target;

        if (!entry || !read_text(bytes, &path) || !read_text(bytes, &target))
            return fail_damaged(err);
        link.archive = lc_get_u32(entry);
        link.offset = lc_get_u64(entry + 4);
        if (!lc_part_archive(out, link.archive) ||
            (i && link.archive < out->links[i - 1].archive))
            return fail_damaged(err);
        status = lc_part_add_link(out, &link, path, target, err);
    }
    return status;
}

static enum lc_status read_unused(struct lc_span *bytes, struct lc_part_record *out,
                                  struct lc_error *err)
{
    const uint8_t *head = read_bytes(bytes, 9);
    uint64_t size = head ? lc_get_u64(head + 1) : 0;

    if (!head || size > bytes->size || (size && bytes->text[size - 1] != '\0'))
        return fail_damaged(err);
    out->has_unused = head[0] != 0;
    return size ? lc_buffer_add(&out->unused, read_bytes(bytes, size), size, err) : LC_OK;
}

enum lc_status lc_part_decode(struct lc_span bytes, struct lc_part_record *out,
                              struct lc_error *err)
{
    const uint8_t *head = read_bytes(&bytes, 4 + sizeof(out->whole.bytes));
    enum lc_status status;

    if (!head)
        return fail_damaged(err);
    out->count = lc_get_u32(head);
    memcpy(out->whole.bytes, head + 4, sizeof(out->whole.bytes));
    if (out->count < 1 || out->count > LC_PARTS_MAX)
        return fail_damaged(err);
    status = read_parts(&bytes, out, err);
    if (status == LC_OK)
        status = read_files(&bytes, out, err);
    if (status == LC_OK)
        status = read_rows(&bytes, out, err);
    if (status == LC_OK && bytes.size)
        status = read_archives(&bytes, out, err);
    if (status == LC_OK && bytes.size)
        status = read_links(&bytes, out, err);
    if (status == LC_OK && bytes.size)
        status = read_unused(&bytes, out, err);
    return status == LC_OK && bytes.size ? fail_damaged(err) : status;
}

enum lc_status lc_part_describe(const struct lc_part_record *record,
                                struct lc_buffer *out, struct lc_error *err)
{
    const uint32_t *parts = record->parts;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < record->part_count && status == LC_OK; i++) {
        size_t last = i;

        while (last + 1 < record->part_count && parts[last + 1] == parts[last] + 1)
            last++;
        status = lc_buffer_printf(out, err, "%s%u", i ? ", " : "", parts[i]);
        if (last > i && status == LC_OK)
            status = lc_buffer_printf(out, err, "-%u", parts[last]);
        i = last;
    }
    return status == LC_OK ? lc_buffer_printf(out, err, " of %u", record->count) : status;
}
