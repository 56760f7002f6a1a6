/* listing.h - all files of a folder, to find those with names similar to a missing one */
#ifndef LC_STORE_LISTING_H
#define LC_STORE_LISTING_H

#include "store/folder.h"

/** With more files than this, or more bytes of names, a listing is empty. */
#define LC_LISTING_FILES 4000000
#define LC_LISTING_BYTES ((size_t)512 << 20)

struct lc_listing;

/**
 * List the files of a folder and of all folders in it.
 *
 * Links are listed but never followed, so nothing outside the folder is read. Folders
 * that cannot be opened, and those more than 64 deep, are skipped. The two limits bound
 * the memory: a folder beyond them has an empty listing.
 *
 * Owner:   the caller, lc_listing_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: any number may read a finished listing.
 */
LC_MUST_CHECK enum lc_status lc_listing_new(const struct lc_folder *folder,
                                            struct lc_listing **out,
                                            struct lc_error *err);

/** The same of files in archives. Their paths are copied. */
LC_MUST_CHECK enum lc_status lc_listing_of(const struct lc_more_files *files,
                                           struct lc_listing **out, struct lc_error *err);
void lc_listing_free(struct lc_listing *listing);

/** The number of files. They are sorted by their folded paths read from the end, so paths
 * with the same end are adjacent. */
size_t lc_listing_count(const struct lc_listing *listing);

/** The path of a file, relative to the folder; ends with NUL. */
struct lc_span lc_listing_path(const struct lc_listing *listing, size_t index);

/** The folded form of a file's path: equal for paths that differ only in case, Unicode
 * form or extension. */
struct lc_span lc_listing_folded(const struct lc_listing *listing, size_t index);

/** The first file whose folded path, read from the end, does not sort before a text. */
size_t lc_listing_seek(const struct lc_listing *listing, struct lc_span folded);

/**
 * Append the folded form of a path: each component is folded separately, the last one
 * loses its extension.
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_listing_fold(struct lc_span path, struct lc_buffer *out,
                                             struct lc_error *err);

/** The size of a path without its extension: a dot after another character, and at most 5
 * letters or digits. */
size_t lc_listing_stem(struct lc_span path);

#endif
