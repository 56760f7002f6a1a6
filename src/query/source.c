#include "query/source.h"

#include "base/printable.h"

#include <string.h>

void lc_row_source_close(struct lc_row_source *source)
{
    if (source->is_open)
        lc_map_close(&source->map);
    *source = (struct lc_row_source){0};
}

/* Whether a name stays in the folder that it is relative to. The index may come from
 * anybody. */
static bool is_inside(struct lc_span name)
{
    size_t from = 0;

    if (!name.size || name.text[0] == '/' || memchr(name.text, '\0', name.size))
        return false;
    for (size_t i = 0; i <= name.size; i++) {
        if (i < name.size && name.text[i] != '/')
            continue;
        if (i - from == 2 && memcmp(name.text + from, "..", 2) == 0)
            return false;
        from = i + 1;
    }
    return true;
}

static enum lc_status open_file(const struct lc_query_run *run,
                                struct lc_row_source *source, uint32_t number,
                                const struct lc_file_record *file, struct lc_error *err)
{
    int size = file->name.size < 150 ? (int)file->name.size : 150;
    struct lc_buffer path = {0};
    enum lc_status status;

    if (!run->query->prefix)
        return lc_fail(
            err, LC_ERR_USAGE, 0,
            "--format source reads the rows files: name the data set, not its index");
    if (!is_inside(file->name))
        return lc_fail(err, LC_ERR_USAGE, 0, "%.*s is outside of the data folder", size,
                       file->name.text);
    lc_row_source_close(source);
    status = lc_buffer_printf(&path, err, "%s%.*s", run->query->prefix,
                              (int)file->name.size, file->name.text);
    if (status == LC_OK)
        status = lc_map_open(path.data, &source->map, err);
    lc_buffer_clear(&path);
    if (status != LC_OK)
        return status;
    source->is_open = true;
    source->number = number;
    if (source->map.size != file->size || source->map.mtime_ns != file->mtime_ns)
        return lc_fail(err, LC_ERR_IO, 0,
                       "%.*s changed since it was checked: check it again", size,
                       file->name.text);
    return LC_OK;
}

/* Write a valid JSON row on one line. Line ends and tabs are only between its tokens, as
 * strings cannot contain them. */
static void put_json(struct lc_out *out, struct lc_span text)
{
    const struct lc_printable row = {.text = text, .enclosed = true};
    struct lc_escape found;
    char escape[LC_ESCAPE_SIZE];
    size_t from = 0;

    while (lc_printable_next(&row, from, &found)) {
        lc_out_bytes(out, text.text + from, found.at - from);
        from = found.at + found.size;
        if (found.point == '\t') {
            lc_out_bytes(out, " ", 1);
        } else if (found.point == '\n' || found.point == '\r') {
            while (from < text.size && text.text[from] == ' ')
                from++;
        } else {
            lc_out_bytes(out, escape, lc_escape_json(&found, escape));
        }
    }
    lc_out_bytes(out, text.text + from, text.size - from);
}

enum lc_status lc_row_put_source(struct lc_query_run *run, struct lc_row_source *source,
                                 const struct lc_row_entry *row,
                                 const struct lc_file_record *file, struct lc_error *err)
{
    struct lc_span text;
    enum lc_status status = LC_OK;

    if (!source->is_open || source->number != row->file_number)
        status = open_file(run, source, row->file_number, file, err);
    if (status != LC_OK)
        return status;
    if (row->offset > source->map.size || row->size > source->map.size - row->offset)
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    text = (struct lc_span){source->map.data + row->offset, row->size};
    if (row->is_readable)
        put_json(run->out, text);
    else
        lc_out_json_bytes(run->out, text);
    lc_out_bytes(run->out, "\n", 1);
    return lc_out_flush(run->out, err);
}
