/* folder.h - the folder of an index: made, locked; private to src/index */
#ifndef LC_INDEX_WRITE_FOLDER_H
#define LC_INDEX_WRITE_FOLDER_H

#include "index/index.h"

#define LC_LOCK_FILE "lock"
#define LC_LOCK_MARK "llava-check " /* before the number of the process */
#define LC_PART_FILE LC_INDEX_FILE ".part"

/** A folder that llava-check made is marked by a file that holds LC_TAG_MARK. */
#define LC_TAG_FILE "CACHEDIR.TAG"
#define LC_TAG_MARK "Made by llava-check"

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
 * Open a file of an index folder that is written in its place, and make it if it does not
 * exist. It is never one that has another name: through a symbolic or hard link a file of
 * the user's would be written, and a FIFO or device has effects when it is opened.
 *
 * @param name  of the file, for the message
 * @param fd    set on success
 *
 * Owner:   the caller closes *fd.
 * Errors:  LC_ERR_INDEX (such a file), LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_index_open_in_place(const char *path, const char *name,
                                                    int *fd, struct lc_error *err);

/**
 * Make a new file in place of the one that has its name, if there is one. What that led
 * to is not touched.
 *
 * @param fd  set on success
 *
 * Owner:   the caller closes *fd.
 * Errors:  LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_index_replace_file(const char *path, int *fd,
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
