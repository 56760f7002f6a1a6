/* subtree.h - visits the entries of a folder and of the folders below it, within limits;
 * private to src/dataset */
#ifndef LC_DATASET_SUBTREE_H
#define LC_DATASET_SUBTREE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How far a walk goes. */
struct lc_subtree_limits {
    unsigned depth;  /* levels of folders below the first */
    size_t entries;  /* entries of all folders, including unwanted ones */
    int64_t time_ns; /* time for the whole walk */
};

/** The limits that a walk reached: anything beyond was not seen. */
struct lc_subtree_bounds {
    bool depth;
    bool entries;
    bool time;
};

/** The functions that visit a tree. */
struct lc_subtree_visitor {
    void *user;
    /* whether to visit an entry; folders are entered in any case */
    bool (*wants)(void *user, const char *name, bool is_folder);
    /* called for wanted entries, by folder and then by name; *done ends the walk */
    enum lc_status (*visit)(void *user, const char *folder, const char *name,
                            bool is_folder, bool *done, struct lc_error *err);
};

/**
 * Visit a folder and the folders below it, those nearest to it first.
 *
 * Links are visited as files and not followed. Hidden entries, node_modules and
 * __pycache__ are skipped, and so are folders that cannot be opened.
 *
 * @param bounds  set
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY, and what visit returns.
 */
LC_MUST_CHECK enum lc_status lc_subtree_walk(const char *folder,
                                             const struct lc_subtree_limits *limits,
                                             const struct lc_subtree_visitor *visitor,
                                             struct lc_subtree_bounds *bounds,
                                             struct lc_error *err);

#endif
