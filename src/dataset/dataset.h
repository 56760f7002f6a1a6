/* dataset.h - finds what a path means: the rows files and the image root */
#ifndef LC_DATASET_DATASET_H
#define LC_DATASET_DATASET_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/** A file that holds rows. */
struct lc_rows_file {
    char *path;     /* to open it */
    char *name;     /* to print it: relative to the data folder */
    char *sampling; /* a mixture's sampling_strategy; NULL: none, all rows are drawn */
    bool lines;     /* its name says JSONL */
};

/** What a user names. */
struct lc_dataset_options {
    const char *const *paths; /* folders, rows files, mixtures, patterns */
    size_t count;             /* at least 1 */
    const char *images;       /* the image root; NULL: to be found */
    const char *videos;       /* the video root; NULL: to be found */
};

/** A data set on the disk: rows files and where their images are. */
struct lc_dataset {
    char *name;   /* the first path's own name, whatever was typed */
    char *folder; /* the data folder: the first path, or the one that it stands in */
    char *single; /* what of the folder it is, when not all: a name for its index */
    struct lc_rows_file *files; /* as given; those of a folder in order of their names */
    size_t file_count;
    size_t file_capacity; /* private */
    char *image_root;     /* to open it */
    char *image_name;   /* to print it: relative to the data folder where it is inside */
    char *image_folder; /* the same: relative to the data folder, wherever it is */
    char *video_root;   /* to open it */
    struct lc_buffer notices; /* what was chosen and passed over: lines ended by NUL */
};

/**
 * Where a data set is: the folder of its index, and what of it the data set is.
 *
 * @param folder  set to the data folder
 * @param single  set to a name for what of the folder is meant, or NULL for all of it
 *
 * Owner:   the caller frees both, also on failure.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_dataset_locate(const char *const *paths, size_t count,
                                               char **folder, char **single,
                                               struct lc_error *err);

/**
 * Find the rows files and the image root of a data set: the folder under which the most
 * of the first rows' images are, unless it is named; and the same for videos.
 *
 * @param out  set on success
 *
 * Owner:   the caller, lc_dataset_clear.
 * Errors:  LC_ERR_USAGE (no such path, no rows found, no regular file, a mixture that the
 *          trainer would refuse; err->path says which), LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_dataset_find(const struct lc_dataset_options *options,
                                             struct lc_dataset *out,
                                             struct lc_error *err);

/** Free what a data set holds; NULL-safe. */
void lc_dataset_clear(struct lc_dataset *dataset);

#endif
