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
    LC_STAGE_IMAGES, /* done and total are images; bytes is the number of bytes read */
    LC_STAGE_SET,    /* checks that need the whole set: duplicate ids and rows */
    LC_STAGE_INDEX,  /* the index is written and put in place */
    LC_STAGE_COPY,   /* clean only: done and total are images that are copied or linked
                        under a new root; bytes is their size */
    LC_STAGE_HASH,   /* verify --download and manifest: done and total are files */
    LC_STAGE_COUNT
};

/** The progress of a run. */
struct lc_progress {
    enum lc_stage stage;
    uint64_t done;
    uint64_t total;
    uint64_t bytes;
    uint64_t findings[3];   /* by enum lc_severity, so far */
    uint64_t reused;        /* images whose results were reused from the index */
    unsigned files_at_once; /* files that are read at once; 0: not in this stage */
};

/** How a run reuses the results for images from the index of an earlier run. */
enum lc_index_mode {
    LC_INDEX_METADATA, /* a file with the same size, times and inode is not read again */
    LC_INDEX_CONTENT,  /* every file is read; one with the same bytes is not decoded */
    LC_INDEX_IGNORE,   /* everything is read and decoded */
};

/** One of several data sets below a folder. */
struct lc_found_set {
    const char *path; /* pass this to lc_check to check only this data set */
    uint64_t files;   /* number of rows files */
    uint64_t bytes;   /* their total size */
};

/** An image in the caller's memory. */
struct lc_image_bytes {
    const void *data; /* may be NULL if size is 0 */
    size_t size;
    void *held; /* for the caller's use, such as the owner of data */
};

/** get_image returns this if the image is to be read from its file in the image root.
 */
#define LC_IMAGE_IS_FILE (-1)

/** What to check, and how. Zero is the default for every field except size and the
 * paths. */
struct lc_check_options {
    size_t size; /* of this struct: LC_OPTIONS */
    /* what to check, together as one data set: folders, with rows files in them or one
     * data set below; rows files (.json, .jsonl); registries (a mixture,
     * dataset_info.json …) and patterns (base{a,b}.json) */
    const char *const *paths;
    size_t path_count;  /* at least 1 */
    const char *images; /* the image root; NULL: search for it by the rows' paths */
    const char *videos; /* the video root; NULL: search for it by the rows' paths */
    const char
        *dialect; /* of all rows: a name of lc_dialect_at; NULL: detected by file */
    /* the index folder. If it is named, its results are trusted, unless LLAVA_CHECK_KEY
     * is set. NULL: .llava-check in the data folder, or a folder in the user's cache;
     * results are then reused only if they were signed with the user's key */
    const char *index;
    bool no_index;  /* keep the results in an unnamed file until the index is closed */
    bool no_images; /* check rows only; do not open image and video files */
    enum lc_index_mode index_mode;
    bool allow_outside; /* open image paths that are absolute or contain ".." */
    unsigned threads;   /* workers; 0: as many as processors are available */
    void *user;         /* passed to the functions below, each of which may be NULL */
    /* called from time to time, in the caller's thread */
    void (*on_progress)(void *user, const struct lc_progress *progress);
    /* called with one line about something that was detected or skipped */
    void (*on_notice)(void *user, const char *line);
    /* called once for each thing that was detected or chosen, with its name or number:
     * "rows file", "image root", "index", "workers", "files read at once" (if there are
     * more than workers) */
    void (*on_choice)(void *user, const char *what, const char *choice);
    /* called often, in the caller's thread; true ends the run with LC_ERR_STOPPED. The
     * results until then are kept for the next run */
    bool (*is_stopped)(void *user);
    /* called for each data set if there are several below a path, before lc_check fails
     * with LC_ERR_USAGE: first those with images, then the largest. Also called for those
     * below a path that has rows itself, in which case only these rows are checked */
    void (*on_set)(void *user, const struct lc_found_set *set);
    /* provides the bytes of an image that a row names, instead of a file in the image
     * root. Returns 0; ENOENT if there is no such image; another errno; or
     * LC_IMAGE_IS_FILE to read the file in the image root. Called at least once for each
     * image, roughly in the order of their paths, by several workers at the same time,
     * and by io_depth more threads. No image is reused from an earlier index without
     * reading it, and there is no search for files that no row names. NULL: read files */
    int (*get_image)(void *user, const char *path, struct lc_image_bytes *out);
    /* called by the same worker when it no longer needs the bytes */
    void (*put_image)(void *user, const struct lc_image_bytes *image);
    /* check only part number part, from 1, of part_count parts; lc_merge joins the
     * indexes of all parts. What a part contains depends only on the data set.
     * Requires index. 0 and 0: check the whole data set */
    unsigned part;
    unsigned part_count;
    /* number of files to read at once, independent of the number of workers, at most 512;
     * 0: increase it as long as that makes the run faster */
    unsigned io_depth;
    /* fetches a file of a remote data set to its local path: called by several workers at
     * the same time, before they open an archive, or an image in the image root. path is
     * relative to folder, unless folder is NULL. Before that, a placeholder of the same
     * size must exist, which may be sparse. Rows files must be complete from the start,
     * and are not fetched. Returns 0, or the errno to report for the file. NULL: all
     * files are local */
    int (*bring_file)(void *user, const char *folder, const char *path);
    /* called by the same worker after it has read a file that bring_file fetched; may be
     * NULL */
    void (*return_file)(void *user, const char *folder, const char *path);
    /* the rows are a sample of a larger data set, so check each by itself: there are no
     * findings that compare rows, or about files that no row names, and archives are not
     * searched for images. Requires no_index */
    bool each_alone;
};

/**
 * Check a data set.
 *
 * @param options  read only during the call
 * @param out      set on success, to the results of the run
 * @param err      filled on failure; may be NULL
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no such path, no rows found, several data sets, no such part),
 *          LC_ERR_STOPPED (is_stopped),
 *          LC_ERR_IO (a rows file or the index folder cannot be used, disk full),
 *          LC_ERR_INDEX (another run uses the index), LC_ERR_MEMORY.
 * Threads: any; runs on different indexes are independent. Blocks until the run ends.
 */
LC_API enum lc_status lc_check(const struct lc_check_options *options,
                               struct lc_index **out, struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
