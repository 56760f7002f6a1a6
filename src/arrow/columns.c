#include "arrow/columns.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "base/printable.h"
#include "llava_check/rows.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A batch ends when a column has this number of bytes of text … */
#define FULL_TEXT ((size_t)64 << 20)
/* … and no column may have more than 32-bit offsets can express */
#define MOST_TEXT ((size_t)INT32_MAX)

/* Distinct texts, by number. They are found with a hash table, at most half full, whose
 * slots contain the number of a text plus 1. */
struct dictionary {
    struct lc_buffer text;
    struct lc_buffer offsets; /* int32_t, one more than there are texts */
    size_t count;
    uint32_t *slots;
    size_t slot_count; /* a power of 2 */
};

struct column {
    const struct lc_field *field;
    struct lc_buffer validity; /* one bit per row */
    struct lc_buffer values;   /* numbers, bits, text, or numbers of names */
    struct lc_buffer offsets;  /* int32_t: of texts in values, or of lists among their
                                  texts or items */
    struct lc_buffer ends;     /* PATHS: int32_t: of the lists' texts in values */
    struct lc_columns *inner;  /* LIST: columns of its items */
    int64_t nulls;
    struct dictionary names;
};

struct lc_columns {
    struct column *items;
    size_t count;
    uint64_t rows;
};

/* ---- texts ---- */

static enum lc_status add_offset(struct lc_buffer *offsets, size_t offset,
                                 struct lc_error *err)
{
    int32_t value = (int32_t)offset;

    if (offset > MOST_TEXT)
        return lc_fail(err, LC_ERR_IO, EOVERFLOW, "a batch has more than 2 GiB of text");
    return lc_buffer_add(offsets, &value, sizeof(value), err);
}

/* Append the 0 with which a list of offsets begins. */
static enum lc_status begin_offsets(struct lc_buffer *offsets, struct lc_error *err)
{
    return offsets->size ? LC_OK : add_offset(offsets, 0, err);
}

/* Append a text as UTF-8, and the offset of its end. */
static enum lc_status add_text(struct lc_buffer *text, struct lc_buffer *offsets,
                               struct lc_span span, struct lc_error *err)
{
    enum lc_status status = begin_offsets(offsets, err);

    if (status == LC_OK && span.size &&
        lc_text_invalid_utf8(span.text, span.size) < span.size)
        status = lc_printable_add(text, span, LC_UNPRINTABLE_BYTE, err);
    else if (status == LC_OK && span.size)
        status = lc_buffer_add(text, span.text, span.size, err);
    return status == LC_OK ? add_offset(offsets, text->size, err) : status;
}

/* ---- dictionaries ---- */

static void dictionary_clear(struct dictionary *names)
{
    lc_buffer_clear(&names->text);
    lc_buffer_clear(&names->offsets);
    free(names->slots);
}

static struct lc_span dictionary_at(const struct dictionary *names, size_t number)
{
    const int32_t *offsets = (const int32_t *)(const void *)names->offsets.data;

    return (struct lc_span){names->text.data + offsets[number],
                            (size_t)(offsets[number + 1] - offsets[number])};
}

/* Find the slot of a text, or the free slot to put it into. */
static uint32_t *find_slot(const struct dictionary *names, struct lc_span span)
{
    size_t at = (size_t)lc_hash_quick(span.text, span.size);

    for (;; at++) {
        uint32_t *slot = &names->slots[at & (names->slot_count - 1)];

        if (!*slot || lc_span_equal(dictionary_at(names, *slot - 1), span))
            return slot;
    }
}

static enum lc_status grow_slots(struct dictionary *names, struct lc_error *err)
{
    size_t count = names->slot_count ? 2 * names->slot_count : 64;
    uint32_t *slots = calloc(count, sizeof(*slots));

    if (!slots)
        return lc_fail_memory(err);
    free(names->slots);
    names->slots = slots;
    names->slot_count = count;
    for (size_t i = 0; i < names->count; i++)
        *find_slot(names, dictionary_at(names, i)) = (uint32_t)i + 1;
    return LC_OK;
}

/* Get the number of a valid text, adding the text if it is new. */
static enum lc_status find_name(struct dictionary *names, struct lc_span span,
                                int32_t *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint32_t *slot;

    if (names->count >= names->slot_count / 2)
        status = grow_slots(names, err);
    if (status != LC_OK)
        return status;
    slot = find_slot(names, span);
    if (!*slot) {
        status = add_text(&names->text, &names->offsets, span, err);
        if (status != LC_OK)
            return status;
        *slot = (uint32_t)++names->count;
    }
    *out = (int32_t)*slot - 1;
    return LC_OK;
}

/* Fill the dictionary with the names that a field has from the start. */
static enum lc_status begin_names(struct column *column, struct lc_error *err)
{
    const char *(*name_at)(size_t) = column->field->name_at;
    enum lc_status status = begin_offsets(&column->names.offsets, err);
    const char *name;
    int32_t number;

    for (size_t i = 0; status == LC_OK && name_at && (name = name_at(i)); i++)
        if (*name)
            status = find_name(&column->names, (struct lc_span){name, strlen(name)},
                               &number, err);
    return status;
}

/* ---- values ---- */

/* Append the bit of a row. */
static enum lc_status add_bit(struct lc_buffer *bits, uint64_t row, bool bit,
                              struct lc_error *err)
{
    const char none = 0;
    enum lc_status status = row % 8 ? LC_OK : lc_buffer_add(bits, &none, 1, err);

    if (status == LC_OK && bit)
        bits->data[row / 8] = (char)(bits->data[row / 8] | 1 << row % 8);
    return status;
}

static enum lc_status add_hash(struct column *column, const struct lc_hash *hash,
                               bool *there, struct lc_error *err)
{
    static const struct lc_hash none;
    char text[33];

    *there = lc_hash_compare(hash, &none) != 0;
    lc_hash_hex(hash, text);
    return add_text(&column->values, &column->offsets,
                    (struct lc_span){text, *there ? strlen(text) : 0}, err);
}

static enum lc_status add_name(struct column *column, struct lc_span span, bool *there,
                               struct lc_error *err)
{
    struct lc_buffer valid = {0};
    enum lc_status status = LC_OK;
    int32_t number = 0;

    *there = span.size > 0;
    if (*there && lc_text_invalid_utf8(span.text, span.size) < span.size) {
        status = lc_printable_add(&valid, span, LC_UNPRINTABLE_BYTE, err);
        span = (struct lc_span){valid.data, valid.size};
    }
    if (status == LC_OK && *there)
        status = find_name(&column->names, span, &number, err);
    lc_buffer_clear(&valid);
    if (status != LC_OK)
        return status;
    return lc_buffer_add(&column->values, &number, sizeof(number), err);
}

static enum lc_status add_enum(struct column *column, unsigned value, bool *there,
                               struct lc_error *err)
{
    int8_t number = 0;

    *there = value < column->names.count;
    if (*there)
        number = (int8_t)value;
    return lc_buffer_add(&column->values, &number, sizeof(number), err);
}

static enum lc_status add_paths(struct column *column, const struct lc_path_list *paths,
                                struct lc_error *err)
{
    enum lc_status status = begin_offsets(&column->offsets, err);

    if (status == LC_OK)
        status = begin_offsets(&column->ends, err);
    for (size_t i = 0; i < paths->count && status == LC_OK; i++)
        status = add_text(&column->values, &column->ends, paths->items[i].path, err);
    if (status != LC_OK)
        return status;
    return add_offset(&column->offsets, column->ends.size / sizeof(int32_t) - 1, err);
}

static enum lc_status add_items(struct column *column, const struct lc_item_list *list,
                                struct lc_error *err)
{
    enum lc_status status = begin_offsets(&column->offsets, err);

    for (size_t i = 0; i < list->count && status == LC_OK; i++) {
        const char *item = (const char *)list->items + i * list->stride;

        status = lc_columns_add(column->inner, item, item, err);
    }
    if (status != LC_OK)
        return status;
    return add_offset(&column->offsets, (size_t)column->inner->rows, err);
}

/* Append a value. *there is set to false if it is null. */
static enum lc_status add_value(struct column *column, uint64_t row, const char *at,
                                bool *there, struct lc_error *err)
{
    const void *value = at;

    *there = true;
    switch (column->field->type) {
    case LC_FIELD_U32:
        return lc_buffer_add(&column->values, value, sizeof(uint32_t), err);
    case LC_FIELD_U64:
        return lc_buffer_add(&column->values, value, sizeof(uint64_t), err);
    case LC_FIELD_I64:
        *there = *(const int64_t *)value >= 0;
        return lc_buffer_add(&column->values, value, sizeof(int64_t), err);
    case LC_FIELD_TIME:
        *there = *(const int64_t *)value != 0;
        return lc_buffer_add(&column->values, value, sizeof(int64_t), err);
    case LC_FIELD_BOOL:
        return add_bit(&column->values, row, *(const bool *)value, err);
    case LC_FIELD_HASH:
        return add_hash(column, value, there, err);
    case LC_FIELD_TEXT:
        *there = ((const struct lc_span *)value)->size > 0;
        return add_text(&column->values, &column->offsets, *(const struct lc_span *)value,
                        err);
    case LC_FIELD_NAME:
        return add_name(column, *(const struct lc_span *)value, there, err);
    case LC_FIELD_ENUM:
        return add_enum(column, *(const unsigned *)value, there, err);
    case LC_FIELD_PATHS:
        return add_paths(column, value, err);
    case LC_FIELD_LIST:
        return add_items(column, value, err);
    }
    return LC_OK;
}

enum lc_status lc_columns_add(struct lc_columns *columns, const void *row,
                              const void *extra, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    bool there;

    for (size_t i = 0; i < columns->count && status == LC_OK; i++) {
        struct column *column = &columns->items[i];
        const struct lc_field *field = column->field;
        const char *from = field->is_extra ? extra : row;

        status = add_value(column, columns->rows, from + field->offset, &there, err);
        if (status != LC_OK || !field->may_lack)
            continue;
        column->nulls += !there;
        status = add_bit(&column->validity, columns->rows, there, err);
    }
    columns->rows++;
    return status;
}

uint64_t lc_columns_rows(const struct lc_columns *columns)
{
    return columns->rows;
}

bool lc_columns_are_full(const struct lc_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->items[i].values.size >= FULL_TEXT ||
            (columns->items[i].inner && lc_columns_are_full(columns->items[i].inner)))
            return true;
    return false;
}

enum lc_status lc_columns_new(const struct lc_field *fields, size_t count,
                              struct lc_columns **out, struct lc_error *err)
{
    struct lc_columns *columns = calloc(1, sizeof(*columns));
    enum lc_status status = LC_OK;

    if (!columns)
        return lc_fail_memory(err);
    columns->items = calloc(count, sizeof(*columns->items));
    columns->count = columns->items ? count : 0;
    if (!columns->items)
        status = lc_fail_memory(err);
    for (size_t i = 0; i < columns->count && status == LC_OK; i++) {
        columns->items[i].field = &fields[i];
        if (fields[i].type == LC_FIELD_NAME || fields[i].type == LC_FIELD_ENUM)
            status = begin_names(&columns->items[i], err);
        if (fields[i].type == LC_FIELD_LIST)
            status = lc_columns_new(fields[i].inner, fields[i].inner_count,
                                    &columns->items[i].inner, err);
    }
    if (status == LC_OK)
        *out = columns;
    else
        lc_columns_free(columns);
    return status;
}

void lc_columns_free(struct lc_columns *columns)
{
    if (!columns)
        return;
    for (size_t i = 0; i < columns->count; i++) {
        struct column *column = &columns->items[i];

        lc_buffer_clear(&column->validity);
        lc_buffer_clear(&column->values);
        lc_buffer_clear(&column->offsets);
        lc_buffer_clear(&column->ends);
        dictionary_clear(&column->names);
        lc_columns_free(column->inner);
    }
    free(columns->items);
    free(columns);
}

/* ---- arrays ---- */

#define MOST_BUFFERS 3

/* The memory that an array owns. */
struct owned {
    const void *buffers[MOST_BUFFERS];
    void *memory[MOST_BUFFERS]; /* the same pointers, to free the memory */
    struct ArrowArray **children;
    size_t child_count;
};

static void release_inner(struct ArrowArray *array)
{
    if (!array)
        return;
    if (array->release) /* unless the consumer has moved it away */
        array->release(array);
    free(array);
}

static void release_array(struct ArrowArray *array)
{
    struct owned *owned = array->private_data;

    for (size_t i = 0; i < owned->child_count; i++)
        release_inner(owned->children[i]);
    free(owned->children);
    release_inner(array->dictionary);
    for (size_t i = 0; i < MOST_BUFFERS; i++)
        free(owned->memory[i]);
    free(owned);
    array->release = NULL;
}

/* Begin an array without buffers, whose children are marked as released. */
static enum lc_status begin_array(struct ArrowArray *out, uint64_t rows, size_t children,
                                  struct lc_error *err)
{
    struct owned *owned = calloc(1, sizeof(*owned));

    if (!owned)
        return lc_fail_memory(err);
    *out = (struct ArrowArray){.length = (int64_t)rows,
                               .buffers = owned->buffers,
                               .release = release_array,
                               .private_data = owned};
    if (!children)
        return LC_OK;
    owned->children = calloc(children, sizeof(struct ArrowArray *));
    if (!owned->children)
        return lc_fail_memory(err);
    out->children = owned->children;
    for (size_t i = 0; i < children; i++) {
        out->children[i] = calloc(1, sizeof(struct ArrowArray));
        if (!out->children[i])
            return lc_fail_memory(err);
        out->n_children = (int64_t)(owned->child_count = i + 1);
    }
    return LC_OK;
}

/* Give a buffer to an array, as its next one. If buffer is NULL, the array has no such
 * buffer. */
static enum lc_status add_buffer(struct ArrowArray *array, struct lc_buffer *buffer,
                                 struct lc_error *err)
{
    struct owned *owned = array->private_data;
    size_t at = (size_t)array->n_buffers++;
    void *memory = NULL;

    assert(owned); /* begin_array has returned LC_OK */
    if (buffer) {
        /* free the unused capacity; some consumers want even an empty buffer to exist */
        memory = realloc(buffer->data, buffer->size ? buffer->size : 1);
        if (!memory)
            return lc_fail_memory(err);
        *buffer = (struct lc_buffer){0};
    }
    owned->memory[at] = memory;
    owned->buffers[at] = memory;
    return LC_OK;
}

/* Give an array a copy of a buffer. */
static enum lc_status add_copy(struct ArrowArray *array, const struct lc_buffer *buffer,
                               struct lc_error *err)
{
    struct lc_buffer copy = {0};
    enum lc_status status = lc_buffer_add(&copy, buffer->data, buffer->size, err);

    if (status == LC_OK)
        status = add_buffer(array, &copy, err);
    lc_buffer_clear(&copy);
    return status;
}

static enum lc_status make_dictionary(struct ArrowArray *array,
                                      const struct dictionary *names,
                                      struct lc_error *err)
{
    enum lc_status status;

    array->dictionary = calloc(1, sizeof(*array->dictionary));
    if (!array->dictionary)
        return lc_fail_memory(err);
    status = begin_array(array->dictionary, names->count, 0, err);
    if (status == LC_OK)
        status = add_buffer(array->dictionary, NULL, err);
    if (status == LC_OK)
        status = add_copy(array->dictionary, &names->offsets, err);
    if (status == LC_OK)
        status = add_copy(array->dictionary, &names->text, err);
    return status;
}

/* Make the array of texts for a column of lists. */
static enum lc_status make_texts(struct ArrowArray *array, struct column *column,
                                 struct lc_error *err)
{
    enum lc_status status = begin_offsets(&column->ends, err);
    size_t count = column->ends.size / sizeof(int32_t);

    if (status == LC_OK)
        status = begin_array(array, count ? count - 1 : 0, 0, err);
    if (status == LC_OK)
        status = add_buffer(array, NULL, err);
    if (status == LC_OK)
        status = add_buffer(array, &column->ends, err);
    if (status == LC_OK)
        status = add_buffer(array, &column->values, err);
    return status;
}

static enum lc_status make_column(struct ArrowArray *array, struct column *column,
                                  uint64_t rows, struct lc_error *err)
{
    bool is_list =
        column->field->type == LC_FIELD_PATHS || column->field->type == LC_FIELD_LIST;
    bool has_offsets = is_list || column->field->type == LC_FIELD_TEXT ||
                       column->field->type == LC_FIELD_HASH;
    enum lc_status status = begin_array(array, rows, is_list, err);

    array->null_count = column->nulls;
    if (status == LC_OK)
        status = add_buffer(array, column->nulls ? &column->validity : NULL, err);
    lc_buffer_clear(&column->validity);
    column->nulls = 0;
    if (status == LC_OK && has_offsets)
        status = begin_offsets(&column->offsets, err);
    if (status == LC_OK && has_offsets)
        status = add_buffer(array, &column->offsets, err);
    if (status == LC_OK && column->inner)
        return lc_columns_batch(column->inner, array->children[0], err);
    if (status == LC_OK && is_list)
        return make_texts(array->children[0], column, err);
    if (status == LC_OK)
        status = add_buffer(array, &column->values, err);
    if (status == LC_OK && column->names.offsets.size)
        status = make_dictionary(array, &column->names, err);
    return status;
}

enum lc_status lc_columns_batch(struct lc_columns *columns, struct ArrowArray *out,
                                struct lc_error *err)
{
    struct ArrowArray batch = {0};
    enum lc_status status = begin_array(&batch, columns->rows, columns->count, err);

    if (status == LC_OK)
        status = add_buffer(&batch, NULL, err);
    assert(status != LC_OK || !columns->count || batch.children);
    for (size_t i = 0; i < columns->count && status == LC_OK; i++)
        status = make_column(batch.children[i], &columns->items[i], columns->rows, err);
    columns->rows = 0;
    if (status == LC_OK)
        *out = batch;
    else if (batch.release)
        batch.release(&batch);
    return status;
}

/* ---- schemas ---- */

static void release_schema(struct ArrowSchema *schema)
{
    struct ArrowSchema **children = schema->private_data;

    for (int64_t i = 0; i < schema->n_children; i++) {
        if (children[i]->release)
            children[i]->release(children[i]);
        free(children[i]);
    }
    free(children);
    if (schema->dictionary && schema->dictionary->release)
        schema->dictionary->release(schema->dictionary);
    free(schema->dictionary);
    schema->release = NULL;
}

/* Begin the schema of a type. Its texts must be static. */
static enum lc_status begin_schema(struct ArrowSchema *out, const char *format,
                                   const char *name, size_t children, bool has_dictionary,
                                   struct lc_error *err)
{
    *out =
        (struct ArrowSchema){.format = format, .name = name, .release = release_schema};
    if (has_dictionary) {
        out->dictionary = calloc(1, sizeof(*out->dictionary));
        if (!out->dictionary)
            return lc_fail_memory(err);
    }
    if (!children)
        return LC_OK;
    out->private_data = out->children = calloc(children, sizeof(struct ArrowSchema *));
    if (!out->children)
        return lc_fail_memory(err);
    for (size_t i = 0; i < children; i++) {
        out->children[i] = calloc(1, sizeof(struct ArrowSchema));
        if (!out->children[i])
            return lc_fail_memory(err);
        out->n_children = (int64_t)i + 1;
    }
    return LC_OK;
}

static enum lc_status make_fields(struct ArrowSchema *out, const struct lc_field *fields,
                                  size_t count, const char *name, struct lc_error *err);

static enum lc_status make_field(struct ArrowSchema *out, const struct lc_field *field,
                                 struct lc_error *err)
{
    static const char *const formats[] = {
        [LC_FIELD_U64] = "L",    [LC_FIELD_U32] = "I",        [LC_FIELD_I64] = "l",
        [LC_FIELD_BOOL] = "b",   [LC_FIELD_TIME] = "tsn:UTC", [LC_FIELD_HASH] = "u",
        [LC_FIELD_TEXT] = "u",   [LC_FIELD_NAME] = "i",       [LC_FIELD_ENUM] = "c",
        [LC_FIELD_PATHS] = "+l", [LC_FIELD_LIST] = "+l",
    };
    bool is_list = field->type == LC_FIELD_PATHS || field->type == LC_FIELD_LIST;
    bool has_names = field->type == LC_FIELD_NAME || field->type == LC_FIELD_ENUM;
    enum lc_status status =
        begin_schema(out, formats[field->type], field->name, is_list, has_names, err);

    out->flags = field->may_lack ? ARROW_FLAG_NULLABLE : 0;
    if (status == LC_OK && field->inner)
        status =
            make_fields(out->children[0], field->inner, field->inner_count, "item", err);
    else if (status == LC_OK && is_list)
        status = begin_schema(out->children[0], "u", "item", 0, false, err);
    if (status == LC_OK && has_names)
        status = begin_schema(out->dictionary, "u", "", 0, false, err);
    return status;
}

/* Describe the structs of some fields. The caller releases what was made, also on
 * failure. */
static enum lc_status make_fields(struct ArrowSchema *out, const struct lc_field *fields,
                                  size_t count, const char *name, struct lc_error *err)
{
    enum lc_status status = begin_schema(out, "+s", name, count, false, err);

    /* a list's items are nullable, as Arrow libraries declare them; rows are not */
    out->flags = *name ? ARROW_FLAG_NULLABLE : 0;
    for (size_t i = 0; i < count && status == LC_OK; i++)
        status = make_field(out->children[i], &fields[i], err);
    return status;
}

enum lc_status lc_columns_schema(const struct lc_field *fields, size_t count,
                                 struct ArrowSchema *out, struct lc_error *err)
{
    struct ArrowSchema schema = {0};
    enum lc_status status = make_fields(&schema, fields, count, "", err);

    if (status == LC_OK)
        *out = schema;
    else
        schema.release(&schema);
    return status;
}
