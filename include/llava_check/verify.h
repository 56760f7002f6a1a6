/* verify.h - comparing the files of a checked data set with its index */
#ifndef LC_LLAVA_CHECK_VERIFY_H
#define LC_LLAVA_CHECK_VERIFY_H

#include "llava_check/api.h"
#include "llava_check/check.h"
#include "llava_check/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to verify, and how. Zero is a good value for every field but the paths. */
struct lc_verify_options {
    const char *const *paths; /* what was checked: the same paths as then */
    size_t path_count;        /* at least 1 */
    const char *images;       /* the image root; NULL: where it was */
    const char *index;        /* the index folder; NULL: where lc_check puts it */
    bool allow_outside;       /* open image paths that are absolute or contain ".." */
    unsigned threads;         /* workers; 0: as many as processors are available */
    void *user;               /* passed to the functions below */
    /* called now and then, in the caller's thread; NULL: not called */
    void (*on_progress)(void *user, const struct lc_progress *progress);
    /* as for lc_check */
    void (*on_choice)(void *user, const char *what, const char *choice);
    /* called often, in the caller's thread; true ends the call with LC_ERR_STOPPED; NULL:
     * not called */
    bool (*is_stopped)(void *user);
};

/**
 * Read all files of a checked data set again, and compare their bytes with the index.
 * The index does not change.
 *
 * @param out  set on success, to what was found; its findings are of the rules IDX701 to
 *             IDX704 and IMG502, its summary counts what was read again
 * @param err  filled on failure; may be NULL
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no index), LC_ERR_INDEX (it is damaged, or of another version),
 *          LC_ERR_IO (the image root is gone; no space for temporary files),
 *          LC_ERR_MEMORY.
 * Threads: any. Blocks until all is done.
 */
LC_API enum lc_status lc_verify(const struct lc_verify_options *options,
                                struct lc_index **out, struct lc_error *err);

/** What became of the files whose bytes an index knows. */
struct lc_verified {
    uint64_t files;    /* the sum of the fields from same to unreadable, but touched */
    uint64_t same;     /* they have the bytes that were indexed */
    uint64_t touched;  /* of those, files with another time */
    uint64_t changed;  /* other bytes, the same size and time */
    uint64_t replaced; /* other bytes, and another size or time */
    uint64_t gone;
    uint64_t unreadable;
    uint64_t bytes; /* that were read */
};

/** What lc_verify saw. */
struct lc_verification {
    struct lc_verified rows_files;
    struct lc_verified images;
    uint64_t images_unknown; /* the index has no hash of them to compare with */
    uint64_t images_outside; /* not opened, as allow_outside was not set */
};

/** What lc_verify saw; NULL when the results are of a check. Lives as long as the index.
 */
LC_API const struct lc_verification *lc_index_verification(const struct lc_index *index);

#ifdef __cplusplus
}
#endif

#endif
