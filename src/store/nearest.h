/* nearest.h - what is there instead of a file that is missing */
#ifndef LC_STORE_NEAREST_H
#define LC_STORE_NEAREST_H

#include "store/folder.h"
#include "store/listing.h"

struct lc_nearest; /* what one thread needs for its questions */

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
 * Find the topmost folder of a path that is not there.
 *
 * Links are not followed: what is behind one is taken to be there.
 *
 * @param path  relative to the root, ends with NUL
 * @return how many bytes of the path name that folder; 0 when its folders are there
 */
size_t lc_nearest_folder(struct lc_nearest *nearest, struct lc_span path);

/**
 * Say what is there instead of a missing file: the same path in another case, in another
 * Unicode form, with another extension, with more or fewer folders before it; or a file
 * of the same name in another folder.
 *
 * It takes a number of steps that grows with the logarithm of the listing's files, and
 * depends on the listing and the path alone.
 *
 * @param listing  of the root
 * @param path     relative to the root, ends with NUL; there is no such file
 * @param out      set to a hint that lives until the next call, or to NULL
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_nearest_find(struct lc_nearest *nearest,
                                             const struct lc_listing *listing,
                                             struct lc_span path, const char **out,
                                             struct lc_error *err);

#endif
