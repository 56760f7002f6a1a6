/* path.h - joins, splits and compares paths */
#ifndef LC_BASE_PATH_H
#define LC_BASE_PATH_H

#include "base/error.h"

#include <dirent.h>
#include <stdbool.h>

/**
 * Join a folder and a name with one slash.
 *
 * @param folder  "" or "." yields the name alone
 * @param name    "." yields the folder alone
 * @param out     set on success
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_path_join(const char *folder, const char *name,
                                          char **out, struct lc_error *err);

/**
 * Copy a path, removing trailing slashes, "./" at its start, and doubled slashes.
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_path_normalize(const char *path, char **out,
                                               struct lc_error *err);

/**
 * Return the folder that contains a path: "." for a bare name.
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_path_parent(const char *path, char **out,
                                            struct lc_error *err);

/**
 * Make a path relative to a folder after resolving links in both: "a/b", "../c/d".
 *
 * @param path  must exist; if its last component is a link, that is not resolved
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_IO (a folder on the way cannot be resolved), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_path_relative(const char *folder, const char *path,
                                              char **out, struct lc_error *err);

/** Whether a path leads outside a folder, by ".." or by a link; false if either cannot be
 * resolved. */
bool lc_path_resolves_outside(const char *folder, const char *path);

/** What a path names; links are followed. */
enum lc_path_kind {
    LC_PATH_MISSING, /* nothing, or nothing that this user may see */
    LC_PATH_FILE,
    LC_PATH_FOLDER,
    LC_PATH_OTHER, /* a device, a FIFO, a socket */
};

/**
 * Find out what a path names.
 *
 * @param out  set; LC_PATH_MISSING on failure
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY: the kind is unknown, which is not the same as
 *         missing.
 */
LC_MUST_CHECK enum lc_status lc_path_probe(const char *path, enum lc_path_kind *out,
                                           struct lc_error *err);

/** Return the last component of a path; points into it. */
const char *lc_path_name(const char *path);

/** Whether a path ends with a suffix such as ".json", in any case. */
bool lc_path_ends(const char *path, const char *suffix);

/** Order folder entries by the bytes of their names, whatever the locale; for scandir. */
int lc_path_compare_entries(const struct dirent **a, const struct dirent **b);

#endif
