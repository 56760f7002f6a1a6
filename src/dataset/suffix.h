/* suffix.h - finds moved files by the ends of their paths; private to src/dataset */
#ifndef LC_DATASET_SUFFIX_H
#define LC_DATASET_SUFFIX_H

#include "base/buffer.h"
#include "base/error.h"

#include <stddef.h>

/** A folder that contains the files of paths, if their first components are removed. */
struct lc_suffix_root {
    char *cut;  /* beginning of the paths, with forward slashes; NULL: none found */
    char *root; /* the folder that contains the rest */
    size_t found;
    size_t nested; /* how many of those have a folder in common with their path */
};

/** Where the files of paths are that begin with a folder of another machine. */
struct lc_suffix {
    struct lc_suffix_root best, second;
    size_t sampled;
};

/**
 * Find a folder that contains the files of paths if their first components are removed:
 * "/home/u/d/a/1.jpg" and "C:\d\a\1.jpg" are both a/1.jpg below it.
 *
 * Other pictures may have the same name. So a folder counts only if several files have a
 * subfolder in common with their paths, or if nearly all paths are found by their names
 * alone.
 *
 * @param folder   the folder to search; nothing outside it is looked at
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
