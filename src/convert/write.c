/* Writes the rows of all files into one, and the list of those that cannot be converted
 *
 * The bytes of each rows file are hashed on the way: they must be those that were
 * checked. Rows are on one line each, in an array too: so the result is read back in the
 * same way, and tools that work on lines can use it. */
#include "convert/state.h"

#include "base/hash.h"
#include "base/map.h"
#include "print/json_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEP ((size_t)1 << 20) /* what is written and hashed at once */

struct writer {
    struct lc_convert *convert;
    struct lc_converter *converter;
    FILE *to;
    struct lc_out *skipped; /* NULL: no list is written */
    struct lc_jw json;      /* writes to skipped */
    struct lc_buffer bytes; /* not written yet */

    /* the rows file */
    const struct lc_rows_file *file;
    struct lc_file_record record;
    struct lc_map map;
    struct lc_hasher *hasher;
    size_t hashed, fetched, dropped; /* offsets */
};

static enum lc_status flush(struct writer *w, struct lc_error *err)
{
    errno = 0;
    if (w->bytes.size && fwrite(w->bytes.data, 1, w->bytes.size, w->to) != w->bytes.size)
        return lc_fail_errno(err, "write the rows");
    w->convert->bytes += w->bytes.size;
    w->bytes.size = 0;
    return LC_OK;
}

static enum lc_status put(struct writer *w, const char *text, struct lc_error *err)
{
    return lc_buffer_add(&w->bytes, text, strlen(text), err);
}

static enum lc_status check_stopped(const struct writer *w, struct lc_error *err)
{
    const struct lc_check_options *check = &w->convert->check;

    if (check->is_stopped && check->is_stopped(check->user))
        return lc_fail(err, LC_ERR_STOPPED, 0, "stopped; nothing was written");
    return LC_OK;
}

/* ---- the rows file ---- */

static enum lc_status fail_changed(const struct writer *w, struct lc_error *err)
{
    return lc_fail(err, LC_ERR_IO, 0,
                   "%.150s changed since it was checked: run the command again",
                   w->file->name);
}

/* Hash the rows file up to an offset, and let go of what is before it. */
static enum lc_status pass(struct writer *w, size_t to, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (w->hashed < to && status == LC_OK) {
        size_t size = to - w->hashed < STEP ? to - w->hashed : STEP;

        w->fetched = lc_map_prefetch(&w->map, w->fetched, w->hashed);
        lc_hasher_update(w->hasher, w->map.data + w->hashed, size);
        w->hashed += size;
        status = check_stopped(w, err);
    }
    w->dropped = lc_map_drop(&w->map, w->dropped, to);
    return status;
}

/* Open a rows file, which must be as it was checked. */
static enum lc_status open_source(struct writer *w, uint32_t number, struct lc_error *err)
{
    enum lc_status status;

    w->file = &w->convert->dataset.files[number];
    w->hashed = w->fetched = w->dropped = 0;
    status = lc_index_get_file(w->convert->index, number, &w->record, err);
    if (status == LC_OK)
        status = lc_map_open(w->file->path, &w->map, err);
    if (status == LC_OK &&
        (w->map.size != w->record.size || w->map.mtime_ns != w->record.mtime_ns ||
         w->map.inode != w->record.inode))
        status = fail_changed(w, err);
    return status;
}

/* Read the rest of a rows file, and close it: it must have the bytes that were checked,
 * and still be there. */
static enum lc_status close_source(struct writer *w, enum lc_status status,
                                   struct lc_error *err)
{
    struct lc_map now = {0};
    struct lc_hash hash;

    if (status == LC_OK)
        status = pass(w, w->map.size, err);
    if (status == LC_OK) {
        hash = lc_hasher_finish(w->hasher);
        if (lc_hash_compare(&hash, &w->record.content) != 0)
            status = lc_fail(err, LC_ERR_IO, 0,
                             "%.150s does not have the bytes that were checked: run the "
                             "command again with --recheck",
                             w->file->name);
    }
    if (status == LC_OK)
        status = lc_map_probe(w->file->path, &now, err);
    if (status == LC_OK && (now.size != w->map.size || now.mtime_ns != w->map.mtime_ns ||
                            now.inode != w->map.inode))
        status = fail_changed(w, err);
    lc_map_close(&w->map);
    w->map = (struct lc_map){0};
    return status;
}

/* ---- rows that cannot be converted ---- */

static void note_reason(struct writer *w, const struct lc_row_record *row,
                        enum lc_refusal refusal, struct lc_span subject)
{
    struct lc_convert *convert = w->convert;
    struct lc_convert_reason *reason = &convert->reasons[refusal];
    size_t size = subject.size < LC_SUBJECT_MAX ? subject.size : LC_SUBJECT_MAX;

    if (reason->rows++)
        return;
    reason->text = lc_refusal_text(refusal);
    reason->row = row->row;
    reason->line = row->line;
    reason->file = w->file->name;
    if (size)
        memcpy(convert->subjects[refusal], subject.text, size);
    reason->subject = (struct lc_span){convert->subjects[refusal], size};
}

static enum lc_status list_skipped(struct writer *w, const struct lc_row_record *row,
                                   enum lc_refusal refusal, struct lc_span subject,
                                   struct lc_error *err)
{
    struct lc_jw *json = &w->json;

    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_text(json, "file", w->record.name);
    lc_jw_key_number(json, "row", row->row);
    lc_jw_key_number(json, "line", row->line);
    lc_jw_key_number(json, "offset", row->offset);
    if (row->id.size)
        lc_jw_key_text(json, "id", row->id);
    lc_jw_key_name(json, "reason", lc_refusal_text(refusal));
    if (subject.size)
        lc_jw_key_text(json, "subject", subject);
    lc_jw_key(json, "bytes");
    lc_jw_bytes(json, (struct lc_span){w->map.data + row->offset, row->size});
    lc_jw_end(json);
    lc_jw_line(json);
    return lc_out_flush(json->out, err);
}

static int by_rows(const void *a, const void *b)
{
    const struct lc_convert_reason *left = *(const struct lc_convert_reason *const *)a;
    const struct lc_convert_reason *right = *(const struct lc_convert_reason *const *)b;

    if (left->rows != right->rows)
        return left->rows > right->rows ? -1 : 1;
    return left < right ? -1 : left > right; /* of one array */
}

static void sort_reasons(struct lc_convert *convert)
{
    convert->reason_count = 0;
    for (size_t i = 0; i < LC_REFUSAL_COUNT; i++)
        if (convert->reasons[i].rows)
            convert->sorted[convert->reason_count++] = &convert->reasons[i];
    if (convert->reason_count)
        qsort(convert->sorted, convert->reason_count,
              sizeof(const struct lc_convert_reason *), by_rows);
}

/* ---- rows ---- */

static enum lc_status write_row(struct writer *w, uint64_t number,
                                const struct lc_row_record *row, struct lc_error *err)
{
    struct lc_convert *convert = w->convert;
    const struct lc_span text = {w->map.data + row->offset, row->size};
    bool is_first = !convert->counts.kept;
    size_t before = w->bytes.size;
    struct lc_converted made = {0};
    enum lc_status status = LC_OK;

    if (!convert->lines)
        status = put(w, is_first ? "[\n" : ",\n", err);
    if (status == LC_OK)
        status = lc_convert_row(w->converter, w->file->dialect, row, text, &w->bytes,
                                &made, err);
    if (status != LC_OK)
        return status;
    if (!made.refusal && convert->differs[number / 8] >> number % 8 & 1)
        made = (struct lc_converted){.refusal = LC_REFUSAL_DIFFERS};
    if (!made.refusal) {
        convert->counts.kept++;
        convert->columns |= made.columns;
        return convert->lines ? put(w, "\n", err) : LC_OK;
    }
    w->bytes.size = before;
    convert->counts.skipped++;
    convert->skipped[number / 8] |= (uint8_t)(1U << number % 8);
    note_reason(w, row, made.refusal, made.subject);
    return w->skipped ? list_skipped(w, row, made.refusal, made.subject, err) : LC_OK;
}

static enum lc_status write_rows(struct writer *w, struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    struct lc_row_record row = {0};
    uint64_t number = 0;
    size_t end = 0;
    bool found = true;
    enum lc_status status =
        lc_stream_new(w->convert->index, LC_STREAM_ROWS, &stream, err);

    if (status == LC_OK)
        status = lc_stream_from_row(stream, w->record.first_row, err);
    for (uint64_t i = 0; status == LC_OK && i < w->record.rows; i++) {
        status = lc_stream_row(stream, &number, &row, &found, err);
        if (status == LC_OK &&
            (!found || number >= w->convert->counts.rows || row.offset < end ||
             row.offset > w->map.size || row.size > w->map.size - row.offset))
            status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
        if (status == LC_OK)
            status = write_row(w, number, &row, err);
        end = row.offset + row.size;
        if (status == LC_OK && w->bytes.size >= STEP)
            status = flush(w, err);
        if (status == LC_OK && end - w->hashed >= STEP)
            status = pass(w, end, err);
    }
    lc_stream_free(stream);
    return status;
}

static enum lc_status write_files(struct writer *w, struct lc_error *err)
{
    struct lc_convert *convert = w->convert;
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < convert->dataset.file_count && status == LC_OK; i++) {
        status = open_source(w, i, err);
        if (status == LC_OK)
            status = write_rows(w, err);
        status = close_source(w, status, err);
    }
    if (status == LC_OK && !convert->lines && convert->counts.kept)
        status = put(w, "\n]\n", err);
    return status == LC_OK ? flush(w, err) : status;
}

static enum lc_status refuse(const struct lc_convert *convert, struct lc_error *err)
{
    unsigned long long skipped = convert->counts.skipped, rows = convert->counts.rows;

    if (!rows)
        return lc_fail(err, LC_ERR_USAGE, 0, "there are no rows");
    if (!convert->counts.kept)
        return lc_fail(err, LC_ERR_USAGE, 0, "none of %llu rows can be a row of %s", rows,
                       convert->to->name);
    if (convert->counts.skipped && !convert->options.skip)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "%llu of %llu rows cannot be rows of %s; --skip leaves them out",
                       skipped, rows, convert->to->name);
    return LC_OK;
}

static enum lc_status flush_stream(FILE *to, const char *what, struct lc_error *err)
{
    errno = 0;
    if (to && (fflush(to) != 0 || ferror(to)))
        return lc_fail_errno(err, what);
    return LC_OK;
}

enum lc_status lc_convert_write(struct lc_convert *convert, FILE *to, FILE *skipped,
                                struct lc_error *err)
{
    struct lc_out out = {.to = skipped};
    struct writer w = {.convert = convert,
                       .to = to,
                       .skipped = skipped ? &out : NULL,
                       .json = {.out = &out, .indent = 2}};
    enum lc_status status = lc_converter_new(convert->to, &w.converter, err);

    convert->counts.kept = convert->counts.skipped = convert->bytes = 0;
    convert->columns = 0;
    memset(convert->reasons, 0, sizeof(convert->reasons));
    memset(convert->skipped, 0, (size_t)(convert->counts.rows / 8) + 1);
    w.hasher = lc_hasher_new();
    if (status == LC_OK && !w.hasher)
        status = lc_fail_memory(err);
    if (status == LC_OK)
        status = write_files(&w, err);
    sort_reasons(convert);
    if (status == LC_OK)
        status = refuse(convert, err);
    status = lc_jw_finish(&w.json, status, err);
    if (status == LC_OK)
        status = flush_stream(to, "write the rows", err);
    if (status == LC_OK)
        status = flush_stream(skipped, "write the list", err);
    lc_converter_free(w.converter);
    lc_hasher_free(w.hasher);
    lc_buffer_clear(&w.bytes);
    return status;
}
