/* Collects the types of a file's columns.
 *
 * Idea. Nearly all rows of a file have the same keys and types. The quick reader hashes
 * them while it reads a row (row->shape), so rows of a known shape are skipped. Other
 * rows are walked value by value; a hash table finds each value's column by the hash of
 * its path, and one bit says whether the column already had the type. Only a new type
 * adds an entry to the list, and only then is the path written as text.
 *
 * Workers see different parts of a file, each in order. The first value of a type in the
 * file is also the first for its worker, so it is in the lists of all workers, taken in
 * the order of rows. A full table is emptied: some values are then listed twice, but none
 * is missed. */
#include "dataset/columns.h"

#include "dataset/rest.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NAME 1024 /* bytes of a column's name: reports show fewer */

/* The position of a value in the row: a key of the object above it, or an element of a
 * list. */
struct step {
    const struct step *above; /* NULL: the row itself */
    struct lc_span key;       /* text NULL: an element */
    uint64_t hash;            /* hash of all steps down to this one */
    unsigned depth;
};

/* A row being walked. */
struct walk {
    struct lc_columns *columns;
    const struct lc_json_doc *doc;
    struct lc_column_values *out;
    struct lc_error *err;
};

void lc_column_values_reset(struct lc_column_values *values)
{
    values->count = 0;
    values->text.size = 0;
}

void lc_column_values_clear(struct lc_column_values *values)
{
    free(values->items);
    lc_buffer_clear(&values->text);
    *values = (struct lc_column_values){0};
}

size_t lc_columns_find(struct lc_columns *columns, uint64_t name)
{
    size_t slot = name & (LC_COLUMNS_SLOTS - 1);

    while (columns->slots[slot] && columns->names[columns->slots[slot] - 1] != name)
        slot = (slot + 1) & (LC_COLUMNS_SLOTS - 1);
    if (columns->slots[slot])
        return columns->slots[slot] - 1U;
    if (columns->count == LC_COLUMNS_MAX)
        return LC_COLUMNS_MAX;
    columns->names[columns->count] = name;
    columns->types[columns->count] = 0;
    columns->slots[slot] = (uint16_t)(columns->count + 1);
    return columns->count++;
}

bool lc_columns_is_new_shape(struct lc_columns *columns, uint64_t shape)
{
    uint64_t *known = &columns->shapes[shape >> 56 & (LC_COLUMNS_SHAPES - 1)];
    bool is_new = *known != shape;

    *known = shape;
    return is_new;
}

/* Find a column. If there is no space for it, forget all columns first, but not the
 * shapes: the columns of their rows were already listed. */
static size_t find_or_forget(struct lc_columns *columns, uint64_t name)
{
    size_t index = lc_columns_find(columns, name);

    if (index < LC_COLUMNS_MAX)
        return index;
    memset(columns->slots, 0, sizeof(columns->slots));
    columns->count = 0;
    return lc_columns_find(columns, name);
}

static enum lc_value_type type_of(const struct lc_json_doc *doc, uint32_t at)
{
    switch (lc_json_type(doc, at)) {
    case LC_JSON_NULL:
        return LC_VALUE_NULL;
    case LC_JSON_STRING:
        return LC_VALUE_STRING;
    case LC_JSON_TRUE:
    case LC_JSON_FALSE:
        return LC_VALUE_BOOLEAN;
    case LC_JSON_ARRAY:
        return LC_VALUE_LIST;
    case LC_JSON_OBJECT:
        return LC_VALUE_OBJECT;
    default:
        return lc_json_is_nan(doc, at) ? LC_VALUE_NULL : LC_VALUE_NUMBER;
    }
}

/* Append the name of a column. */
static enum lc_status add_name(const struct step *step, struct lc_buffer *text,
                               size_t begin, struct lc_error *err)
{
    struct lc_span key = step->key;
    enum lc_status status = LC_OK;

    if (step->above->above)
        status = add_name(step->above, text, begin, err);
    if (status != LC_OK || text->size - begin > MAX_NAME)
        return status;
    if (!key.text)
        return lc_buffer_add(text, "[]", 2, err);
    if (step->above->above)
        status = lc_buffer_add(text, ".", 1, err);
    if (status != LC_OK)
        return status;
    return lc_buffer_add(text, key.text, key.size < MAX_NAME ? key.size : MAX_NAME, err);
}

static bool is_empty(const struct lc_json_doc *doc, uint32_t at)
{
    enum lc_json_type type = lc_json_type(doc, at);

    return type == LC_JSON_NULL ||
           (type == LC_JSON_ARRAY && lc_json_close(doc, at) == at + 1);
}

/* Whether Arrow correctly reads a list that begins with null before this value: it
 * confuses strings, for example. */
static bool is_mild(const struct lc_json_doc *doc, uint32_t at)
{
    enum lc_value_type type = type_of(doc, at);

    return type == LC_VALUE_NUMBER || type == LC_VALUE_OBJECT;
}

static enum lc_status list_value(const struct walk *walk, const struct step *step,
                                 enum lc_value_type type, uint32_t at)
{
    struct lc_column_values *out = walk->out;
    size_t begin = out->text.size;
    enum lc_status status = add_name(step, &out->text, begin, walk->err);
    struct lc_column_value *items;

    if (status != LC_OK)
        return status;
    items = lc_array_grow(out->items, out->count, &out->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(walk->err);
    out->items = items;
    items[out->count++] = (struct lc_column_value){
        .column = step->hash,
        .name = begin,
        .name_size = out->text.size - begin,
        .type = type,
        .of_row = step->depth == 1,
        .is_empty = is_empty(walk->doc, at),
        .is_mild =
            type == LC_VALUE_NULLS && is_mild(walk->doc, lc_json_next(walk->doc, at)),
        .at = lc_json_offset(walk->doc, at),
    };
    return LC_OK;
}

/* The types of ordinary values: neither null, nor the special types after it. */
#define PROPER ((1U << LC_VALUE_NULL) - 1)

/* List the null that begins a list of several elements, unless the elements' column has
 * already had a type. */
static enum lc_status list_nulls(const struct walk *walk, const struct step *child,
                                 uint32_t first)
{
    size_t index = find_or_forget(walk->columns, child->hash);

    if (walk->columns->types[index] & (PROPER | 1U << LC_VALUE_NULLS))
        return LC_OK;
    walk->columns->types[index] |= 1U << LC_VALUE_NULLS;
    return list_value(walk, child, LC_VALUE_NULLS, first);
}

static enum lc_status walk_children(const struct walk *walk, const struct step *step,
                                    uint32_t at);

static enum lc_status walk_value(const struct walk *walk, const struct step *step,
                                 uint32_t at)
{
    enum lc_value_type type = type_of(walk->doc, at);
    bool has_children = type == LC_VALUE_LIST || type == LC_VALUE_OBJECT;
    enum lc_status status = LC_OK;
    size_t index;

    if (type == LC_VALUE_NULL && step->depth > 1)
        return LC_OK;
    if (has_children && step->depth > LC_COLUMNS_DEPTH) {
        type = LC_VALUE_DEEP;
        has_children = false;
    }
    index = find_or_forget(walk->columns, step->hash);
    if (!(walk->columns->types[index] >> type & 1)) {
        walk->columns->types[index] |= (uint8_t)(1U << type);
        status = list_value(walk, step, type, at);
    }
    return status == LC_OK && has_children ? walk_children(walk, step, at) : status;
}

static enum lc_status walk_children(const struct walk *walk, const struct step *step,
                                    uint32_t at)
{
    const struct lc_json_doc *doc = walk->doc;
    uint32_t close = lc_json_close(doc, at), value;
    bool is_object = lc_json_type(doc, at) == LC_JSON_OBJECT;
    struct step child = {
        .above = step,
        .hash = lc_rest_mix(step->hash, 0),
        .depth = step->depth + 1,
    };
    enum lc_status status = LC_OK;

    if (!is_object && at + 1 < close && type_of(doc, at + 1) == LC_VALUE_NULL &&
        lc_json_next(doc, at + 1) < close)
        status = list_nulls(walk, &child, at + 1);
    for (uint32_t i = at + 1; i < close && status == LC_OK;
         i = lc_json_next(doc, value)) {
        value = i;
        if (is_object) {
            child.key = lc_json_string(doc, i);
            child.hash =
                lc_rest_mix(step->hash, lc_hash_quick(child.key.text, child.key.size));
            value = lc_json_next(doc, i);
        }
        status = walk_value(walk, &child, value);
    }
    return status;
}

enum lc_status lc_columns_add_row(struct lc_columns *columns,
                                  const struct lc_json_doc *doc,
                                  struct lc_column_values *out, struct lc_error *err)
{
    struct walk walk = {columns, doc, out, err};
    struct step root = {.hash = 1};

    return walk_children(&walk, &root, LC_JSON_ROOT);
}
