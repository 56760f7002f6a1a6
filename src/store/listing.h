/* listing.h - lists all files of a folder, to find names similar to a missing one */
#ifndef LC_STORE_LISTING_H
#define LC_STORE_LISTING_H

#include "store/folder.h"

/** A listing is empty if there are more files or more bytes of names than this. */
#define LC_LISTING_FILES 4000000
#define LC_LISTING_BYTES ((size_t)512 << 20)

struct lc_listing;

/**
 * List the files of a folder and of all folders in it.
 *
 * Links are listed but never followed, so nothing outside the folder is read. Folders
 * that cannot be opened, and those more than 64 levels deep, are skipped. The two limits
 * bound the memory: a folder that exceeds them gets an empty listing.
 *
 * Owner:   the caller, lc_listing_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: any number may read a finished listing.
 */
LC_MUST_CHECK enum lc_status lc_listing_new(const struct lc_folder *folder,
                                            struct lc_listing **out,
                                            struct lc_error *err);

/** List the files in archives, likewise. Their paths are copied. */
LC_MUST_CHECK enum lc_status lc_listing_of(const struct lc_more_files *files,
                                           struct lc_listing **out, struct lc_error *err);
void lc_listing_free(struct lc_listing *listing);

/** Return the number of files. They are sorted by their folded paths, compared from the
 * end, so paths with the same end are adjacent. */
size_t lc_listing_count(const struct lc_listing *listing);

/** Return the path of a file, relative to the folder; NUL-terminated. */
struct lc_span lc_listing_path(const struct lc_listing *listing, size_t index);

/** Return the folded form of a file's path: equal for paths that differ only in case,
 * Unicode form or extension. */
struct lc_span lc_listing_folded(const struct lc_listing *listing, size_t index);

/** Find the first file whose folded path, compared from the end, does not sort before a
 * text. */
size_t lc_listing_seek(const struct lc_listing *listing, struct lc_span folded);

/**
 * Append the folded form of a path: each component is folded separately, and the last one
 * loses its extension.
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_listing_fold(struct lc_span path, struct lc_buffer *out,
                                             struct lc_error *err);

/** Return the size of a path without its extension, which is a dot after another
 * character, and at most 5 letters or digits. */
size_t lc_listing_stem(struct lc_span path);

#endif
