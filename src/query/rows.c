/* The rows of an index, and the files that they are in */
#include "query/row.h"

#include <stddef.h>
#include <stdlib.h>

#define OF_LINE(member) offsetof(struct lc_row_line, member)

const struct lc_field lc_row_fields[] = {
    {"number", LC_FIELD_U64, OF_LINE(number)},
    {"id", LC_FIELD_TEXT, OF_LINE(id)},
    {"file", LC_FIELD_TEXT, OF_LINE(file)},
    {"row", LC_FIELD_U64, OF_LINE(row.row)},
    {"line", LC_FIELD_U64, OF_LINE(row.line)},
    {"column", LC_FIELD_U64, OF_LINE(row.column)},
    {"offset", LC_FIELD_U64, OF_LINE(row.offset)},
    {"size", LC_FIELD_U32, OF_LINE(row.size)},
    {"turns", LC_FIELD_U32, OF_LINE(row.turns)},
    {"words", LC_FIELD_U64, OF_LINE(row.words)},
    {"characters", LC_FIELD_U64, OF_LINE(row.characters)},
    {"script", LC_FIELD_NAME, OF_LINE(script)},
    {"placeholders", LC_FIELD_U32, OF_LINE(row.placeholders)},
    {"videos", LC_FIELD_U32, OF_LINE(row.videos)},
    {"readable", LC_FIELD_BOOL, OF_LINE(row.readable)},
    {"faulty", LC_FIELD_BOOL, OF_LINE(faulty)},
    {"whole", LC_FIELD_BOOL, OF_LINE(row.whole)},
    {"content", LC_FIELD_HASH, OF_LINE(row.content)},
    {"rest", LC_FIELD_U64, OF_LINE(row.rest)},
    {"object", LC_FIELD_BOOL, OF_LINE(row.object)},
    {"text_only", LC_FIELD_BOOL, OF_LINE(row.text_only)},
    {"data_source", LC_FIELD_TEXT, OF_LINE(source)},
    {"images", LC_FIELD_LIST, OF_LINE(images)},
};

const size_t lc_row_field_count = sizeof(lc_row_fields) / sizeof(lc_row_fields[0]);

/* The paths of a row's images, and whether one of them is faulty. */
static enum lc_status find_images(const struct lc_index *index, struct lc_span images,
                                  struct lc_texts *out, bool *faulty,
                                  struct lc_error *err)
{
    out->count = 0;
    for (size_t at = 0; at + 4 <= images.size; at += 4) {
        uint32_t number = lc_get_u32((const uint8_t *)images.text + at);
        struct lc_span *items =
            lc_array_grow(out->items, out->count, &out->capacity, sizeof(*items));
        struct lc_image_record image;
        enum lc_status status;

        if (!items)
            return lc_fail_memory(err);
        out->items = items;
        status = lc_index_get_image(index, number, &image, err);
        if (status != LC_OK)
            return status;
        items[out->count++] = image.path;
        *faulty |= image.faulty;
    }
    return LC_OK;
}

enum lc_status lc_row_line(const struct lc_index *index, uint64_t number,
                           const struct lc_row_record *row, struct lc_span images,
                           bool blamed, struct lc_row_line *out, struct lc_error *err)
{
    static const char *const scripts[] = {
        [LC_SCRIPT_LATIN] = "latin",
        [LC_SCRIPT_HAN] = "han",
        [LC_SCRIPT_OTHER] = "other",
        [LC_SCRIPT_NONE] = "none",
    };
    enum lc_status status = LC_OK;

    if (!out->last.name.text || out->row.file != row->file)
        status = lc_index_get_file(index, row->file, &out->last, err);
    out->row = *row;
    out->number = number;
    out->file = out->last.name;
    out->id = row->id.size ? row->id : (struct lc_span){0};
    out->source = row->data_source.size ? row->data_source : (struct lc_span){0};
    out->script =
        row->readable && row->script <= LC_SCRIPT_NONE ? scripts[row->script] : NULL;
    out->faulty = row->faulty || blamed;
    return status == LC_OK ? find_images(index, images, &out->images, &out->faulty, err)
                           : status;
}

struct listing {
    struct lc_asking *asking;
    struct lc_sheet sheet;
    struct lc_row_line line;
    uint8_t *blamed; /* a bit for each row */
};

/* Note the row that an error is about. */
static enum lc_status blame_row(void *user, const struct lc_finding_record *finding,
                                struct lc_error *err)
{
    struct listing *listing = user;
    const struct lc_index *index = listing->asking->index;
    struct lc_file_record file;
    enum lc_status status;
    uint64_t row;

    if (finding->kind != LC_FINDING_ROW || finding->row < 0 ||
        finding->severity != LC_SEVERITY_ERROR)
        return LC_OK;
    status = lc_index_get_file(index, finding->file, &file, err);
    if (status != LC_OK)
        return status;
    row = file.first_row + (uint64_t)finding->row;
    if ((uint64_t)finding->row < file.rows && row < lc_index_summary(index)->rows)
        listing->blamed[row / 8] |= (uint8_t)(1U << row % 8);
    return LC_OK;
}

static enum lc_status list_row(void *user, uint64_t number,
                               const struct lc_row_record *row, struct lc_span images,
                               struct lc_error *err)
{
    struct listing *listing = user;
    bool blamed = number < lc_index_summary(listing->asking->index)->rows &&
                  listing->blamed[number / 8] >> number % 8 & 1;
    enum lc_status status = lc_row_line(listing->asking->index, number, row, images,
                                        blamed, &listing->line, err);

    return status == LC_OK ? lc_sheet_add(&listing->sheet, &listing->line, err) : status;
}

enum lc_status lc_answer_rows(struct lc_asking *asking, struct lc_error *err)
{
    struct listing listing = {
        .asking = asking,
        .sheet = {&asking->json, asking->format, lc_row_fields, lc_row_field_count, {0}},
        .blamed = calloc((size_t)(lc_index_summary(asking->index)->rows / 8) + 1, 1),
    };
    enum lc_status status = listing.blamed ? LC_OK : lc_fail_memory(err);

    if (status == LC_OK)
        status = lc_index_each_finding(asking->index, blame_row, &listing, err);
    lc_sheet_begin(&listing.sheet);
    if (status == LC_OK)
        status = lc_index_each_row(asking->index, list_row, &listing, err);
    status = lc_sheet_end(&listing.sheet, status);
    free(listing.line.images.items);
    free(listing.blamed);
    return status;
}

/* A rows file as it is listed. */
struct file_line {
    struct lc_file_record file;
    uint64_t number;
};

#define OF_FILE(member) offsetof(struct file_line, file.member)

static const struct lc_field file_fields[] = {
    {"number", LC_FIELD_U64, offsetof(struct file_line, number)},
    {"name", LC_FIELD_TEXT, OF_FILE(name)},
    {"size", LC_FIELD_U64, OF_FILE(size)},
    {"mtime_ns", LC_FIELD_I64, OF_FILE(mtime_ns)},
    {"ctime_ns", LC_FIELD_I64, OF_FILE(ctime_ns)},
    {"inode", LC_FIELD_U64, OF_FILE(inode)},
    {"device", LC_FIELD_U64, OF_FILE(device)},
    {"content", LC_FIELD_HASH, OF_FILE(content)},
    {"first_row", LC_FIELD_U64, OF_FILE(first_row)},
    {"rows", LC_FIELD_U64, OF_FILE(rows)},
    {"lines", LC_FIELD_BOOL, OF_FILE(lines)},
    {"sampling", LC_FIELD_TEXT, OF_FILE(sampling)},
    {"drawn", LC_FIELD_U64, OF_FILE(drawn)},
};

enum lc_status lc_answer_files(struct lc_asking *asking, struct lc_error *err)
{
    struct lc_sheet sheet = {&asking->json,
                             asking->format,
                             file_fields,
                             sizeof(file_fields) / sizeof(file_fields[0]),
                             {0}};
    uint64_t count = lc_index_summary(asking->index)->rows_files;
    struct file_line line;
    enum lc_status status = LC_OK;

    lc_sheet_begin(&sheet);
    for (line.number = 0; line.number < count && status == LC_OK; line.number++) {
        status = lc_index_get_file(asking->index, (uint32_t)line.number, &line.file, err);
        if (status == LC_OK && !line.file.sampling.size)
            line.file.sampling = (struct lc_span){0};
        if (status == LC_OK)
            status = lc_sheet_add(&sheet, &line, err);
    }
    return lc_sheet_end(&sheet, status);
}
