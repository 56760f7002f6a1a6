/* folder.h - creates and locks the folder of an index; private to src/index */
#ifndef LC_INDEX_WRITE_FOLDER_H
#define LC_INDEX_WRITE_FOLDER_H

#include "index/index.h"

#define LC_LOCK_FILE "lock"
#define LC_LOCK_MARK "llava-check " /* followed by the process id */
#define LC_PART_FILE LC_INDEX_FILE ".part"

/** A folder that llava-check created has a file LC_TAG_FILE that contains LC_TAG_MARK. */
#define LC_TAG_FILE "CACHEDIR.TAG"
#define LC_TAG_MARK "Made by llava-check"

/**
 * Create an index folder and its parents, unless they exist. A new folder gets the files
 * that make git and backups skip it.
 *
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_make_folder(const char *folder,
                                                  struct lc_error *err);

/**
 * Lock an index folder for this process.
 *
 * @param lock  set to a file that holds the lock until it is closed or the process ends,
 *              or to -1 on failure
 *
 * Errors:  LC_ERR_INDEX (another process holds it; the message has its id), LC_ERR_IO,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_lock(const char *folder, int *lock,
                                           struct lc_error *err);

/**
 * Open a file of an index folder that is modified in place; create it if it does not
 * exist.
 *
 * Links, FIFOs and devices are refused: writing through a symbolic or hard link would
 * modify a file of the user, and opening a FIFO or device has side effects.
 *
 * @param name  the file's name, for the message
 * @param fd    set on success
 *
 * Owner:   the caller closes *fd.
 * Errors:  LC_ERR_INDEX (a link, FIFO or device), LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_index_open_in_place(const char *path, const char *name,
                                                    int *fd, struct lc_error *err);

/**
 * Create a new file, after removing any existing one with that name. If that is a link,
 * its target is not touched.
 *
 * @param fd  set on success
 *
 * Owner:   the caller closes *fd.
 * Errors:  LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_index_replace_file(const char *path, int *fd,
                                                   struct lc_error *err);

/**
 * Create an empty file in the system's folder for temporary files.
 *
 * @param fd  set to the file, open for reading and writing
 *
 * Owner:   the caller frees *out, closes *fd, and removes the file.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_temporary(char **out, int *fd,
                                                struct lc_error *err);

/** Sync a folder, so that renames in it reach the disk. Errors: LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_index_sync_folder(const char *folder,
                                                  struct lc_error *err);

#endif
