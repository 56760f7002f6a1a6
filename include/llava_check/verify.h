/* verify.h - comparing the files of a checked data set with its index */
#ifndef LC_LLAVA_CHECK_VERIFY_H
#define LC_LLAVA_CHECK_VERIFY_H

#include "llava_check/api.h"
#include "llava_check/check.h"
#include "llava_check/error.h"
#include "llava_check/index.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to verify, and how. Zero is the default for every field except size and the
 * paths. */
struct lc_verify_options {
    size_t size;              /* of this struct: LC_OPTIONS */
    const char *const *paths; /* the paths that were checked */
    size_t path_count;        /* at least 1 */
    const char *images;       /* the image root; NULL: that of the check */
    const char *index;        /* the index folder; NULL: where lc_check puts it */
    bool allow_outside;       /* open image paths that are absolute or contain ".." */
    unsigned threads;         /* workers; 0: as many as processors are available */
    void *user;               /* passed to the functions below */
    /* called from time to time, in the caller's thread; NULL: not called */
    void (*on_progress)(void *user, const struct lc_progress *progress);
    /* as for lc_check */
    void (*on_choice)(void *user, const char *what, const char *choice);
    /* called often, in the caller's thread; true ends the call with LC_ERR_STOPPED; NULL:
     * not called */
    bool (*is_stopped)(void *user);
    unsigned io_depth; /* as for lc_check */
    /* compare the files below the path, which must be the only one, with records of their
     * download and with checksum files; no index is used */
    bool download;
    /* instead compare the files with this manifest of lc_manifest_write; or NULL */
    const char *manifest;
    /* instead compare the files with the archive that they were unpacked from; or NULL */
    const char *against;
};

/**
 * Read all files of a checked data set again, and compare their bytes with the index.
 * The index does not change.
 *
 * @param out  set on success, to the results: findings of the rules IDX701 to IDX704 and
 *             IMG502, a summary that counts what was read again, and the numbers of
 *             lc_index_verification
 * @param err  filled on failure; may be NULL
 *
 * If download, manifest or against is set, findings are of the rules HUB901 to HUB906,
 * there are no rows and no images, and lc_index_proof has the numbers. Nothing outside
 * the folder is opened, and no link is followed.
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no index; no records), LC_ERR_INDEX (it is damaged, or from
 *          another version), LC_ERR_IO (the image root is gone; no space for temporary
 *          files), LC_ERR_MEMORY.
 * Threads: any. Blocks until all files were read.
 */
LC_API enum lc_status lc_verify(const struct lc_verify_options *options,
                                struct lc_index **out, struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
