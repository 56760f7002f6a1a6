/* packed.h - files in which rows and images may still be packed; private to
 * src/dataset */
#ifndef LC_DATASET_PACKED_H
#define LC_DATASET_PACKED_H

#include "base/buffer.h"
#include "base/error.h"

enum lc_packed_kinds {
    LC_PACKED_ALL,
    LC_PACKED_UNREAD,
};

/**
 * Name archives, compressed rows files and tables in a folder or one level below it, by
 * their suffixes. They are not opened.
 *
 * @param folder  the folder; an unreadable one counts as empty
 * @param which   LC_PACKED_UNREAD leaves out archives in which images are looked for
 * @param out     a text such as "images.zip" or "a.zip, b/c.tar and 7 more" is appended;
 *                nothing if there are none
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_packed_find(const char *folder,
                                            enum lc_packed_kinds which,
                                            struct lc_buffer *out, struct lc_error *err);

#endif
