/* path.h - file names put together and taken apart */
#ifndef LC_BASE_PATH_H
#define LC_BASE_PATH_H

#include "base/error.h"

#include <stdbool.h>

/**
 * Join a folder and a name with one slash.
 *
 * @param folder  "" or "." give the name alone
 * @param name    "." gives the folder alone
 * @param out     set on success
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_path_join(const char *folder, const char *name,
                                          char **out, struct lc_error *err);

/**
 * Copy a path without trailing slashes, "./" at its start, and doubled slashes.
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_path_normalize(const char *path, char **out,
                                               struct lc_error *err);

/**
 * The folder that a path stands in: "." for a bare name.
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_path_parent(const char *path, char **out,
                                            struct lc_error *err);

/**
 * Write a path relative to a folder, as both really are: "a/b", "../c/d".
 *
 * @param path  of something that is there; its last component is kept as it is
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_IO (a folder on the way cannot be resolved), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_path_relative(const char *folder, const char *path,
                                              char **out, struct lc_error *err);

/** Whether a path really lies outside of a folder, by ".." or by a link; false when one
 * of them cannot be resolved. */
bool lc_path_resolves_outside(const char *folder, const char *path);

/** What is at a path, or where a link there leads. */
enum lc_path_kind {
    LC_PATH_MISSING, /* or nothing that this user can see */
    LC_PATH_FILE,
    LC_PATH_FOLDER,
    LC_PATH_OTHER, /* a device, a FIFO, a socket */
};

/**
 * Look at what is at a path.
 *
 * @param out  set; LC_PATH_MISSING on failure
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY: it could not be told, which is not the same as
 *         nothing.
 */
LC_MUST_CHECK enum lc_status lc_path_probe(const char *path, enum lc_path_kind *out,
                                           struct lc_error *err);

/** The last component of a path; points into it. */
const char *lc_path_name(const char *path);

/** Whether a path ends with a suffix such as ".json", in any case. */
bool lc_path_ends(const char *path, const char *suffix);

#endif
