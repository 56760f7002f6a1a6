/* Converts batches of rows to JSON, a mapping, and image files
 *
 * A row is rendered column by column, in order. Its images are placed on the way, as
 * their paths are members of the row. If rows are only rendered, images stay in their
 * arrays and get generated paths. */
#include "llava_check/import.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "base/options.h"
#include "image/image.h"
#include "image/sniff.h"
#include "import/importer.h"
#include "import/place.h"
#include "import/values.h"
#include "llava_check/images.h"
#include "llava_check/inspect.h"
#include "print/out.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(LC_IMAGE_STATE_COUNT <=
                   sizeof(((struct lc_import_counts *)0)->states) / sizeof(uint64_t),
               "a state has no place in the counts");

/* The columns with labels of the row. */
struct labels {
    const struct ArrowArray *array[LC_IMPORT_ROLE_COUNT];
    const struct ArrowSchema *type[LC_IMPORT_ROLE_COUNT];
};

/* The state of writing a batch. */
struct writing {
    struct lc_importer *importer;
    const struct lc_import_batch *batch;
    struct lc_import_counts *counts;
    struct labels labels;
    int64_t row; /* number of the row in the batch */
    struct lc_span name;
    struct lc_span id;
    bool is_shared;
    uint64_t images; /* number of the row's images so far */
    bool is_kept;    /* images stay in their arrays: lc_importer_render */
    int64_t column;  /* the column being rendered */
};

/* An image of a row. */
struct import_image {
    int64_t position; /* position in a list; -1: it is not in a list */
    bool has_bytes;
    struct lc_span bytes;
    struct lc_span path; /* path in the table; may be empty */
};

static struct lc_span text_of(const struct lc_buffer *buffer)
{
    return (struct lc_span){buffer->data ? buffer->data : "", buffer->size};
}

/* ---- suffixes ---- */

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void lc_import_suffix(const void *data, size_t size, const char *path, size_t path_size,
                      char out[LC_IMPORT_SUFFIX_SIZE])
{
    const char *format, *own = lc_image_suffix_of(lc_image_sniff(data, size, &format));
    size_t length = 0; /* characters after the dot */

    if (own) {
        (void)snprintf(out, LC_IMPORT_SUFFIX_SIZE, "%s", own);
        return;
    }
    while (length < path_size && is_alphanumeric(path[path_size - 1 - length]))
        length++;
    if (!length || length > LC_IMPORT_SUFFIX_SIZE - 2 || length == path_size ||
        path[path_size - 1 - length] != '.') {
        (void)snprintf(out, LC_IMPORT_SUFFIX_SIZE, ".bin");
        return;
    }
    for (size_t i = 0; i <= length; i++) {
        char c = path[path_size - 1 - length + i];

        out[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out[length + 1] = '\0';
}

/* ---- the mapping ---- */

/* Append a cell, as in all CSV: no text can be run as a formula or control a terminal. */
static enum lc_status add_cell(struct lc_buffer *to, struct lc_span text, char end,
                               struct lc_error *err)
{
    struct lc_out out = {.bytes = *to};
    struct lc_buffer scratch = {0};

    lc_out_cell(&out, text, &scratch);
    lc_out_bytes(&out, &end, 1);
    lc_buffer_clear(&scratch);
    *to = out.bytes;
    return out.failed ? lc_fail_memory(err) : LC_OK;
}

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text ? text : "", text ? strlen(text) : 0};
}

static enum lc_status add_mapping(const struct writing *w,
                                  const struct lc_inspected *seen, struct lc_error *err)
{
    const struct lc_import_batch *batch = w->batch;
    struct lc_buffer *out = &w->importer->mapping;
    char hash[33];
    enum lc_status status =
        lc_buffer_printf(out, err, "%" PRIu64 ",", batch->first_row + (uint64_t)w->row);

    lc_hash_hex(&seen->content, hash);
    if (status == LC_OK)
        status = add_cell(out, w->id, ',', err);
    if (status == LC_OK)
        status = add_cell(out, span_of(batch->file), ',', err);
    if (status == LC_OK)
        status = lc_buffer_printf(out, err, "%" PRIu64 ",%" PRIu64 ",", batch->group,
                                  batch->first_in_group + (uint64_t)w->row);
    if (status == LC_OK)
        status = add_cell(out, span_of(w->importer->path.data), ',', err);
    if (status == LC_OK)
        status = lc_buffer_printf(out, err, "%s,%s,%s\n", hash,
                                  seen->format ? seen->format : "",
                                  lc_image_state_name(seen->state));
    return status;
}

/* ---- images ---- */

/* Make the path of an image; *name is set to the part of it relative to the folder. */
static enum lc_status make_path(const struct writing *w, const struct import_image *image,
                                const struct lc_hash *content, bool is_whole_hash,
                                const char **name, struct lc_error *err)
{
    struct lc_buffer *path = &w->importer->path;
    size_t folder = strlen(w->batch->folder);
    char suffix[LC_IMPORT_SUFFIX_SIZE];
    char hash[33];
    enum lc_status status;

    path->size = 0;
    lc_hash_hex(content, hash);
    lc_import_suffix(image->bytes.text, image->bytes.size, image->path.text,
                     image->path.size, suffix);
    status = lc_buffer_printf(path, err, "%s/", w->batch->folder);
    if (status == LC_OK)
        status = lc_buffer_add(path, w->name.text, w->name.size, err);
    if (status == LC_OK && image->position >= 0)
        status = lc_buffer_printf(path, err, "-%" PRId64, image->position);
    if (status == LC_OK && (w->is_shared || image->position >= 0))
        status = lc_buffer_printf(path, err, "-%.16s", hash);
    if (status == LC_OK && is_whole_hash)
        status = lc_buffer_printf(path, err, "-%s", hash);
    if (status == LC_OK)
        status = lc_buffer_printf(path, err, "%s", suffix);
    if (status != LC_OK)
        return status;
    (void)snprintf(w->importer->subject, sizeof(w->importer->subject), "%s", path->data);
    *name = path->data + folder + 1;
    return LC_OK;
}

/* Write an image to a file, and set the importer's path to its path. */
static enum lc_status place_image(const struct writing *w,
                                  const struct import_image *image,
                                  const struct lc_hash *content, struct lc_error *err)
{
    bool placed = false;
    const char *name = NULL;
    enum lc_status status = LC_OK;

    for (int attempt = 0; attempt < 2 && status == LC_OK && !placed; attempt++) {
        status = make_path(w, image, content, attempt > 0, &name, err);
        if (status == LC_OK)
            status = lc_import_place(w->importer->folder, name, image->bytes.text,
                                     image->bytes.size, &placed, err);
    }
    if (status == LC_OK && !placed)
        status = lc_fail(err, LC_ERR_USAGE, 0, "another file has this name");
    return status;
}

/* Read an image from its value; returns false if there is none. */
static bool read_image(const struct lc_value *value, int64_t position,
                       struct import_image *out)
{
    struct lc_value bytes = *value, path;

    *out = (struct import_image){.position = position, .path = {"", 0}};
    if (lc_value_is_null(value))
        return false;
    if (!lc_value_is_binary(value->type)) {
        if (!lc_value_field(value, "bytes", &bytes))
            return false;
        if (lc_value_field(value, "path", &path) && lc_value_is_text(path.type) &&
            !lc_value_is_null(&path))
            out->path = lc_value_bytes(&path);
    }
    out->has_bytes = !lc_value_is_null(&bytes);
    if (out->has_bytes)
        out->bytes = lc_value_bytes(&bytes);
    return out->has_bytes || out->path.size > 0;
}

/* Whether a column's name may be part of an image's path. */
static bool is_plain(const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < size; i++)
        if (!is_alphanumeric(name[i]) && name[i] != '_' && name[i] != '-')
            return false;
    return size > 0 && size < 64;
}

/* Append the path of an image that stays in its array, made from its row, column and
 * number. */
static enum lc_status keep_image(struct writing *w, const struct import_image *image,
                                 struct lc_error *err)
{
    struct lc_importer *importer = w->importer;
    const char *name = w->batch->schema->children[w->column]->name;
    uint64_t row = w->batch->first_row + (uint64_t)w->row;
    char suffix[LC_IMPORT_SUFFIX_SIZE];
    enum lc_status status;

    lc_import_suffix(image->bytes.text, image->bytes.size, image->path.text,
                     image->path.size, suffix);
    importer->path.size = 0;
    if (is_plain(name))
        status = lc_buffer_printf(&importer->path, err, "%" PRIu64 ".%s", row, name);
    else
        status = lc_buffer_printf(&importer->path, err, "%" PRIu64 ".%" PRId64, row,
                                  w->column);
    if (status == LC_OK)
        status = lc_buffer_printf(&importer->path, err, ".%" PRIu64 "%s", w->images - 1,
                                  suffix);
    if (status == LC_OK)
        status = lc_kept_add(&importer->kept, row, text_of(&importer->path), image->bytes,
                             err);
    return status == LC_OK
               ? lc_value_render_text(text_of(&importer->path), &importer->rows, err)
               : status;
}

/* Append an image's path to its row. If the image has bytes, it is the path of the file
 * that they are written to. */
static enum lc_status add_image(struct writing *w, const struct import_image *image,
                                struct lc_error *err)
{
    struct lc_importer *importer = w->importer;
    struct lc_inspected seen;
    enum lc_status status;

    w->images++;
    if (!image->has_bytes) /* the table only has its path */
        return lc_value_render_text(image->path, &importer->rows, err);
    if (w->is_kept)
        return keep_image(w, image, err);
    status =
        lc_inspect(importer->inspector, image->bytes.text, image->bytes.size, &seen, err);
    if (status == LC_OK)
        status = place_image(w, image, &seen.content, err);
    if (status == LC_OK)
        status = add_mapping(w, &seen, err);
    if (status != LC_OK)
        return status;
    w->counts->images++;
    w->counts->image_bytes += image->bytes.size;
    w->counts->states[seen.state]++;
    return lc_value_render_text(span_of(importer->path.data), &importer->rows, err);
}

/* ---- rows ---- */

static enum lc_status add_key(struct writing *w, const char *name, bool *is_first,
                              struct lc_error *err)
{
    struct lc_buffer *rows = &w->importer->rows;
    enum lc_status status = *is_first ? LC_OK : lc_buffer_add(rows, ", ", 2, err);

    *is_first = false;
    if (status == LC_OK)
        status = lc_value_render_text(span_of(name), rows, err);
    return status == LC_OK ? lc_buffer_add(rows, ": ", 2, err) : status;
}

/* Append a member for an image. If the row has no such image, it gets no such member. */
static enum lc_status add_one(struct writing *w, const struct lc_value *value,
                              bool *is_first, struct lc_error *err)
{
    struct import_image image;
    enum lc_status status;

    if (!read_image(value, -1, &image))
        return LC_OK;
    status = add_key(w, value->type->name, is_first, err);
    return status == LC_OK ? add_image(w, &image, err) : status;
}

/* The same for a list; each image keeps its position in the list. */
static enum lc_status add_several(struct writing *w, const struct lc_value *value,
                                  bool *is_first, struct lc_error *err)
{
    struct lc_buffer *rows = &w->importer->rows;
    struct lc_value item;
    struct import_image image;
    int64_t count = lc_value_is_null(value) ? 0 : lc_value_items(value, &item);
    bool has_any = false;
    enum lc_status status = LC_OK;

    for (int64_t i = 0; i < count && status == LC_OK; i++, item.index++) {
        if (!read_image(&item, i, &image))
            continue;
        status = has_any ? lc_buffer_add(rows, ", ", 2, err)
                         : add_key(w, value->type->name, is_first, err);
        if (status == LC_OK && !has_any)
            status = lc_buffer_add(rows, "[", 1, err);
        has_any = true;
        if (status == LC_OK)
            status = add_image(w, &image, err);
    }
    if (status == LC_OK && has_any)
        status = lc_buffer_add(rows, "]", 1, err);
    return status;
}

static enum lc_status add_member(struct writing *w, const struct lc_value *value,
                                 enum lc_import_role role, bool *is_first,
                                 struct lc_error *err)
{
    struct lc_buffer *rows = &w->importer->rows;
    enum lc_status status;

    if (role == LC_IMPORT_IMAGE)
        return add_one(w, value, is_first, err);
    if (role == LC_IMPORT_IMAGES)
        return add_several(w, value, is_first, err);
    status = add_key(w, value->type->name, is_first, err);
    if (status != LC_OK)
        return status;
    if (role == LC_IMPORT_VALUE)
        return lc_value_render(value, rows, err);
    if (lc_value_is_null(value))
        return lc_buffer_add(rows, "null", 4, err);
    return lc_buffer_add(rows, lc_value_bytes(value).text, lc_value_bytes(value).size,
                         err);
}

static bool is_label(unsigned role)
{
    return role >= LC_IMPORT_NAME;
}

/* The value of a label in the current row. */
static struct lc_value label_of(const struct writing *w, enum lc_import_role role)
{
    return (struct lc_value){w->labels.type[role], w->labels.array[role], w->row};
}

static void read_labels(struct writing *w)
{
    struct lc_value name = label_of(w, LC_IMPORT_NAME);
    struct lc_value id = label_of(w, LC_IMPORT_ID);
    struct lc_value is_shared = label_of(w, LC_IMPORT_SHARED);

    w->name = lc_value_bytes(&name);
    w->id = lc_value_is_null(&id) ? (struct lc_span){"", 0} : lc_value_bytes(&id);
    w->is_shared = lc_value_bool(&is_shared);
}

static enum lc_status add_row(struct writing *w, struct lc_error *err)
{
    const struct lc_import_batch *batch = w->batch;
    const struct ArrowArray *array = batch->array;
    struct lc_buffer *rows = &w->importer->rows;
    bool is_first = true;
    enum lc_status status = lc_buffer_add(rows, ",\n{", 3, err);

    if (!w->is_kept)
        read_labels(w);
    w->images = 0;
    for (int64_t i = 0; i < array->n_children && status == LC_OK; i++) {
        const struct lc_value value = {batch->schema->children[i], array->children[i],
                                       array->offset + w->row};

        if (is_label(batch->roles[i]))
            continue;
        w->column = i;
        w->importer->subject[0] = '\0';
        status =
            add_member(w, &value, (enum lc_import_role)batch->roles[i], &is_first, err);
        if (status != LC_OK && !w->importer->subject[0])
            (void)snprintf(w->importer->subject, sizeof(w->importer->subject),
                           "column %s", value.type->name);
    }
    if (status == LC_OK)
        status = lc_buffer_add(rows, "}", 1, err);
    w->counts->rows++;
    w->counts->rows_text_only += !w->images;
    return status;
}

/* ---- batches ---- */

static bool is_image_type(const struct ArrowSchema *type)
{
    if (lc_value_is_binary(type))
        return true;
    if (strcmp(type->format, "+s") != 0)
        return false;
    for (int64_t i = 0; i < type->n_children; i++)
        if (strcmp(type->children[i]->name, "bytes") == 0)
            return lc_value_is_binary(type->children[i]);
    return false;
}

/* Whether a column's type suits its role. */
static bool suits(const struct ArrowSchema *type, unsigned role)
{
    switch (role) {
    case LC_IMPORT_VALUE:
        return lc_value_can_render(type);
    case LC_IMPORT_IMAGE:
        return is_image_type(type);
    case LC_IMPORT_IMAGES:
        return (strcmp(type->format, "+l") == 0 || strcmp(type->format, "+L") == 0) &&
               is_image_type(type->children[0]);
    case LC_IMPORT_SHARED:
        return strcmp(type->format, "b") == 0;
    case LC_IMPORT_JSON:
    case LC_IMPORT_NAME:
    case LC_IMPORT_ID:
        return lc_value_is_text(type);
    default:
        return false;
    }
}

/* Find the labels, and check the types of all columns. */
static enum lc_status read_schema(struct writing *w, struct lc_error *err)
{
    const struct ArrowSchema *schema = w->batch->schema;

    if (strcmp(schema->format, "+s") != 0 ||
        schema->n_children != w->batch->array->n_children)
        return lc_fail(err, LC_ERR_USAGE, 0, "a batch must be a struct");
    for (int64_t i = 0; i < schema->n_children; i++) {
        unsigned role = w->batch->roles[i];

        (void)snprintf(w->importer->subject, sizeof(w->importer->subject), "column %s",
                       schema->children[i]->name);
        if (!suits(schema->children[i], role))
            return lc_fail(err, LC_ERR_USAGE, 0, "its type does not fit role %u", role);
        w->labels.type[role] = schema->children[i];
        w->labels.array[role] = w->batch->array->children[i];
    }
    w->importer->subject[0] = '\0';
    for (unsigned role = LC_IMPORT_NAME; role < LC_IMPORT_ROLE_COUNT; role++)
        if (!w->is_kept && !w->labels.type[role])
            return lc_fail(err, LC_ERR_USAGE, 0, "no column has role %u", role);
    return LC_OK;
}

/* Drop the rows and images of earlier calls. */
static void forget(struct lc_importer *importer)
{
    importer->rows.size = importer->mapping.size = 0;
    importer->rendered = 0;
    lc_kept_reset(&importer->kept);
}

enum lc_status lc_importer_write(struct lc_importer *importer,
                                 const struct lc_import_batch *batch,
                                 struct lc_import_counts *counts, struct lc_error *err)
{
    struct lc_import_batch own;
    struct writing w = {.importer = importer, .batch = &own, .counts = counts};
    enum lc_status status = LC_OPTIONS_COPY(&own, batch, first_row, err);

    *counts = (struct lc_import_counts){0};
    importer->subject[0] = '\0';
    forget(importer);
    if (status == LC_OK)
        status = read_schema(&w, err);
    if (status != LC_OK)
        return status;
    importer->folder = open(own.images, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (importer->folder < 0)
        return lc_fail_errno(err, "open the folder of images");
    for (w.row = 0; w.row < own.array->length && status == LC_OK; w.row++)
        status = add_row(&w, err);
    (void)close(importer->folder); /* only open for reading */
    return status;
}

enum lc_status lc_importer_render(struct lc_importer *importer,
                                  const struct lc_import_batch *batch,
                                  struct lc_error *err)
{
    struct lc_import_batch own;
    struct lc_import_counts counts = {0};
    struct writing w = {
        .importer = importer, .batch = &own, .counts = &counts, .is_kept = true};
    enum lc_status status = LC_OPTIONS_COPY(&own, batch, first_row, err);

    importer->subject[0] = '\0';
    if (status == LC_OK && own.first_row != 0 && own.first_row != importer->rendered)
        status =
            lc_fail(err, LC_ERR_USAGE, 0, "the batch does not continue the previous one");
    if (status == LC_OK && own.first_row == 0)
        forget(importer);
    if (status == LC_OK)
        status = read_schema(&w, err);
    for (w.row = 0; status == LC_OK && w.row < own.array->length; w.row++)
        status = add_row(&w, err);
    if (status == LC_OK)
        importer->rendered += (uint64_t)own.array->length;
    else
        forget(importer); /* an incomplete row is not valid JSON */
    return status;
}

struct lc_span lc_importer_rows(const struct lc_importer *importer)
{
    return text_of(&importer->rows);
}

struct lc_span lc_importer_mapping(const struct lc_importer *importer)
{
    return text_of(&importer->mapping);
}

const char *lc_importer_subject(const struct lc_importer *importer)
{
    return importer->subject;
}

int lc_import_can_render(const struct ArrowSchema *type)
{
    return lc_value_can_render(type);
}

enum lc_status lc_importer_new(struct lc_importer **out, struct lc_error *err)
{
    struct lc_importer *importer = calloc(1, sizeof(*importer));
    enum lc_status status;

    if (!importer)
        return lc_fail_memory(err);
    status = lc_inspector_new(&importer->inspector, err);
    if (status == LC_OK)
        *out = importer;
    else
        free(importer);
    return status;
}

void lc_importer_free(struct lc_importer *importer)
{
    if (!importer)
        return;
    lc_inspector_free(importer->inspector);
    lc_buffer_clear(&importer->rows);
    lc_buffer_clear(&importer->mapping);
    lc_buffer_clear(&importer->path);
    lc_kept_clear(&importer->kept);
    free(importer);
}
