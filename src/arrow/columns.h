/* columns.h - Arrow columns that are filled row by row; private to src/arrow
 *
 * A table is a list of fields. Each says where its value is in the row's structs, so that
 * one loop adds a row to all columns. A batch contains the rows added since the last one;
 * its arrays take over the columns' memory, so nothing is copied.
 */
#ifndef LC_ARROW_COLUMNS_H
#define LC_ARROW_COLUMNS_H

#include "base/error.h"
#include "llava_check/arrow.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How a value is stored in its struct, and which Arrow type it becomes. */
enum lc_field_type {
    LC_FIELD_U64,   /* uint64_t → uint64 */
    LC_FIELD_U32,   /* uint32_t → uint32 */
    LC_FIELD_I64,   /* int64_t → int64; null if negative */
    LC_FIELD_BOOL,  /* bool → bool */
    LC_FIELD_TIME,  /* int64_t, nanoseconds → timestamp[ns, UTC]; null if 0 */
    LC_FIELD_HASH,  /* struct lc_hash → utf8; null if all zero */
    LC_FIELD_TEXT,  /* struct lc_span → utf8; null if empty */
    LC_FIELD_NAME,  /* struct lc_span → dictionary<int32, utf8>; null if empty */
    LC_FIELD_ENUM,  /* an enum, unsigned → dictionary<int8, utf8> */
    LC_FIELD_PATHS, /* struct lc_path_list → list<utf8> */
    LC_FIELD_LIST,  /* struct lc_item_list → list<struct> */
};

/** The paths of a row's images. */
struct lc_path_list {
    const struct lc_row_image *items;
    size_t count;
};

/** Structs of one type, which are the rows of a table nested in a column. */
struct lc_item_list {
    const void *items;
    size_t count;
    size_t stride; /* size of each in bytes */
};

/** A column. */
struct lc_field {
    const char *name;
    enum lc_field_type type;
    bool is_extra; /* offset is in the second struct of a row, not in the first */
    size_t offset; /* of the value in its struct */
    bool may_lack; /* it may be null */
    /* ENUM: the name of a value; NULL past the last one. NAME: names that are in the
     * dictionary from the start, so that it rarely grows; may be NULL */
    const char *(*name_at)(size_t value);
    /* LIST: the fields of its items; none of them is extra */
    const struct lc_field *inner;
    size_t inner_count;
};

struct lc_columns;

/**
 * Make empty columns.
 *
 * @param fields, count  must outlive the columns
 *
 * Owner:  the caller, lc_columns_free.
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_columns_new(const struct lc_field *fields, size_t count,
                                            struct lc_columns **out,
                                            struct lc_error *err);
void lc_columns_free(struct lc_columns *columns); /* NULL-safe */

/**
 * Add a row.
 *
 * @param row, extra  the structs that contain the fields
 *
 * Errors: LC_ERR_MEMORY; LC_ERR_IO with EOVERFLOW if the batch would have too much text.
 */
LC_MUST_CHECK enum lc_status lc_columns_add(struct lc_columns *columns, const void *row,
                                            const void *extra, struct lc_error *err);

/** Return the number of rows since the last batch. */
uint64_t lc_columns_rows(const struct lc_columns *columns);

/** Whether the batch has enough text to be ended. */
bool lc_columns_are_full(const struct lc_columns *columns);

/**
 * Move the rows since the last batch to an array.
 *
 * @param out  filled on success: an array of structs, with a child for each column
 *
 * Errors: LC_ERR_MEMORY; the columns may then only be freed.
 */
LC_MUST_CHECK enum lc_status lc_columns_batch(struct lc_columns *columns,
                                              struct ArrowArray *out,
                                              struct lc_error *err);

/** Describe columns. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_columns_schema(const struct lc_field *fields,
                                               size_t count, struct ArrowSchema *out,
                                               struct lc_error *err);

#endif
