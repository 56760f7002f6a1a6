/* tree.h - a folder to put files into, at paths that strangers chose
 *
 * Every folder on the way is opened without following links, so that no path leads out of
 * the tree. A file gets its name when it is complete, and never replaces an existing
 * file. */
#ifndef LC_STORE_TREE_H
#define LC_STORE_TREE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lc_tree;

/**
 * Open a tree.
 *
 * @param path  an existing folder; links on the way are followed
 *
 * Owner:   the caller, lc_tree_close.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: any number of threads may use a tree at once.
 */
LC_MUST_CHECK enum lc_status lc_tree_open(const char *path, struct lc_tree **out,
                                          struct lc_error *err);
void lc_tree_close(struct lc_tree *tree); /* NULL-safe */

/** Write everything that a tree's file system still keeps in memory to the disk. Errors:
 * LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_tree_sync(const struct lc_tree *tree,
                                          struct lc_error *err);

/** A path in a tree. All zero: none. One thread uses it for one path after another. */
struct lc_tree_place {
    const struct lc_tree *tree;
    char *path;       /* private: the last path, cut off after its folder */
    size_t capacity;  /* private: of path */
    int folder;       /* the open folder that contains the path, plus 1; 0: none */
    const char *name; /* within that folder; points into the path that was passed */
};

/**
 * Go to a path, and create the folders on the way.
 *
 * @param place  the caller has set its tree
 * @param path   relative, without ".."; must live as long as the place is used
 *
 * Errors:  LC_ERR_IO: a folder cannot be created or opened, or is a link or a file;
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_tree_go(struct lc_tree_place *place, const char *path,
                                        struct lc_error *err);
void lc_tree_place_clear(struct lc_tree_place *place);

/** What a name in a tree refers to. */
enum lc_tree_kind { LC_TREE_NOTHING, LC_TREE_FILE, LC_TREE_LINK, LC_TREE_OTHER };

/**
 * Find out what is at a place.
 *
 * @param fd    set to the file, open for reading, if there is one; else to -1. The caller
 *              closes it
 * @param size  set to its size
 *
 * Errors:  LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_tree_look(const struct lc_tree_place *place,
                                          enum lc_tree_kind *kind, int *fd,
                                          uint64_t *size, struct lc_error *err);

/** A file that has no name yet. */
struct lc_tree_file {
    int fd;        /* for writing and reading */
    char name[32]; /* private: its temporary name; empty if it has no name at all */
};

/** Create a file in a place's folder. The caller ends it with lc_tree_file_end.
 * Errors: LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_tree_file_new(const struct lc_tree_place *place,
                                              struct lc_tree_file *out,
                                              struct lc_error *err);

/** Give a file its name. *there is set if another file already has it: that is not an
 * error.
 * Errors: LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_tree_file_name(const struct lc_tree_place *place,
                                               const struct lc_tree_file *file,
                                               bool *there, struct lc_error *err);

/** Close a file; if it was given no name, it is gone. */
void lc_tree_file_end(const struct lc_tree_place *place, struct lc_tree_file *file);

/** Give an open file from elsewhere a name in the tree, too: a hard link. *there is set
 * as above.
 * Errors: LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_tree_link(const struct lc_tree_place *place, int fd,
                                          bool *there, struct lc_error *err);

/** Make a symbolic link. *there is set as above. Errors: LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_tree_symlink(const struct lc_tree_place *place,
                                             const char *target, bool *there,
                                             struct lc_error *err);

/** Whether the link at a place has this target. Errors: LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_tree_is_link_to(const struct lc_tree_place *place,
                                                const char *target, bool *out,
                                                struct lc_error *err);

#endif
