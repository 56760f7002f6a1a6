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

/* ---- bytes: the number of all parts, the fingerprint, then three lists, each with its
 * number of entries before it ---- */

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
            status = put_u64(record->files[i].drawn, out, err);
    }
    if (status == LC_OK)
        status = put_u32((uint32_t)record->rows_count, out, err);
    for (size_t i = 0; i < record->rows_count && status == LC_OK; i++)
        status = put_rows(&record->rows[i], out, err);
    return status;
}

static enum lc_status fail_damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: invalid record of parts");
}

/* Consume bytes; NULL past the end. */
static const uint8_t *take(struct lc_span *bytes, size_t size)
{
    const uint8_t *taken = (const uint8_t *)bytes->text;

    if (!taken || bytes->size < size)
        return NULL;
    bytes->text += size;
    bytes->size -= size;
    return taken;
}

/* Consume the number of entries of a list; false if fewer follow. */
static bool take_count(struct lc_span *bytes, size_t entry, size_t *out)
{
    const uint8_t *count = take(bytes, 4);

    if (!count)
        return false;
    *out = lc_get_u32(count);
    return *out <= bytes->size / entry;
}

static enum lc_status take_parts(struct lc_span *bytes, struct lc_part_record *out,
                                 struct lc_error *err)
{
    size_t count = 0;

    if (!take_count(bytes, 4, &count))
        return fail_damaged(err);
    for (size_t i = 0; i < count; i++) {
        uint32_t part = lc_get_u32(take(bytes, 4));
        enum lc_status status;

        if (part < 1 || part > out->count || (i && part <= out->parts[i - 1]))
            return fail_damaged(err);
        status = lc_part_add(out, part, err);
        if (status != LC_OK)
            return status;
    }
    return count ? LC_OK : fail_damaged(err);
}

static enum lc_status take_files(struct lc_span *bytes, struct lc_part_record *out,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t count = 0;

    if (!take_count(bytes, 16, &count))
        return fail_damaged(err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        const uint8_t *entry = take(bytes, 16);

        status = lc_part_add_file(
            out, &(struct lc_part_file){lc_get_u64(entry), lc_get_u64(entry + 8)}, err);
    }
    return status;
}

/* Whether rows are those of a covered part and an existing file, after the others. */
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

static enum lc_status take_rows(struct lc_span *bytes, struct lc_part_record *out,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t count = 0;

    if (!take_count(bytes, 24, &count))
        return fail_damaged(err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        const uint8_t *entry = take(bytes, 24);
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

enum lc_status lc_part_decode(struct lc_span bytes, struct lc_part_record *out,
                              struct lc_error *err)
{
    const uint8_t *head = take(&bytes, 4 + sizeof(out->whole.bytes));
    enum lc_status status;

    if (!head)
        return fail_damaged(err);
    out->count = lc_get_u32(head);
    memcpy(out->whole.bytes, head + 4, sizeof(out->whole.bytes));
    if (out->count < 1 || out->count > LC_PARTS_MAX)
        return fail_damaged(err);
    status = take_parts(&bytes, out, err);
    if (status == LC_OK)
        status = take_files(&bytes, out, err);
    if (status == LC_OK)
        status = take_rows(&bytes, out, err);
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
