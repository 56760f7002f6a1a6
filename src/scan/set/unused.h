/* unused.h - image files below the image root that no row names */
#ifndef LC_SCAN_SET_UNUSED_H
#define LC_SCAN_SET_UNUSED_H

#include "base/error.h"
#include "scan/common/paths.h"

#include <stdatomic.h>
#include <stdbool.h>

/** A folder that has some. */
struct lc_unused_folder {
    size_t folder; /* offset in text: its path, ends with NUL */
    size_t example;
    uint64_t count;
    bool whole; /* rows name nothing in it nor below it: all of that is counted here */
};

/** What was found, by the bytes of the folders' paths. All zero is nothing. */
struct lc_unused {
    struct lc_unused_folder *folders;
    size_t count;
    size_t capacity;
    struct lc_buffer text;
};

/**
 * Walk through the image root.
 *
 * @param root   its path; when it cannot be opened nothing is found
 * @param paths  that rows name, complete
 * @param stop   looked at now and then: whether to give up
 *
 * Owner:   the caller, lc_unused_clear, also on failure.
 * Errors:  LC_ERR_MEMORY; LC_ERR_STOPPED when it was to give up.
 * Threads: any; the paths may be read by others.
 */
LC_MUST_CHECK enum lc_status lc_unused_find(const char *root,
                                            const struct lc_paths *paths,
                                            const atomic_bool *stop,
                                            struct lc_unused *out, struct lc_error *err);

void lc_unused_clear(struct lc_unused *unused);

#endif
