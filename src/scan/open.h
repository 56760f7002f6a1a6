/* open.h - opens the index that belongs to a data set */
#ifndef LC_SCAN_OPEN_H
#define LC_SCAN_OPEN_H

#include "index/index.h"

/**
 * Open the index of a data set, if it is intact.
 *
 * @param wanted  the index folder that the user named, or NULL
 * @param data    set to the data folder
 *
 * Owner:   the caller frees data, also on failure, and closes the index.
 * Errors:  LC_ERR_USAGE (no index), LC_ERR_INDEX (damaged, or of another version),
 *          LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_open_index_of(const char *const *paths, size_t count,
                                              const char *wanted, char **data,
                                              struct lc_index **out,
                                              struct lc_error *err);

/**
 * Open an index that a user named, to merge it.
 *
 * @param path   an index folder or file
 * @param trust  how far to trust indexes that the user named
 * @param file   set to the path of the index file
 *
 * Owner:   the caller frees *file, also on failure, and closes the index.
 * Errors:  LC_ERR_USAGE (no index), LC_ERR_INDEX (damaged, of another version, or not
 *          signed with the key that is required), LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_open_named_index(const char *path,
                                                 const struct lc_trust *trust,
                                                 char **file, struct lc_index **out,
                                                 struct lc_error *err);

#endif
