/* packed.h - archives that rows and images may still be packed in; private to src/dataset
 */
#ifndef LC_DATASET_PACKED_H
#define LC_DATASET_PACKED_H

#include "base/buffer.h"
#include "base/error.h"

/**
 * Name archives, compressed rows files and tables in a folder or one level below it, by
 * their suffixes. They are not opened.
 *
 * @param folder  the folder; an unreadable one counts as empty
 * @param out     a text such as "images.zip" or "a.zip, b/c.tar and 7 more" is appended;
 *                nothing if there are none
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_packed_find(const char *folder, struct lc_buffer *out,
                                            struct lc_error *err);

#endif
