/* nearest.h - suggests an existing file for a missing one */
#ifndef LC_STORE_NEAREST_H
#define LC_STORE_NEAREST_H

#include "store/folder.h"
#include "store/listing.h"

struct lc_nearest; /* buffers for one thread */

/**
 * Make a finder of similar paths.
 *
 * @param folder  the image root, which must outlive the finder; NULL if there is none
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
 * Links are not followed; their targets are assumed to exist.
 *
 * @param path  relative to the root; NUL-terminated
 * @return the size of the path's prefix that names that folder; 0 if none is missing
 */
size_t lc_nearest_folder(struct lc_nearest *nearest, struct lc_span path);

/** Given a path's topmost missing folder, find the topmost one that does not exist in
 * archives either: the size of the path's prefix that names it; 0 if there is none. */
size_t lc_nearest_folder_of_more(const struct lc_more_files *more, struct lc_span path,
                                 size_t folder);

/** Whether the path is a broken link. */
bool lc_nearest_is_broken_link(struct lc_nearest *nearest, struct lc_span path);

/** The file that a missing path was probably meant to name. All zero: none. */
struct lc_nearest_file {
    struct lc_span path; /* points into a listing */
    uint32_t place;      /* its location relative to the missing path; from 1 */
    uint32_t components; /* number of components that both paths have in common at the
                            end */
    uint32_t like;       /* how similar the names are */
};

/**
 * Find the file that a missing path was probably meant to name: the same path in another
 * case or Unicode form, with another extension, or with more or fewer parent folders; or
 * a file with the same name in another folder.
 *
 * Takes time logarithmic in the number of files. The result depends only on the listing
 * and the path.
 *
 * @param listing  of the root or of archives
 * @param path     the missing path, relative to the root; NUL-terminated
 * @param out      set; its path is valid as long as the listing
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_nearest_find(struct lc_nearest *nearest, const struct lc_listing *listing,
                struct lc_span path, struct lc_nearest_file *out, struct lc_error *err);

/** Whether file a is nearer to the missing path than file b. */
bool lc_nearest_is_better(const struct lc_nearest_file *a,
                          const struct lc_nearest_file *b);

/**
 * Describe the file that a missing path was probably meant to name.
 *
 * @param out  set to a hint that is valid until the next call, or to NULL if there is no
 *             such file
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_nearest_describe(struct lc_nearest *nearest,
                                                 struct lc_span path,
                                                 const struct lc_nearest_file *file,
                                                 const char **out, struct lc_error *err);

#endif
