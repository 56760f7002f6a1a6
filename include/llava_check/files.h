/* files.h - iterating over the rows files of an index */
#ifndef LC_LLAVA_CHECK_FILES_H
#define LC_LLAVA_CHECK_FILES_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;

/** A rows file. One that the data set names twice has two entries, each with its rows. */
struct lc_file_entry {
    uint64_t number;     /* in the data set, from 0 */
    struct lc_span name; /* relative to the data folder; bytes */
    uint64_t size;       /* bytes */
    int64_t mtime_ns;    /* nanoseconds since 1970 */
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    struct lc_hash content; /* of its bytes */
    uint64_t first_row;     /* number of its first row in the data set */
    uint64_t rows;
    bool is_lines;           /* JSON lines, not a JSON array */
    struct lc_span sampling; /* which rows training samples, by a registry; or empty */
    uint64_t rows_sampled;   /* number of its rows that training samples */
    struct lc_span dialect;  /* of its rows: a name of lc_dialect_at */
};

/** A position among the rows files of an index. */
struct lc_file_iterator;

/**
 * Start to iterate over the rows files, in the order of the data set.
 *
 * @param out  set on success
 *
 * Owner:   the caller, lc_file_iterator_free, before the index is closed.
 * Errors:  LC_ERR_MEMORY.
 * Threads: the index's. Several iterators may be open at a time.
 */
LC_API enum lc_status lc_file_iterator_new(const struct lc_index *index,
                                           struct lc_file_iterator **out,
                                           struct lc_error *err);
LC_API void lc_file_iterator_free(struct lc_file_iterator *iterator);

/**
 * Go to the next rows file.
 *
 * @param out  set to the file, NULL past the last one. The struct is valid until the next
 *             call; the bytes of its spans as long as the index
 *
 * Errors:  LC_ERR_INDEX (a record is damaged; the iterator is then at its end).
 * Threads: the index's.
 */
LC_API enum lc_status lc_file_next(struct lc_file_iterator *iterator,
                                   const struct lc_file_entry **out,
                                   struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
