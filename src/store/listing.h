/* listing.h - every file of a folder by its name, for a second look at what is missing */
#ifndef LC_STORE_LISTING_H
#define LC_STORE_LISTING_H

#include "store/folder.h"

/** Beyond so many files, or bytes of their names, there is no listing. */
#define LC_LISTING_FILES 4000000
#define LC_LISTING_BYTES ((size_t)512 << 20)

struct lc_listing;

/**
 * List the files of a folder and of all folders in it.
 *
 * Links are listed by their names and never followed, so that nothing outside of the
 * folder is looked at; folders that cannot be opened, and those more than 64 deep, are
 * left out. Memory is bounded by the two limits: a folder beyond them has an empty
 * listing.
 *
 * Owner:   the caller, lc_listing_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: any number may read a finished listing.
 */
LC_MUST_CHECK enum lc_status lc_listing_new(const struct lc_folder *folder,
                                            struct lc_listing **out,
                                            struct lc_error *err);
void lc_listing_free(struct lc_listing *listing);

/** How many files there are. They are sorted by their folded paths read from the end, so
 * that all whose paths end alike stand together. */
size_t lc_listing_count(const struct lc_listing *listing);

/** The path of a file, relative to the folder; ends with NUL. */
struct lc_span lc_listing_path(const struct lc_listing *listing, size_t index);

/** Its folded form: the same for names that differ in case, Unicode form and extension.
 */
struct lc_span lc_listing_folded(const struct lc_listing *listing, size_t index);

/** The first file whose folded path, read from the end, is not before a text. */
size_t lc_listing_seek(const struct lc_listing *listing, struct lc_span folded);

/**
 * Append the folded form of a path: each of its parts for itself, the last one without
 * its extension.
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_listing_fold(struct lc_span path, struct lc_buffer *out,
                                             struct lc_error *err);

/** The bytes of a name without its extension: ".jpg" and the like, behind something. */
size_t lc_listing_stem(struct lc_span path);

#endif
