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

/** What to verify, and how. Zero is a good value for every field but size and the
 * paths. */
struct lc_verify_options {
    size_t size;              /* of this struct: LC_OPTIONS */
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
    unsigned io_depth; /* as for lc_check */
    /* compare the files below the one path with what their downloader recorded about
     * them, and with files of checksums there; no index is used */
    bool download;
    /* the same, with this manifest of lc_manifest_write instead; NULL: none */
    const char *manifest;
    /* the same, with what this archive contains: files that it was unpacked to */
    const char *against;
};

/**
 * Read all files of a checked data set again, and compare their bytes with the index.
 * The index does not change.
 *
 * @param out  set on success, to what was found; its findings are of the rules IDX701 to
 *             IDX704 and IMG502, its summary counts what was read again, and
 *             lc_index_verification has the numbers
 * @param err  filled on failure; may be NULL
 *
 * With download, manifest or against set, findings are of the rules HUB901 to HUB906, the
 * results have no rows and no images, and lc_index_proof has the numbers. Nothing outside
 * of the folder is opened, and no link is followed.
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no index; no records), LC_ERR_INDEX (it is damaged, or of
 * another version), LC_ERR_IO (the image root is gone; no space for temporary files),
 *          LC_ERR_MEMORY.
 * Threads: any. Blocks until all is done.
 */
LC_API enum lc_status lc_verify(const struct lc_verify_options *options,
                                struct lc_index **out, struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
