/* check.h - checking a data set */
#ifndef LC_LLAVA_CHECK_CHECK_H
#define LC_LLAVA_CHECK_CHECK_H

#include "llava_check/api.h"
#include "llava_check/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index; /* the results of a run: index.h */

/** The stages of a run, in this order. A stage whose total is 0 reports only that it has
 * begun. */
enum lc_stage {
    LC_STAGE_ROWS,   /* done and total are bytes of rows files */
    LC_STAGE_LINKS,  /* which rows name which image */
    LC_STAGE_IMAGES, /* done and total are images; bytes is what was read of them */
    LC_STAGE_SET,    /* what only the whole set shows: duplicate ids and rows */
    LC_STAGE_INDEX,  /* the index is written and put in place */
    LC_STAGE_COPY,   /* of clean: done and total are images that are put under a new
                        root; bytes is their size */
    LC_STAGE_HASH,   /* of verify --download and manifest: done and total are files */
    LC_STAGE_COUNT
};

/** How far a run is. */
struct lc_progress {
    enum lc_stage stage;
    uint64_t done;
    uint64_t total;
    uint64_t bytes;
    uint64_t findings[3];   /* by enum lc_severity, so far */
    uint64_t reused;        /* of the images that are done, those that an index knew */
    unsigned files_at_once; /* that are read at once; 0: not in this stage */
};

/** How a run uses what the finished index of an earlier one knows of images. */
enum lc_index_mode {
    LC_INDEX_METADATA, /* a file with the same size, times and inode is not read again */
    LC_INDEX_CONTENT,  /* every file is read; one with the same bytes is not decoded */
    LC_INDEX_IGNORE,   /* everything is read and decoded */
};

/** One of several data sets that are below a folder. */
struct lc_found_set {
    const char *path; /* to check it by itself */
    uint64_t files;   /* rows files */
    uint64_t bytes;   /* of them */
};

/** An image that a program has in memory. */
struct lc_image_bytes {
    const void *data; /* may be NULL if size is 0 */
    size_t size;
    void *held; /* the program's: what keeps data where it is */
};

/** What get_image returns for an image that it does not have: a file of the image root.
 */
#define LC_IMAGE_IS_FILE (-1)

/** What to check, and how. Zero is a good value for every field but size and the
 * paths. */
struct lc_check_options {
    size_t size; /* of this struct: LC_OPTIONS */
    /* what to check, together as one data set: folders, with rows files in them or one
     * data set below; rows files (.json, .jsonl); registries (a mixture,
     * dataset_info.json …) and patterns (base{a,b}.json) */
    const char *const *paths;
    size_t path_count;  /* at least 1 */
    const char *images; /* the image root; NULL: found where the rows' images are */
    const char *videos; /* the video root; NULL: found where the rows' videos are */
    const char
        *dialect; /* of all rows: a name of lc_dialect_at; NULL: detected by file */
    /* the index folder. Named: its results are reused as they are, unless LLAVA_CHECK_KEY
     * is set. NULL: .llava-check in the data folder, or a folder in the user's cache;
     * results that were not signed with the user's key are not reused */
    const char *index;
    bool no_index;  /* keep the results in an unnamed file until the index is closed */
    bool no_images; /* rows only: no image or video file is looked for */
    enum lc_index_mode index_mode;
    bool allow_outside; /* open image paths that are absolute or contain ".." */
    unsigned threads;   /* workers; 0: as many as processors are available */
    void *user;         /* passed to the functions below */
    /* called now and then, in the caller's thread; NULL: not called */
    void (*on_progress)(void *user, const struct lc_progress *progress);
    /* called with one line about what was chosen or skipped; NULL: not called */
    void (*on_notice)(void *user, const char *line);
    /* called once for each thing that was chosen: "rows file", "image root", "index",
     * "workers", "files read at once" (if more than workers), and its name or number;
     * NULL: not called */
    void (*on_choice)(void *user, const char *what, const char *choice);
    /* called often, in the caller's thread; true ends the run with LC_ERR_STOPPED. What
     * was read until then is kept for the next run; NULL: not called */
    bool (*is_stopped)(void *user);
    /* called for each data set if there are several below a path, those with images and
     * the largest first, before lc_check fails with LC_ERR_USAGE; likewise for those
     * below a path that has rows itself, which alone are checked; NULL: not called */
    void (*on_set)(void *user, const struct lc_found_set *set);
    /* gives the bytes of an image that a row names, which are read in place of a file of
     * the image root. Returns 0; ENOENT: there is no such image; another errno; or
     * LC_IMAGE_IS_FILE: it is read from the image root after all. Called by several
     * workers at once, for each image at least once, roughly in the order of their paths.
     * No image is taken from an earlier index unread, and files that no row names are not
     * looked for. By as many threads more as io_depth says. NULL: files are read */
    int (*get_image)(void *user, const char *path, struct lc_image_bytes *out);
    /* called by the same worker when it no longer needs the bytes; NULL: not called */
    void (*put_image)(void *user, const struct lc_image_bytes *image);
    /* check one part of the data set: number part, from 1, of part_count, into an index
     * that lc_merge joins with those of the others. Which rows and images are in it
     * depends on the data set alone. Requires index. 0 of 0: the whole data set */
    unsigned part;
    unsigned part_count;
    /* files that are read at once, whatever the number of workers, at most 512; 0: as
     * many as the storage rewards, which is measured */
    unsigned io_depth;
    /* brings a file of a data set that is elsewhere to where it is read: called before an
     * archive, or an image of the image root, is opened, by several workers at once. path
     * is relative to folder, or folder is NULL. Until then a file of the same size is in
     * its place, which may be a hole; rows files are whole from the start, and are not
     * brought. Returns 0, or an errno with which the file cannot be opened. NULL: all
     * files are there */
    int (*bring_file)(void *user, const char *folder, const char *path);
    /* called by the same worker when the file was read, if it was brought; NULL: not
     * called */
    void (*return_file)(void *user, const char *folder, const char *path);
    /* the rows are a sample of a larger data set: each is checked by itself. No finding
     * compares it with others, or is about files that no row names, and no archive is
     * searched for images. Requires no_index */
    bool each_alone;
};

/**
 * Check a data set.
 *
 * @param options  read only during the call
 * @param out      set on success, to the finished run's results
 * @param err      filled on failure; may be NULL
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no such path, no rows found, several data sets, no such part),
 *          LC_ERR_STOPPED (is_stopped),
 *          LC_ERR_IO (a rows file or the index folder cannot be used, disk full),
 *          LC_ERR_INDEX (another run holds the index), LC_ERR_MEMORY.
 * Threads: any; runs on different indexes are independent. Blocks until all is done.
 */
LC_API enum lc_status lc_check(const struct lc_check_options *options,
                               struct lc_index **out, struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
