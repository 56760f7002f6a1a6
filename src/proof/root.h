/* root.h - finds the folder that contains the records about a path */
#ifndef LC_PROOF_ROOT_H
#define LC_PROOF_ROOT_H

#include "base/error.h"

/** The folder that contains the records about a path. */
struct lc_record_root {
    char *path;     /* path for opening it */
    char *snapshot; /* if the path is in huggingface_hub's cache: the folder of its
                       snapshot, relative to path; else NULL */
};

/**
 * Find the folder that contains the records about a path: the path itself, or the folder
 * of a file. If the path is in a snapshot in huggingface_hub's cache, it is the folder of
 * the repository there.
 *
 * Owner:   the caller, lc_record_root_clear.
 * Errors:  LC_ERR_USAGE (no such file or folder), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_record_root_find(const char *path, struct lc_record_root *out, struct lc_error *err);
void lc_record_root_clear(struct lc_record_root *root);

#endif
