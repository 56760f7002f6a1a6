/* place.h - which folder a data set's index is in */
#ifndef LC_SCAN_PLACE_H
#define LC_SCAN_PLACE_H

#include "base/error.h"

#include <stdbool.h>

/**
 * Choose the folder that a data set's index goes to.
 *
 * @param folder    the data folder
 * @param single    the name of the one rows file in it that is checked, which has an
 *                  index of its own; NULL: the whole folder is checked
 * @param wanted    the folder that the user named, or NULL
 * @param to_write  whether it must be possible to write into it
 * @param out       set to the folder's path
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_IO when there is no place, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_place_index(const char *folder, const char *single,
                                            const char *wanted, bool to_write, char **out,
                                            struct lc_error *err);

/**
 * The folder for the index when the data folder cannot hold it: in the user's cache.
 * Parameters, owner and errors as above.
 */
LC_MUST_CHECK enum lc_status lc_place_index_in_cache(const char *folder,
                                                     const char *single, char **out,
                                                     struct lc_error *err);

#endif
