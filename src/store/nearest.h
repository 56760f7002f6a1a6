/* nearest.h - suggests an existing file for a missing one */
#ifndef LC_STORE_NEAREST_H
#define LC_STORE_NEAREST_H

#include "store/folder.h"
#include "store/listing.h"

struct lc_nearest; /* buffers of one thread */

/**
 * Make a finder of similar paths.
 *
 * @param folder  the image root; must outlive the finder
 *
 * Owner:   the caller, lc_nearest_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one finder per thread.
 */
LC_MUST_CHECK enum lc_status lc_nearest_new(const struct lc_folder *folder,
                                            struct lc_nearest **out,
                                            struct lc_error *err);
void lc_nearest_free(struct lc_nearest *nearest);

/**
 * Find the topmost missing folder of a path.
 *
 * Links are not followed; what they lead to is assumed to exist.
 *
 * @param path  relative to the root, ends with NUL
 * @return the number of bytes of the path that name that folder; 0 if none is missing
 */
size_t lc_nearest_folder(struct lc_nearest *nearest, struct lc_span path);

/**
 * Describe the file that a missing path may have meant: the same path in another case,
 * Unicode form or with another extension, with more or fewer parent folders; or a file of
 * the same name in another folder.
 *
 * Takes time logarithmic in the number of files. The result depends on the listing and
 * the path only.
 *
 * @param listing  of the root
 * @param path     relative to the root, ends with NUL; missing
 * @param out      set to a hint that is valid until the next call, or to NULL
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_nearest_find(struct lc_nearest *nearest,
                                             const struct lc_listing *listing,
                                             struct lc_span path, const char **out,
                                             struct lc_error *err);

#endif
