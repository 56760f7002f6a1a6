/* root.h - the folder that the records of a path are below */
#ifndef LC_PROOF_ROOT_H
#define LC_PROOF_ROOT_H

#include "base/error.h"

/** The folder that the records of a path are below, and its name. */
struct lc_record_root {
    char *path;     /* to open it */
    char *snapshot; /* of the cache of huggingface_hub: the folder of the snapshot that
                       the path is in, relative to path; else NULL */
};

/**
 * Find the folder that records of a path are below: the path itself, the folder of a
 * file; or if it is in a snapshot of the cache of huggingface_hub, the folder of the
 * repository there.
 *
 * Owner:   the caller, lc_record_root_clear.
 * Errors:  LC_ERR_USAGE (no such file or folder), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_record_root_find(const char *path, struct lc_record_root *out, struct lc_error *err);
void lc_record_root_clear(struct lc_record_root *root);

#endif
