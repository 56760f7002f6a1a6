/* columns.h - the columns of a rows file, and the JSON types of their values
 *
 * A column is a path of keys, like columns and their nested fields in Arrow: "image",
 * "messages[].content". All values of a column must have one type. null fits every type;
 * integers and fractions are the same type. */
#ifndef LC_DATASET_COLUMNS_H
#define LC_DATASET_COLUMNS_H

#include "base/buffer.h"
#include "base/error.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lc_value_type {
    LC_VALUE_NUMBER,
    LC_VALUE_STRING,
    LC_VALUE_BOOLEAN,
    LC_VALUE_LIST,
    LC_VALUE_OBJECT,
    LC_VALUE_NULL,  /* recorded only for the row's own keys, which name columns anyway */
    LC_VALUE_DEEP,  /* a list or an object that is nested deeper than Arrow allows */
    LC_VALUE_NULLS, /* null at the start of a longer list, without a known type */
};

/** A value whose type is new to its column. */
struct lc_column_value {
    uint64_t column; /* a hash of its name */
    size_t name;     /* the column's name: offset in the list's text, and size */
    size_t name_size;
    enum lc_value_type type;
    bool of_row;   /* the column's name is a key of the row itself */
    bool is_empty; /* the value is null or an empty list */
    bool is_mild;  /* NULLS: a number or an object follows */
    uint32_t at;   /* offset in the row */
};

/** A list of such values. All zero is an empty list. */
struct lc_column_values {
    struct lc_column_value *items;
    size_t count;
    size_t capacity;
    struct lc_buffer text;
};

void lc_column_values_reset(struct lc_column_values *values); /* keeps the memory */
void lc_column_values_clear(struct lc_column_values *values);

#define LC_COLUMNS_DEPTH 62 /* of lists and objects in a row: Arrow's limit */
#define LC_COLUMNS_MAX 1000
#define LC_COLUMNS_SLOTS 2048 /* a power of two */
#define LC_COLUMNS_SHAPES 256 /* likewise */

/** The columns of a file: at most LC_COLUMNS_MAX. All zero is empty. */
struct lc_columns {
    size_t count;
    uint64_t names[LC_COLUMNS_MAX];   /* hashes */
    uint8_t types[LC_COLUMNS_MAX];    /* a bit for each lc_value_type */
    uint16_t slots[LC_COLUMNS_SLOTS]; /* index + 1; 0 is free */
    uint64_t shapes[LC_COLUMNS_SHAPES];
};

/**
 * Find a column by the hash of its name, and add it if it is new.
 *
 * @return its index; LC_COLUMNS_MAX if it is new, but there are too many columns
 */
size_t lc_columns_find(struct lc_columns *columns, uint64_t name);

/** Whether rows of this shape (struct lc_row) may have a column or a type that is new to
 * the file. True only once for each shape, as long as the shape is remembered. */
bool lc_columns_is_new_shape(struct lc_columns *columns, uint64_t shape);

/**
 * Add the columns of a row.
 *
 * @param doc  the row
 * @param out  values whose types are new to their columns are appended. If a file has
 *             more than LC_COLUMNS_MAX columns, earlier ones are forgotten, and may be
 *             appended again.
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: one at a time.
 * Source:  Apache Arrow cpp/src/arrow/json/parser.cc, "changed from … to …".
 */
LC_MUST_CHECK enum lc_status lc_columns_add_row(struct lc_columns *columns,
                                                const struct lc_json_doc *doc,
                                                struct lc_column_values *out,
                                                struct lc_error *err);

#endif
