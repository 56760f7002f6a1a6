#include "print/example.h"

#include "llava_check/dialects.h"
#include "print/format.h"

#include <string.h>

/* The state of writing a place. */
struct places {
    const struct lc_index *index;
    const char *prefix; /* prepended to file names; may be NULL */
};

/* Append where a row is: "raw/rows.json:12", which a terminal or an editor can open; for
 * a shard, "raw/000.tar!key:1". */
static enum lc_status add_place(const struct places *w, uint32_t number, uint64_t line,
                                struct lc_span id, struct lc_buffer *out,
                                struct lc_error *err)
{
    const char *prefix = w->prefix;
    struct lc_file_record file;
    enum lc_status status = lc_index_get_file(w->index, number, &file, err);

    if (status == LC_OK && prefix)
        status = lc_format_text((struct lc_span){prefix, strlen(prefix)}, out, err);
    if (status == LC_OK)
        status = lc_format_text(file.name, out, err);
    if (status == LC_OK && id.size && lc_span_is(file.dialect, LC_SHARD_DIALECT))
        status = lc_buffer_add(out, "!", 1, err);
    if (status == LC_OK && id.size && lc_span_is(file.dialect, LC_SHARD_DIALECT))
        status = lc_format_text(id, out, err);
    return status == LC_OK ? lc_buffer_printf(out, err, ":%llu", (unsigned long long)line)
                           : status;
}

/* Append " (raw/rows.json:12, raw/rows.json:40 and 3 more)": the rows that name the image
 * or have the id. */
static enum lc_status add_rows(const struct places *w, const uint64_t *numbers,
                               size_t given, uint64_t count, struct lc_buffer *out,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < given && i < count && status == LC_OK; i++) {
        struct lc_row_record row;

        status = lc_index_get_row(w->index, numbers[i], &row, err);
        if (status == LC_OK)
            status = lc_buffer_printf(out, err, "%s", i ? ", " : " (");
        if (status == LC_OK)
            status = add_place(w, row.file, row.line, row.id, out, err);
    }
    if (status == LC_OK && count > given)
        status = lc_buffer_printf(out, err, " and %llu more",
                                  (unsigned long long)(count - given));
    return status == LC_OK && count ? lc_buffer_add(out, ")", 1, err) : status;
}

static enum lc_status add_row_matter(const struct lc_finding_record *finding,
                                     struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (finding->row >= 0)
        status = lc_buffer_printf(out, err, "row %lld", (long long)finding->row);
    if (status == LC_OK && finding->row >= 0 && finding->id.size) {
        status = lc_buffer_printf(out, err, ", id ");
        if (status == LC_OK)
            status = lc_format_quote(finding->id, 48, out, err);
    }
    if (status == LC_OK && finding->row >= 0)
        status = lc_buffer_printf(out, err, ": ");
    return status == LC_OK ? lc_format_text(finding->message, out, err) : status;
}

/* Append the message, and the first rows that name the image or have the id. */
static enum lc_status add_matter(const struct places *w,
                                 const struct lc_finding_record *finding,
                                 struct lc_buffer *out, struct lc_error *err)
{
    uint64_t rows[2], count = 0;
    enum lc_status status;

    if (finding->kind == LC_FINDING_ROW)
        return add_row_matter(finding, out, err);
    if (finding->kind == LC_FINDING_IMAGE)
        status = lc_index_rows_of_image(w->index, finding->image, rows, 2, &count, err);
    else
        status = lc_index_rows_of_id(w->index, finding->id, rows, 2, &count, err);
    if (status == LC_OK)
        status = lc_format_text(finding->message, out, err);
    return status == LC_OK ? add_rows(w, rows, 2, count, out, err) : status;
}

enum lc_status lc_text_matter(const struct lc_index *index, const char *prefix,
                              const struct lc_finding_record *finding,
                              struct lc_buffer *out, struct lc_error *err)
{
    const struct places w = {index, prefix};

    return add_matter(&w, finding, out, err);
}

/* Append the first row that has an id. */
static enum lc_status add_first_row(const struct places *w, struct lc_span id,
                                    struct lc_buffer *out, struct lc_error *err)
{
    uint64_t number, count = 0;
    struct lc_row_record row;
    enum lc_status status = LC_OK;

    if (id.size)
        status = lc_index_rows_of_id(w->index, id, &number, 1, &count, err);
    if (status != LC_OK || !count)
        return status;
    status = lc_index_get_row(w->index, number, &row, err);
    return status == LC_OK ? add_place(w, row.file, row.line, row.id, out, err) : status;
}

enum lc_status lc_text_image(const struct lc_index *index,
                             const struct lc_image_record *image, struct lc_buffer *out,
                             struct lc_error *err)
{
    struct lc_buffer place = {0};
    enum lc_status status;

    if (!image->archive)
        return lc_format_text(image->path, out, err);
    status = lc_index_image_place(index, image, &place, err);
    if (status == LC_OK)
        status = lc_format_text((struct lc_span){place.data, place.size}, out, err);
    lc_buffer_clear(&place);
    return status;
}

enum lc_status lc_text_place(const struct lc_index *index, const char *prefix,
                             const struct lc_finding_record *finding,
                             struct lc_buffer *out, struct lc_error *err)
{
    const struct places w = {index, prefix};
    struct lc_image_record image;
    enum lc_status status;
    size_t from = out->size;

    if (finding->kind == LC_FINDING_ROW) {
        status = add_place(&w, finding->file, finding->line, finding->id, out, err);
        if (status == LC_OK)
            status =
                lc_buffer_printf(out, err, ":%llu", (unsigned long long)finding->column);
    } else if (finding->kind == LC_FINDING_IMAGE) {
        status = lc_index_get_image(w.index, finding->image, &image, err);
        if (status == LC_OK)
            status = lc_text_image(w.index, &image, out, err);
    } else {
        status = add_first_row(&w, finding->id, out, err);
    }
    return status == LC_OK ? lc_format_start(out, from, err) : status;
}

enum lc_status lc_text_finding(const struct lc_index *index, const char *prefix,
                               const struct lc_finding_record *finding,
                               struct lc_buffer *out, struct lc_error *err)
{
    bool placed = finding->kind != LC_FINDING_SET;
    enum lc_status status = LC_OK;

    if (placed)
        status = lc_text_place(index, prefix, finding, out, err);
    if (status == LC_OK && placed)
        status = lc_buffer_add(out, ": ", 2, err);
    return status == LC_OK ? lc_text_matter(index, prefix, finding, out, err) : status;
}
