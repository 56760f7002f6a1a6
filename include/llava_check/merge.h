/* merge.h - joining the indexes of parts of a data set; experimental */
#ifndef LC_LLAVA_CHECK_MERGE_H
#define LC_LLAVA_CHECK_MERGE_H

#include "llava_check/check.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Each machine checks one part of a data set (part and part_count of struct
 * lc_check_options); lc_merge joins their indexes. Reports on the result are, byte for
 * byte, those of a check of the whole data set on one machine. */

/** What to merge, and how. Zero is the default for every field except size, the parts and
 * the index. */
struct lc_merge_options {
    size_t size;              /* of this struct: LC_OPTIONS */
    const char *const *parts; /* index folders or files, in any order */
    size_t part_count;        /* at least 1 */
    const char *index; /* folder for the merged index; none of the parts may be in it */
    /* if parts are missing or damaged, merge the others: the index then covers only some
     * parts, and can be merged with the rest later */
    bool allow_missing;
    unsigned threads; /* workers; 0: as many as processors are available */
    void *user;       /* passed to the functions below */
    /* called from time to time, in the caller's thread; NULL: not called */
    void (*on_progress)(void *user, const struct lc_progress *progress);
    /* called with one line about something that was left out; NULL: not called */
    void (*on_notice)(void *user, const char *line);
    /* called for each part that cannot be merged, with its position in parts; NULL: not
     * called */
    void (*on_problem)(void *user, size_t part, const char *line);
    /* called often, in the caller's thread; true ends the call with LC_ERR_STOPPED; NULL:
     * not called */
    bool (*is_stopped)(void *user);
};

/**
 * Merge the indexes of parts. No rows file and no image is opened.
 *
 * A part that is given twice is used once, with a notice. Parts of other versions,
 * options or data, and parts that overlap in other ways, are errors.
 *
 * @param options  read only during the call
 * @param out      set on success, to the merged results
 * @param err      filled on failure; may be NULL
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (parts are missing, or do not belong together),
 *          LC_ERR_INDEX (a part is damaged; another run uses the index),
 *          LC_ERR_STOPPED (is_stopped), LC_ERR_IO (the folder cannot be used, disk full),
 *          LC_ERR_MEMORY.
 * Threads: any. Blocks until all is done.
 */
LC_API enum lc_status lc_merge(const struct lc_merge_options *options,
                               struct lc_index **out, struct lc_error *err);

/** An estimate of the time of a check, from a sample. */
struct lc_plan {
    uint64_t files; /* rows files */
    uint64_t row_bytes;
    uint64_t rows;               /* estimated */
    uint64_t images;             /* different paths: an upper estimate */
    uint64_t image_bytes;        /* their size, estimated */
    uint64_t sampled_rows;       /* rows that were measured */
    uint64_t sampled_images;     /* likewise */
    double row_bytes_per_second; /* of this machine with these threads; 0: unknown */
    double images_per_second;    /* likewise */
    bool has_archives;           /* there are archives, whose contents are not counted */
};

/**
 * Estimate the time of a check: find the data set, and check a sample of its rows, which
 * takes some seconds.
 *
 * @param options  of the check; index, part, and functions except is_stopped are ignored
 *
 * Errors:  as lc_check.
 * Threads: any.
 */
LC_API enum lc_status lc_plan(const struct lc_check_options *options, struct lc_plan *out,
                              struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
