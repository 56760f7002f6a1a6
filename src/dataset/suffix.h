/* suffix.h - finds files by the ends of paths that lead elsewhere; private to src/dataset
 */
#ifndef LC_DATASET_SUFFIX_H
#define LC_DATASET_SUFFIX_H

#include "base/buffer.h"
#include "base/error.h"

#include <stddef.h>

/** A folder that contains the files of paths without their first components. */
struct lc_suffix_root {
    char *cut;  /* what the paths begin with, slashes for backslashes; NULL: none found */
    char *root; /* where the rest of them exists */
    size_t found;
    size_t nested; /* of those, how many have a folder in common with their path */
};

/** Where the files of paths are that begin with a folder of another machine. */
struct lc_suffix {
    struct lc_suffix_root best, second;
    size_t sampled;
};

/**
 * Find a folder that contains the files of some paths without their first components:
 * "/home/u/d/a/1.jpg" and "C:\d\a\1.jpg" are a/1.jpg below it.
 *
 * Other pictures may have the same name, so a folder counts only if several of the files
 * have another folder in common with their paths or if, by their names alone, nearly all
 * paths are found.
 *
 * @param folder   nothing outside of it is looked at
 * @param samples  paths, each ended by NUL
 * @param out      set on success
 *
 * Owner:   the caller, lc_suffix_clear.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_suffix_find(const char *folder,
                                            const struct lc_buffer *samples,
                                            struct lc_suffix *out, struct lc_error *err);
void lc_suffix_clear(struct lc_suffix *suffix);

#endif
