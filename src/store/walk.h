/* walk.h - visits all files of a folder and of its subfolders */
#ifndef LC_STORE_WALK_H
#define LC_STORE_WALK_H

#include "store/folder.h"

/** Maximum length of a path; longer ones are skipped, as no system call would accept
 * them. */
#define LC_WALK_PATH 4096

/** Maximum nesting of folders; deeper ones are skipped. */
#define LC_WALK_DEPTH 64

enum lc_walk_event {
    LC_WALK_ENTER, /* a folder; first the root itself, whose path is empty */
    LC_WALK_FILE,
    LC_WALK_LEAVE, /* a folder */
};

/**
 * Called for each file and folder.
 *
 * @param path  relative to the root; NUL-terminated
 * @return LC_OK to continue; anything else ends the walk, which returns it
 */
typedef enum lc_status lc_walk_fn(void *user, enum lc_walk_event event,
                                  struct lc_span path, struct lc_error *err);

/**
 * Visit all files of a folder and of its subfolders, in no particular order.
 *
 * Links are reported as files and never followed, so nothing outside the folder is read.
 * Folders that cannot be opened or listed, and anything but files, links and folders, are
 * skipped.
 *
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY, and whatever the callback returns.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_folder_walk(const struct lc_folder *folder,
                                            lc_walk_fn *each, void *user,
                                            struct lc_error *err);

#endif
