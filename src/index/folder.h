/* folder.h - the folder of an index: made, locked; private to src/index */
#ifndef LC_INDEX_FOLDER_H
#define LC_INDEX_FOLDER_H

#include "base/error.h"

/**
 * Make an index folder and those above it, unless they are there. A folder that is made
 * is marked as one that can be made again, for git and for backups.
 *
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_make_folder(const char *folder,
                                                  struct lc_error *err);

/**
 * Hold an index folder for this process.
 *
 * @param lock  set to a file that holds the lock until it is closed, however the process
 *              ends; -1 when there is none
 *
 * Errors:  LC_ERR_INDEX (another process holds it; the message says which), LC_ERR_IO,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_lock(const char *folder, int *lock,
                                           struct lc_error *err);

/**
 * Make an empty file in the folder for temporary files.
 *
 * @param fd  set to the file, open to read and write
 *
 * Owner:   the caller frees *out, closes *fd, and removes the file.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_temporary(char **out, int *fd,
                                                struct lc_error *err);

/** Put what was renamed in a folder on the disk. Errors: LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_index_sync_folder(const char *folder,
                                                  struct lc_error *err);

#endif
