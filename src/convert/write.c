/* Writes the rows of all files into one, and lists the rows that cannot be converted
 *
 * Each rows file is hashed on the way, to make sure that its bytes are those that were
 * checked. Each row is on a line of its own, even in an array: so the result is read back
 * in the same way, and line-based tools can use it. */
#include "convert/state.h"

#include "scan/source.h"
#include "base/hash.h"

#include "print/json_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEP ((size_t)1 << 20) /* bytes written and hashed at once */

struct writer {
    struct lc_convert *convert;
    struct lc_converter *converter;
    FILE *to;
    struct lc_out *skipped;      /* NULL: do not write a list */
    struct lc_jw json;           /* writes to skipped */
    struct lc_buffer bytes;      /* not written yet */
    struct lc_pixel_size *sizes; /* sizes of a row's images */
    size_t size_capacity;

    struct lc_source in; /* the rows file */
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
    reason->file = w->in.file->name;
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
    lc_jw_key_text(json, "file", w->in.record.name);
    lc_jw_key_number(json, "row", row->row);
    lc_jw_key_number(json, "line", row->line);
    lc_jw_key_number(json, "offset", row->offset);
    if (row->id.size)
        lc_jw_key_text(json, "id", row->id);
    lc_jw_key_name(json, "reason", lc_refusal_text(refusal));
    if (subject.size)
        lc_jw_key_text(json, "subject", subject);
    lc_jw_key(json, "bytes");
    lc_jw_bytes(json, (struct lc_span){w->in.map.data + row->offset, row->size});
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
    return left < right ? -1 : left > right; /* they are elements of one array */
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

/* Get the sizes of a row's images, if they are to be written. */
static enum lc_status find_sizes(struct writer *w, uint64_t row,
                                 struct lc_pixel_sizes *out, struct lc_error *err)
{
    struct lc_span numbers = {0};
    enum lc_status status = LC_OK;

    if (w->convert->form == LC_TEXT_SIZED)
        status = lc_index_images_of_row(w->convert->index, row, &numbers, err);
    for (size_t i = 0; i < numbers.size / 4 && status == LC_OK; i++) {
        struct lc_image_record image = {0};
        struct lc_pixel_size *sizes =
            lc_array_grow(w->sizes, i, &w->size_capacity, sizeof(*sizes));

        if (!sizes)
            return lc_fail_memory(err);
        w->sizes = sizes;
        status = lc_index_get_image(w->convert->index,
                                    lc_get_u32((const uint8_t *)numbers.text + 4 * i),
                                    &image, err);
        sizes[i] = (struct lc_pixel_size){image.width, image.height};
    }
    *out = (struct lc_pixel_sizes){w->sizes, numbers.size / 4};
    return status;
}

/* The dialect of a row: that of its file, or its own. */
static const struct lc_dialect *dialect_of(const struct writer *w,
                                           const struct lc_row_record *row)
{
    if (!row->dialect || row->dialect > lc_dialect_count ||
        !lc_dialect_converts(&lc_dialects[row->dialect - 1]))
        return w->in.file->dialect;
    return &lc_dialects[row->dialect - 1];
}

static enum lc_status write_row(struct writer *w, uint64_t number,
                                const struct lc_row_record *row, struct lc_error *err)
{
    struct lc_convert *convert = w->convert;
    const struct lc_span text = {w->in.map.data + row->offset, row->size};
    bool is_first = !convert->counts.kept;
    size_t before = w->bytes.size;
    struct lc_converted made = {0};
    struct lc_pixel_sizes sizes;
    enum lc_status status = find_sizes(w, number, &sizes, err);

    if (status == LC_OK && !convert->lines)
        status = put(w, is_first ? "[\n" : ",\n", err);
    if (status == LC_OK)
        status = lc_convert_row(w->converter, dialect_of(w, row), row, sizes, text,
                                &w->bytes, &made, err);
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
        status = lc_stream_from_row(stream, w->in.record.first_row, err);
    for (uint64_t i = 0; status == LC_OK && i < w->in.record.rows; i++) {
        status = lc_stream_row(stream, &number, &row, &found, err);
        if (status == LC_OK &&
            (!found || number >= w->convert->counts.rows || row.offset < end ||
             row.offset > w->in.map.size || row.size > w->in.map.size - row.offset))
            status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
        if (status == LC_OK)
            status = write_row(w, number, &row, err);
        end = row.offset + row.size;
        if (status == LC_OK && w->bytes.size >= STEP)
            status = flush(w, err);
        if (status == LC_OK && end - w->in.hashed >= STEP)
            status = lc_source_pass(&w->in, end, err);
    }
    lc_stream_free(stream);
    return status;
}

static enum lc_status write_files(struct writer *w, struct lc_error *err)
{
    struct lc_convert *convert = w->convert;
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < convert->dataset.file_count && status == LC_OK; i++) {
        status = lc_source_open(&w->in, w->convert->index, &w->convert->dataset, i, err);
        if (status == LC_OK)
            status = write_rows(w, err);
        status = lc_source_close(&w->in, status, err);
    }
    if (status == LC_OK && !convert->lines && convert->counts.kept)
        status = put(w, "\n]\n", err);
    return status == LC_OK ? flush(w, err) : status;
}

static enum lc_status refuse(const struct lc_convert *convert, struct lc_error *err)
{
    unsigned long long skipped = convert->counts.skipped, rows = convert->counts.rows;

    if (!rows)
        return lc_source_fail_empty(convert->index, err);
    if (!convert->counts.kept)
        return lc_fail(err, LC_ERR_USAGE, 0, "none of %llu rows can be converted to %s",
                       rows, convert->to->name);
    if (convert->counts.skipped && !convert->options.skip)
        return lc_fail(
            err, LC_ERR_USAGE, 0,
            "%llu of %llu rows cannot be converted to %s; --skip leaves them out",
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
    enum lc_status status =
        lc_converter_new(convert->to, convert->form, &w.converter, err);

    convert->counts.kept = convert->counts.skipped = convert->bytes = 0;
    convert->columns = 0;
    memset(convert->reasons, 0, sizeof(convert->reasons));
    memset(convert->skipped, 0, (size_t)(convert->counts.rows / 8) + 1);
    w.in.check = &convert->check;
    w.in.hasher = lc_hasher_new();
    if (status == LC_OK && !w.in.hasher)
        status = lc_fail_memory(err);
    if (status == LC_OK)
        status = write_files(&w, err);
    free(w.sizes);
    sort_reasons(convert);
    if (status == LC_OK)
        status = refuse(convert, err);
    status = lc_jw_finish(&w.json, status, err);
    if (status == LC_OK)
        status = flush_stream(to, "write the rows", err);
    if (status == LC_OK)
        status = flush_stream(skipped, "write the list", err);
    lc_converter_free(w.converter);
    lc_hasher_free(w.in.hasher);
    lc_buffer_clear(&w.bytes);
    return status;
}
