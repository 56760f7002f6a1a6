/* arrow.h - the contents of an index as tables for data frames; experimental */
/*
 * A table is a stream of Apache Arrow's C data interface, which pandas, Polars, DuckDB
 * and others import without copying: they call its get_schema, then its get_next until
 * the array that it sets is released, and at last its release.
 *
 *     struct ArrowArrayStream stream;
 *
 *     if (lc_arrow_stream(index, LC_ARROW_FINDINGS, NULL, &stream, &error) == LC_OK) {
 *         …
 *         stream.release(&stream);
 *     }
 *
 * Columns are named like the members of struct lc_finding_entry, lc_row_entry and so on.
 * Values that do not apply are null. Texts are UTF-8; bytes of names and ids that are not
 * UTF-8 are written as \xNN. Columns with few distinct texts are dictionaries. Hashes are
 * 32 hexadecimal digits.
 */
#ifndef LC_LLAVA_CHECK_ARROW_H
#define LC_LLAVA_CHECK_ARROW_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;
struct lc_prediction;
struct lc_view;

/* The structs of Arrow's C data and C stream interfaces, under the names and guards that
 * its specification prescribes: https://arrow.apache.org/docs/format/CDataInterface.html
 */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};
#endif

/** The tables of an index. */
enum lc_arrow_table {
    LC_ARROW_FILES,    /* rows files: files.h */
    LC_ARROW_ROWS,     /* rows: rows.h */
    LC_ARROW_IMAGES,   /* image paths: images.h */
    LC_ARROW_FINDINGS, /* findings: findings.h */
    LC_ARROW_EFFECTS,  /* what a trainer does with each row, and the finding that is the
                          reason */
    LC_ARROW_VERDICTS, /* whether each row has an error, what a trainer does with it, and
                          the findings about it and its images, as a list of structs;
                          without findings about files and about the data set */
    LC_ARROW_TABLE_COUNT
};

/** How a table is made. Zero is the default for every field except size. */
struct lc_arrow_options {
    size_t size; /* of this struct: LC_OPTIONS */
    /* FINDINGS, VERDICTS: a view of this index selects findings and levels; NULL: all */
    const struct lc_view *view;
    /* a prediction for this index. EFFECTS and VERDICTS require it; without it, FINDINGS
     * has null in the columns effect and what */
    const struct lc_prediction *prediction;
    uint64_t batch;        /* maximum number of rows in a batch; 0: 65,536 */
    enum lc_severity show; /* VERDICTS: findings of lower levels are not listed */
};

/**
 * Start a table.
 *
 * @param options  NULL: the defaults
 * @param out      filled on success
 *
 * Owner:   the caller, out->release. The index and the view may be closed earlier; the
 *          stream keeps what it needs of them. The prediction is copied. Arrays and
 *          schemas own their memory, and may outlive the stream.
 * Errors:  LC_ERR_USAGE (no such table; effects without a prediction), LC_ERR_INDEX,
 *          LC_ERR_MEMORY. get_next returns EIO for a damaged record, ENOMEM, or EOVERFLOW
 *          for a row with 2 GiB of text.
 * Threads: the index's, one at a time; a finished array may be used in any.
 */
LC_API enum lc_status lc_arrow_stream(const struct lc_index *index,
                                      enum lc_arrow_table table,
                                      const struct lc_arrow_options *options,
                                      struct ArrowArrayStream *out, struct lc_error *err);

/**
 * Describe a table's columns, as the get_schema of its streams does.
 *
 * @param out  filled on success
 *
 * Owner:   the caller, out->release.
 * Errors:  LC_ERR_USAGE (no such table), LC_ERR_MEMORY.
 * Threads: any.
 */
LC_API enum lc_status lc_arrow_schema(enum lc_arrow_table table, struct ArrowSchema *out,
                                      struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
