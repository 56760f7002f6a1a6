/* nearest.h - what is there instead of a file that is missing */
#ifndef LC_STORE_NEAREST_H
#define LC_STORE_NEAREST_H

#include "store/folder.h"

struct lc_nearest; /* the listing of the folder that was looked at last */

/**
 * Make a helper that looks for the names nearest to missing ones.
 *
 * @param folder  the image root; must outlive the helper
 *
 * Owner:   the caller, lc_nearest_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one helper per thread.
 */
LC_MUST_CHECK enum lc_status lc_nearest_new(const struct lc_folder *folder,
                                            struct lc_nearest **out,
                                            struct lc_error *err);
void lc_nearest_free(struct lc_nearest *nearest);

/**
 * Say what is there instead of a missing file: its folder is missing, or the folder holds
 * the same name in another case or with another extension.
 *
 * A folder is listed once as long as the missing files asked for are in the same one, so
 * asking in path order costs one listing a folder.
 *
 * @param path  relative to the root, ends with NUL; there is no such file
 * @param out   set to a hint that lives until the next call, or to NULL
 *
 * Errors:  LC_ERR_MEMORY. A folder that cannot be listed gives no hint.
 */
LC_MUST_CHECK enum lc_status lc_nearest_find(struct lc_nearest *nearest, const char *path,
                                             const char **out, struct lc_error *err);

#endif
