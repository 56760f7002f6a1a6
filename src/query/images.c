/* The images of an index: all, or those that meet conditions */
#include "query/image.h"
#include "query/where.h"

#include "print/format.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define OF_LINE(member) offsetof(struct lc_image_line, member)
#define OF_IMAGE(member) OF_LINE(image.member)

const struct lc_field lc_image_fields[] = {
    {"number", LC_FIELD_U64, OF_LINE(number)},
    {"path", LC_FIELD_TEXT, OF_IMAGE(path)},
    {"verdict", LC_FIELD_NAME, OF_LINE(verdict)},
    {"format", LC_FIELD_TEXT, OF_IMAGE(format)},
    {"size", LC_FIELD_PLACE, OF_LINE(size)},
    {"width", LC_FIELD_SIDE, OF_IMAGE(width)},
    {"height", LC_FIELD_SIDE, OF_IMAGE(height)},
    {"pixels", LC_FIELD_PLACE, OF_LINE(pixels)},
    {"mode", LC_FIELD_TEXT, OF_IMAGE(mode)},
    {"depth", LC_FIELD_U8, OF_IMAGE(depth)},
    {"orientation", LC_FIELD_U8, OF_IMAGE(orientation)},
    {"frames", LC_FIELD_U32, OF_IMAGE(frames)},
    {"warnings", LC_FIELD_U32, OF_IMAGE(warnings)},
    {"rows_decoded", LC_FIELD_U32, OF_IMAGE(rows_decoded)},
    {"trailing", LC_FIELD_U64, OF_IMAGE(trailing)},
    {"detail", LC_FIELD_TEXT, OF_IMAGE(detail)},
    {"blank", LC_FIELD_BOOL, OF_IMAGE(blank)},
    {"faulty", LC_FIELD_BOOL, OF_IMAGE(faulty)},
    {"rows", LC_FIELD_U64, OF_IMAGE(uses)},
    {"content", LC_FIELD_HASH, OF_IMAGE(content)},
    {"mtime_ns", LC_FIELD_I64, OF_IMAGE(mtime_ns)},
    {"ctime_ns", LC_FIELD_I64, OF_IMAGE(ctime_ns)},
    {"inode", LC_FIELD_U64, OF_IMAGE(inode)},
    {"device", LC_FIELD_U64, OF_IMAGE(device)},
    {"archive", LC_FIELD_TEXT, OF_LINE(archive)},
    {"offset", LC_FIELD_U64, OF_IMAGE(offset)},
};

const size_t lc_image_field_count = sizeof(lc_image_fields) / sizeof(lc_image_fields[0]);

enum lc_status lc_image_line(const struct lc_index *index, uint32_t number,
                             const struct lc_image_record *image, struct lc_buffer *place,
                             struct lc_image_line *out, struct lc_error *err)
{
    struct lc_archive_record archive = {.name = {"", 0}};
    enum lc_status status;

    place->size = 0;
    status = lc_index_image_place(index, image, place, err);
    if (status == LC_OK && image->archive)
        status = lc_index_get_archive(index, image->archive - 1, &archive, err);
    *out = (struct lc_image_line){
        .image = *image,
        .number = number,
        .verdict = lc_image_state_name((enum lc_image_state)image->state),
        .size = image->inode || image->size ? (int64_t)image->size : -1,
        .pixels = image->width && image->height
                      ? (int64_t)((uint64_t)image->width * image->height)
                      : -1,
        .archive = archive.name,
        .place = {place->data, place->size},
    };
    return status;
}

static const char *verdict_at(size_t index)
{
    return index < LC_IMAGE_STATE_COUNT ? lc_image_state_name((enum lc_image_state)index)
                                        : NULL;
}

static const struct lc_choice choices[] = {{"verdict", verdict_at, NULL},
                                           {NULL, NULL, NULL}};

struct listing {
    struct lc_query_run *run;
    struct lc_sheet sheet;
    struct lc_condition *conditions;
    uint64_t listed;
    struct lc_buffer place; /* of the current image */
};

void lc_out_image(struct lc_out *out, const struct lc_image_record *image)
{
    char bytes[LC_COUNT_SIZE];

    lc_out_plain(out, image->format);
    if (image->width && image->height) {
        lc_out_bytes(out, " ", 1);
        lc_out_number(out, image->width);
        lc_out_bytes(out, "x", 1);
        lc_out_number(out, image->height);
    }
    if (image->mode.size) {
        lc_out_bytes(out, " ", 1);
        lc_out_plain(out, image->mode);
    }
    if (image->format.size) {
        lc_out_text(out, ", ");
        lc_out_text(out, lc_format_bytes(image->size, bytes));
    }
}

/* Write the head of the list for people. Paths can be long, so they are the last
 * column. */
static void put_head(struct lc_out *out)
{
    lc_out_text(out, "verdict       format   size           width  height  mode  rows  "
                     "content                           path\n");
}

static void put_line(struct lc_out *out, const struct lc_image_line *line)
{
    const struct lc_image_record *image = &line->image;
    const uint64_t numbers[] = {image->width, image->height};
    char text[LC_COUNT_SIZE], hex[33] = "";
    size_t from = out->bytes.size;

    lc_out_text(out, line->verdict);
    lc_out_pad(out, from, 14, false);
    from = out->bytes.size;
    lc_out_plain(out, image->format);
    lc_out_pad(out, from, 9, false);
    from = out->bytes.size;
    lc_out_text(out, image->format.size ? lc_format_bytes(image->size, text) : "");
    lc_out_pad(out, from, 12, false);
    for (size_t i = 0; i < 2; i++) {
        from = out->bytes.size;
        if (numbers[i])
            lc_out_number(out, numbers[i]);
        lc_out_pad(out, from, 8, true);
    }
    lc_out_text(out, "  ");
    from = out->bytes.size;
    lc_out_plain(out, image->mode);
    lc_out_pad(out, from, 6, false);
    from = out->bytes.size;
    lc_out_number(out, image->uses);
    lc_out_pad(out, from, 4, true);
    lc_out_text(out, "  ");
    from = out->bytes.size;
    if (image->format.size)
        lc_hash_hex(&image->content, hex);
    lc_out_text(out, hex);
    lc_out_pad(out, from, 34, false);
    lc_out_plain(out, line->place);
    lc_out_bytes(out, "\n", 1);
}

static enum lc_status list_image(void *user, uint32_t number,
                                 const struct lc_image_record *image,
                                 struct lc_error *err)
{
    struct listing *listing = user;
    struct lc_image_line line;
    enum lc_status status =
        lc_image_line(listing->run->index, number, image, &listing->place, &line, err);

    if (status != LC_OK)
        return status;
    for (size_t i = 0; i < listing->run->query->where_count; i++)
        if (!lc_where_holds(&listing->conditions[i], &line))
            return LC_OK;
    listing->listed++;
    if (lc_sheet_has(listing->sheet.format))
        return lc_sheet_add(&listing->sheet, &line, err);
    put_line(listing->run->out, &line);
    return lc_out_flush(listing->run->out, err);
}

/* "12 of 450,000 images" */
static void put_total(const struct listing *listing)
{
    const struct lc_summary *summary = lc_index_summary(listing->run->index);
    struct lc_out *out = listing->run->out;
    char count[LC_COUNT_SIZE];

    lc_out_text(out, listing->listed ? "\n" : "");
    lc_out_text(out, lc_format_count(listing->listed, count));
    lc_out_text(out, " of ");
    lc_out_text(out, lc_format_count(summary->images_referenced, count));
    lc_out_text(out, " images\n");
}

enum lc_status lc_query_run_images(struct lc_query_run *run, struct lc_error *err)
{
    const struct lc_query *query = run->query;
    bool text = !lc_sheet_has(run->format);
    struct listing listing = {
        .run = run,
        .sheet = {&run->json, run->format, lc_image_fields, lc_image_field_count, {0}},
        .conditions = calloc(query->where_count + 1, sizeof(*listing.conditions)),
    };
    enum lc_status status = listing.conditions ? LC_OK : lc_fail_memory(err);

    for (size_t i = 0; i < query->where_count && status == LC_OK; i++)
        status = lc_where_read(lc_image_fields, lc_image_field_count, choices,
                               query->where[i], &listing.conditions[i], err);
    if (status == LC_OK) {
        if (text)
            put_head(run->out);
        else
            lc_sheet_begin(&listing.sheet);
        status = lc_index_each_image(run->index, list_image, &listing, err);
    }
    if (status == LC_OK && text)
        put_total(&listing);
    status = lc_sheet_end(&listing.sheet, status);
    free(listing.conditions);
    lc_buffer_clear(&listing.place);
    return status;
}
