/* walk.h - through a folder and all folders in it */
#ifndef LC_STORE_WALK_H
#define LC_STORE_WALK_H

#include "store/folder.h"

/** A longer path is no file's. */
#define LC_WALK_PATH 4096

/** Folders within folders; what is deeper is left out. */
#define LC_WALK_DEPTH 64

enum lc_walk_event {
    LC_WALK_ENTER, /* a folder; first of all the one that is walked, whose path is empty
                    */
    LC_WALK_FILE,
    LC_WALK_LEAVE, /* a folder */
};

/**
 * Called for each file and folder.
 *
 * @param path  relative to the folder that is walked; ends with NUL
 * @return LC_OK to go on; anything else ends the walk and is returned by it
 */
typedef enum lc_status lc_walk_fn(void *user, enum lc_walk_event event,
                                  struct lc_span path, struct lc_error *err);

/**
 * Walk through a folder, in no certain order.
 *
 * Links are told as files and never followed, so that nothing outside of the folder is
 * looked at; folders that cannot be opened, and what is neither file, link nor folder,
 * are left out.
 *
 * Errors:  LC_ERR_MEMORY, and what each returns.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_folder_walk(const struct lc_folder *folder,
                                            lc_walk_fn *each, void *user,
                                            struct lc_error *err);

#endif
