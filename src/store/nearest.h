/* nearest.h - suggests an existing file for a missing one */
#ifndef LC_STORE_NEAREST_H
#define LC_STORE_NEAREST_H

#include "store/folder.h"
#include "store/listing.h"

struct lc_nearest; /* buffers of one thread */

/**
 * Make a finder of similar paths.
 *
 * @param folder  the image root, which must outlive the finder; NULL: there is none
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

/** Of a path whose topmost missing folder is known, the topmost one that files in
 * archives are not in either: bytes of the path; 0: there is none. */
size_t lc_nearest_folder_of_more(const struct lc_more_files *more, struct lc_span path,
                                 size_t folder);

/** Whether there is a broken link at the path. */
bool lc_nearest_is_broken_link(struct lc_nearest *nearest, struct lc_span path);

/** The file that a missing path may have meant. All zero: there is none. */
struct lc_nearest_file {
    struct lc_span path; /* of a listing */
    uint32_t place;      /* where it is, compared with the missing path; from 1 */
    uint32_t components; /* that both paths have in common at the end */
    uint32_t like;       /* how similar these are */
};

/**
 * Find the file that a missing path may have meant: the same path in another case,
 * Unicode form or with another extension, with more or fewer parent folders; or a file of
 * the same name in another folder.
 *
 * Takes time logarithmic in the number of files. The result depends on the listing and
 * the path only.
 *
 * @param listing  of the root, or of archives
 * @param path     relative to the root, ends with NUL; missing
 * @param out      set; its path lives as long as the listing
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_nearest_find(struct lc_nearest *nearest, const struct lc_listing *listing,
                struct lc_span path, struct lc_nearest_file *out, struct lc_error *err);

/** Whether one file is nearer to a path than another. */
bool lc_nearest_is_better(const struct lc_nearest_file *a,
                          const struct lc_nearest_file *b);

/**
 * Describe the file that a missing path may have meant.
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
