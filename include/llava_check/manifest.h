/* manifest.h - a record of the files of a folder; experimental */
#ifndef LC_LLAVA_CHECK_MANIFEST_H
#define LC_LLAVA_CHECK_MANIFEST_H

#include "llava_check/api.h"
#include "llava_check/check.h"
#include "llava_check/error.h"
#include "llava_check/output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to record. Zero is the default for every field except size and path. */
struct lc_manifest_options {
    size_t size;        /* of this struct: LC_OPTIONS */
    const char *path;   /* a folder */
    const char *except; /* a file to leave out, such as the manifest itself; or NULL */
    unsigned threads;   /* workers; 0: as many as processors are available */
    void *user;         /* passed to the functions below */
    /* called from time to time, in the caller's thread; NULL: not called */
    void (*on_progress)(void *user, const struct lc_progress *progress);
    /* called often, in the caller's thread; true ends the call with LC_ERR_STOPPED; NULL:
     * not called */
    bool (*is_stopped)(void *user);
};

/** A manifest in numbers. */
struct lc_manifest_counts {
    uint64_t files;
    uint64_t bytes; /* total size of the files */
    uint64_t links; /* links, which are neither followed nor recorded */
};

struct lc_manifest;

/**
 * Read all files below a folder: their sizes, XXH3-128 and SHA-256. Links are left out,
 * and so are folders that programs keep for themselves, such as .git and .llava-check.
 *
 * @param out  set on success
 *
 * Owner:   the caller, lc_manifest_free.
 * Errors:  LC_ERR_USAGE (no such folder, too many files), LC_ERR_IO (a file cannot be
 *          read, or changes meanwhile), LC_ERR_STOPPED, LC_ERR_MEMORY.
 * Threads: any. Blocks until all files were read.
 */
LC_API enum lc_status lc_manifest_new(const struct lc_manifest_options *options,
                                      struct lc_manifest **out, struct lc_error *err);
LC_API void lc_manifest_free(struct lc_manifest *manifest); /* NULL-safe */

/** Lives as long as the manifest. */
LC_API const struct lc_manifest_counts *
lc_manifest_counts(const struct lc_manifest *manifest);

/**
 * Write a manifest, sorted by path, in the form that docs/download.md describes. The same
 * files give the same bytes.
 *
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY. The stream is neither flushed nor closed.
 */
LC_API enum lc_status lc_manifest_write(const struct lc_manifest *manifest, FILE *to,
                                        struct lc_error *err);

/** Write a manifest to a function instead of a stream. Errors: as lc_manifest_write, but
 * LC_ERR_IO and LC_ERR_STOPPED as the function says: see lc_write_fn. */
LC_API enum lc_status lc_manifest_write_to(const struct lc_manifest *manifest,
                                           lc_write_fn *write, void *context,
                                           struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
