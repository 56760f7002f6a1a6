/* rows.h - iterating over the rows of an index */
#ifndef LC_LLAVA_CHECK_ROWS_H
#define LC_LLAVA_CHECK_ROWS_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;

/** An image that a row names. */
struct lc_row_image {
    uint32_t number;     /* as lc_image_entry.number */
    struct lc_span path; /* as the row has it; bytes */
};

/** A row. Fields from turns to script are 0, and script is LC_SCRIPT_NONE, when the row's
 * JSON could not be read. */
struct lc_row_entry {
    uint64_t number;     /* in the data set, from 0 */
    struct lc_span id;   /* as text; empty: it has none */
    struct lc_span file; /* name of its rows file, relative to the data folder; bytes */
    uint32_t file_number;
    uint64_t row;    /* number in its file, from 0 */
    uint64_t line;   /* from 1 */
    uint64_t column; /* characters, from 1 */
    uint64_t offset; /* bytes from the start of the file */
    uint32_t size;   /* bytes of its text */
    uint32_t turns;
    uint32_t videos;
    uint32_t urls;         /* its media that are URLs: never verified */
    uint32_t embedded;     /* its media in base64 */
    uint32_t placeholders; /* <image> in all turns */
    uint64_t words;        /* in all turns, as Python's str.split counts */
    uint64_t characters;   /* code points in all turns */
    enum lc_script script;
    bool is_ok;         /* there is no error in the row or its images */
    bool is_readable;   /* its JSON could be read */
    bool is_object;     /* it is a JSON object */
    bool is_text_only;  /* an object that names neither images nor videos */
    bool is_comparable; /* its turns, images and videos have the right types. Comparable
                           rows are equal if their content and rest are equal */
    struct lc_hash content;            /* of its images, videos and conversation */
    uint64_t rest;                     /* hash of its other members, without the id */
    struct lc_span data_source;        /* cut after 256 bytes; empty: it has none */
    const struct lc_row_image *images; /* in the order of the row; an image that it names
                                          twice occurs twice. Valid until the next call */
    size_t image_count;
};

/** A position among the rows of an index. */
struct lc_row_iterator;

/**
 * Start to iterate over rows, in the order of the data set.
 *
 * @param out  set on success
 *
 * Owner:   the caller, lc_row_iterator_free, before the index is closed.
 * Errors:  LC_ERR_INDEX (a finding is damaged: is_ok needs all of them), LC_ERR_MEMORY.
 * Threads: the index's. Several iterators may be open at a time. Takes one bit of memory
 *          per row.
 */
LC_API enum lc_status lc_row_iterator_new(const struct lc_index *index,
                                          struct lc_row_iterator **out,
                                          struct lc_error *err);
LC_API void lc_row_iterator_free(struct lc_row_iterator *iterator);

/**
 * Go to the next row.
 *
 * @param out  set to the row, NULL past the last one. The struct is valid until the next
 *             call; the bytes of its spans as long as the index
 *
 * Errors:  LC_ERR_INDEX (a record is damaged; the iterator is then at its end),
 *          LC_ERR_MEMORY.
 * Threads: the index's.
 */
LC_API enum lc_status lc_row_next(struct lc_row_iterator *iterator,
                                  const struct lc_row_entry **out, struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
