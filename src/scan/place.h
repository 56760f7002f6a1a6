/* place.h - picks the folder for a data set's index */
#ifndef LC_SCAN_PLACE_H
#define LC_SCAN_PLACE_H

#include "base/error.h"

#include <stdbool.h>

/**
 * Pick the folder for a data set's index.
 *
 * @param folder    the data folder
 * @param single    name for a rows file that is checked alone and has its own index;
 *                  NULL: the whole folder is checked
 * @param wanted    the folder that the user named, or NULL
 * @param to_write  whether it has to be writable
 * @param out       set to the folder's path
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_IO when no folder is usable, LC_ERR_USAGE for a link or file in its
 *          place, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_place_index(const char *folder, const char *single,
                                            const char *wanted, bool to_write, char **out,
                                            struct lc_error *err);

/**
 * Pick a folder in the user's cache, for an index that the data folder cannot hold.
 * Parameters, owner and errors as above.
 */
LC_MUST_CHECK enum lc_status lc_place_index_in_cache(const char *folder,
                                                     const char *single, char **out,
                                                     struct lc_error *err);

#endif
