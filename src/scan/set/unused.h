/* unused.h - image files below the image root that no row names */
#ifndef LC_SCAN_SET_UNUSED_H
#define LC_SCAN_SET_UNUSED_H

#include "base/error.h"
#include "scan/common/paths.h"
#include "store/folder.h"

#include <stdatomic.h>
#include <stdbool.h>

/** A folder with unused image files. */
struct lc_unused_folder {
    size_t folder;  /* offset in text of its path, which ends with NUL */
    size_t example; /* offset in text of the path of one file */
    uint64_t count; /* number of files */
    bool whole;     /* rows name nothing in it or below: subfolders are included */
};

/** The folders in the order of their paths. All zero is none. */
struct lc_unused {
    struct lc_unused_folder *folders;
    size_t count;
    size_t capacity;
    struct lc_buffer text;
};

/**
 * Find the image files below a root that no row names.
 *
 * @param root   its path; if it cannot be opened, nothing is found
 * @param more   files in archives, treated as if they were below the root
 * @param paths  all paths that rows name
 * @param stop   polled; true: give up
 *
 * Owner:   the caller, lc_unused_clear, also on failure.
 * Errors:  LC_ERR_MEMORY; LC_ERR_STOPPED when stop was set.
 * Threads: any; the paths may be read by others.
 */
LC_MUST_CHECK enum lc_status lc_unused_find(const char *root,
                                            const struct lc_more_files *more,
                                            const struct lc_paths *paths,
                                            const atomic_bool *stop,
                                            struct lc_unused *out, struct lc_error *err);

/**
 * List what the merge of parts needs to find unused images when other parts read
 * archives.
 *
 * @param out    the paths are appended, each with a NUL: image files that no row names,
 *               and, with a slash at the end, folders that contain files that rows name
 * @param found  set to whether the root could be opened
 *
 * Errors and threads: as for lc_unused_find.
 */
LC_MUST_CHECK enum lc_status
lc_unused_list(const char *root, const struct lc_paths *paths, const atomic_bool *stop,
               struct lc_buffer *out, bool *found, struct lc_error *err);

/** Find unused images, given this list. Owner and errors: as for lc_unused_find. */
LC_MUST_CHECK enum lc_status lc_unused_join(struct lc_span list,
                                            const struct lc_more_files *more,
                                            const struct lc_paths *paths,
                                            const atomic_bool *stop,
                                            struct lc_unused *out, struct lc_error *err);

void lc_unused_clear(struct lc_unused *unused);

#endif
