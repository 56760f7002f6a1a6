/* The rows with an id: where they are, their images, and the findings about both */
#include "query/finding.h"
#include "query/image.h"
#include "query/row.h"

#include "print/format.h"

#include <stdlib.h>
#include <string.h>

/* The search for an id, and the output of its rows. */
struct getting {
    struct lc_query_run *run;
    bool text;
    bool array; /* JSON, unlike one row per line */
    bool place; /* output only where the rows are */
    struct lc_span id;
    struct lc_finding_record *of_id; /* the findings about the id itself */
    size_t count;
    size_t capacity;
    struct lc_entry_cache cache;
    struct lc_row_image_list images;
    struct lc_buffer place_of; /* of the current image */
    struct lc_row_record row;  /* the current row, and its line */
    struct lc_row_line line;
    uint64_t rows; /* number of rows of all ids so far */
    enum lc_status status;
    struct lc_error *err;
};

static enum lc_status keep_if_of_id(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct getting *g = user;
    struct lc_finding_record *items;

    if (!lc_span_equal(finding->id, g->id))
        return LC_OK;
    items = lc_array_grow(g->of_id, g->count, &g->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    g->of_id = items;
    items[g->count++] = *finding;
    return LC_OK;
}

/* Write a finding within the row or image that it is about. */
static enum lc_status put_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct getting *g = user;
    struct lc_out *out = g->run->out;
    struct lc_jw *json = &g->run->json;
    struct lc_finding_line line;
    enum lc_status status;
    size_t from;

    if (g->text) {
        lc_out_text(out, "  ");
        from = out->bytes.size;
        lc_out_text(out, lc_severity_name((enum lc_severity)finding->severity));
        lc_out_pad(out, from, 9, false);
        lc_out_plain(out, finding->rule);
        lc_out_text(out, "  ");
        lc_out_plain(out, finding->message);
        lc_out_bytes(out, "\n", 1);
        return LC_OK;
    }
    status = lc_finding_line(g->run->index, finding, &g->cache, &line, err);
    if (status != LC_OK)
        return status;
    lc_jw_object(json, LC_JW_COMPACT);
    lc_sheet_members(json, lc_finding_fields, lc_finding_field_count, &line);
    lc_jw_end(json);
    return LC_OK;
}

/* "  image    coco/1.jpg: ok, jpeg 640x480 RGB, 12.3 KiB" */
static void put_image_line(struct lc_out *out, const struct lc_image_line *line)
{
    lc_out_text(out, "  image    ");
    lc_out_plain(out, line->place);
    lc_out_text(out, ": ");
    lc_out_text(out, line->verdict);
    lc_out_text(out, line->image.format.size ? ", " : "");
    lc_out_image(out, &line->image);
    if (line->image.uses > 1) {
        lc_out_text(out, ", in ");
        lc_out_number(out, line->image.uses);
        lc_out_text(out, " rows");
    }
    lc_out_bytes(out, "\n", 1);
}

static enum lc_status put_image(struct getting *g, uint32_t number, struct lc_error *err)
{
    struct lc_out *out = g->run->out;
    struct lc_jw *json = &g->run->json;
    struct lc_image_record image;
    struct lc_image_line line;
    enum lc_status status = lc_index_get_image(g->run->index, number, &image, err);

    if (status == LC_OK)
        status = lc_image_line(g->run->index, number, &image, &g->place_of, &line, err);
    if (status != LC_OK)
        return status;
    if (g->text) {
        put_image_line(out, &line);
    } else {
        lc_jw_object(json, LC_JW_COMPACT);
        lc_sheet_members(json, lc_image_fields, lc_image_field_count, &line);
        lc_jw_key_array(json, "findings", LC_JW_COMPACT);
    }
    status = lc_index_each_finding_of(g->run->index, LC_FINDING_IMAGE, number, -1,
                                      put_finding, g, err);
    if (status != LC_OK)
        return status;
    if (!g->text) {
        lc_jw_end(json);
        lc_jw_end(json);
    }
    return lc_out_flush(out, err);
}

static enum lc_status put_images(struct getting *g, struct lc_span images,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!g->text)
        lc_jw_key_array(&g->run->json, "images", LC_JW_COMPACT);
    for (size_t at = 0; at + 4 <= images.size && status == LC_OK; at += 4)
        status = put_image(g, lc_get_u32((const uint8_t *)images.text + at), err);
    if (status == LC_OK && !g->text)
        lc_jw_end(&g->run->json);
    return status;
}

/* Write the findings about the row itself, then those about its id. */
static enum lc_status put_findings(struct getting *g, struct lc_error *err)
{
    const struct lc_row_record *row = &g->row;
    enum lc_status status;

    if (!g->text)
        lc_jw_key_array(&g->run->json, "findings", LC_JW_COMPACT);
    status = lc_index_each_finding_of(g->run->index, LC_FINDING_ROW, row->file,
                                      (int64_t)row->row, put_finding, g, err);
    for (size_t i = 0; i < g->count && status == LC_OK; i++)
        status = put_finding(g, &g->of_id[i], err);
    if (status == LC_OK && !g->text)
        lc_jw_end(&g->run->json);
    return status;
}

static void put_count(struct lc_out *out, uint64_t count, const char *what)
{
    char text[LC_COUNT_SIZE];

    lc_out_text(out, lc_format_count(count, text));
    lc_out_bytes(out, " ", 1);
    lc_out_text(out, what);
    lc_out_text(out, count == 1 ? "" : "s");
}

/* Write where the row is, as an editor can open it, and what it is like. */
static void put_head(struct getting *g)
{
    const char *prefix = g->run->query->prefix;
    const struct lc_row_record *row = &g->row;
    struct lc_out *out = g->run->out;

    if (prefix)
        lc_out_plain(out, (struct lc_span){prefix, strlen(prefix)});
    lc_out_plain(out, g->line.entry.file);
    lc_out_bytes(out, ":", 1);
    lc_out_number(out, row->line);
    lc_out_bytes(out, ":", 1);
    lc_out_number(out, row->column);
    lc_out_text(out, ": row ");
    lc_out_number(out, row->row);
    lc_out_text(out, ", id ");
    lc_out_quote(out, row->id);
    lc_out_text(out, "\n  ");
    put_count(out, row->size, "byte");
    lc_out_text(out, " at offset ");
    lc_out_number(out, row->offset);
    lc_out_text(out, "; ");
    put_count(out, row->turns, "turn");
    lc_out_text(out, ", ");
    put_count(out, row->words, "word");
    lc_out_text(out, ", ");
    put_count(out, row->characters, "character");
    lc_out_text(out, "; ");
    put_count(out, row->images, "image");
    lc_out_text(out, ", ");
    lc_out_number(out, row->placeholders);
    lc_out_text(out, " <image>\n");
}

static enum lc_status see_error(void *user, const struct lc_finding_record *finding,
                                struct lc_error *err)
{
    bool *blamed = user;

    (void)err;
    *blamed |= finding->severity == LC_SEVERITY_ERROR;
    return LC_OK;
}

static enum lc_status put_row(struct getting *g, uint64_t number, struct lc_error *err)
{
    struct lc_span images = {0};
    struct lc_row_record *row = &g->row;
    bool blamed = false;
    enum lc_status status = lc_index_get_row(g->run->index, number, row, err);

    if (status != LC_OK || !lc_span_equal(row->id, g->id)) /* another id with the same
                                                              hash */
        return status;
    status = lc_index_images_of_row(g->run->index, number, &images, err);
    if (status == LC_OK)
        status = lc_index_each_finding_of(g->run->index, LC_FINDING_ROW, row->file,
                                          (int64_t)row->row, see_error, &blamed, err);
    if (status == LC_OK)
        status = lc_entry_of_row(g->run->index, number, row, images, blamed, &g->cache,
                                 &g->images, &g->line.entry, err);
    if (status != LC_OK)
        return status;
    lc_row_line(&g->line);
    if (g->place) {
        g->rows++;
        return lc_row_put_place(g->run, &g->line.entry, err);
    }
    if (g->text) {
        lc_out_text(g->run->out, g->rows ? "\n" : "");
        put_head(g);
    } else { /* the last field, the images' paths, is written as objects instead */
        lc_jw_object(&g->run->json, LC_JW_COMPACT);
        lc_sheet_members(&g->run->json, lc_row_fields, lc_row_field_count - 1, &g->line);
    }
    g->rows++;
    status = put_images(g, images, err);
    if (status == LC_OK)
        status = put_findings(g, err);
    if (status != LC_OK)
        return status;
    if (!g->text)
        lc_jw_end(&g->run->json);
    if (!g->text && !g->array)
        lc_jw_line(&g->run->json);
    return lc_out_flush(g->run->out, err);
}

static void get_row(void *user, uint64_t number)
{
    struct getting *g = user;

    if (g->status == LC_OK)
        g->status = put_row(g, number, g->err);
}

static enum lc_status get_id(struct getting *g, const char *id, struct lc_error *err)
{
    uint64_t before = g->rows;
    enum lc_status status;

    g->id = (struct lc_span){id, strlen(id)};
    g->count = 0;
    status = lc_index_each_finding_of(g->run->index, LC_FINDING_SET, 0, -1, keep_if_of_id,
                                      g, err);
    if (status == LC_OK)
        status = lc_index_each_row_of_id(g->run->index, g->id, get_row, g, err);
    if (status == LC_OK)
        status = g->status;
    if (status != LC_OK || g->rows > before)
        return status;
    g->run->missing++;
    if (g->text) {
        lc_out_text(g->run->out, "no row has the id ");
        lc_out_quote(g->run->out, g->id);
        lc_out_bytes(g->run->out, "\n", 1);
    }
    return LC_OK;
}

enum lc_status lc_query_run_get(struct lc_query_run *run, struct lc_error *err)
{
    const struct lc_query *query = run->query;
    struct getting g = {
        .run = run,
        .text = strcmp(run->format, "text") == 0,
        .array = strcmp(run->format, "json") == 0,
        .place = lc_row_is_place(run->format),
        .err = err,
    };
    enum lc_status status = LC_OK;

    if (!query->id_count)
        return lc_fail(err, LC_ERR_USAGE, 0, "no id given");
    if (g.array)
        lc_jw_array(&run->json, LC_JW_LINES);
    for (size_t i = 0; i < query->id_count && status == LC_OK; i++)
        status = get_id(&g, query->ids[i], err);
    if (status == LC_OK && g.array) {
        lc_jw_end(&run->json);
        lc_jw_line(&run->json);
    }
    free(g.of_id);
    lc_row_image_list_clear(&g.images);
    lc_buffer_clear(&g.place_of);
    return status;
}
