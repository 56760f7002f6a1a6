/* dataset.h - finds what a path means: the rows files and the image root */
#ifndef LC_DATASET_DATASET_H
#define LC_DATASET_DATASET_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/** A file that holds rows. */
struct lc_rows_file {
    char *path; /* to open it */
    char *name; /* to print it: relative to the data folder */
    bool lines; /* its name says JSONL */
};

/** A data set on the disk: rows files and where their images are. */
struct lc_dataset {
    char *name;   /* the data folder's or the rows file's own name, whatever was typed */
    char *folder; /* the data folder: the given folder, or the rows file's */
    char *single; /* the one rows file's own name when a file was given; NULL: a folder */
    struct lc_rows_file *files; /* in order of their names */
    size_t file_count;
    size_t file_capacity; /* private */
    char *image_root;     /* to open it */
    char *image_name; /* to print it: relative to the data folder where it is inside */
    struct lc_buffer notices; /* what was chosen and passed over: lines ended by NUL */
};

/**
 * Find the rows files and the image root of a data set.
 *
 * @param path    a folder, or a rows file; a trailing slash makes no difference
 * @param images  the image root, or NULL to find it: the folder under which the most of
 *                the first rows' images are
 * @param out     set on success
 *
 * Owner:   the caller, lc_dataset_clear.
 * Errors:  LC_ERR_USAGE (no such path, no rows found, no regular file), LC_ERR_IO,
 *          LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_dataset_find(const char *path, const char *images,
                                             struct lc_dataset *out,
                                             struct lc_error *err);

/** Free what a data set holds; NULL-safe. */
void lc_dataset_clear(struct lc_dataset *dataset);

#endif
