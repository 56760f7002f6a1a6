/* packed.h - files that rows and images come packed in; private to src/dataset */
#ifndef LC_DATASET_PACKED_H
#define LC_DATASET_PACKED_H

#include "base/buffer.h"
#include "base/error.h"

/**
 * Name what stands in a folder, or one level below it, that is not looked into: archives,
 * compressed rows files and tables, told by their names alone.
 *
 * @param folder  the folder; one that may not be read has nothing
 * @param out     a text such as "images.zip" or "a.zip, b/c.tar and 7 more" is appended,
 *                names as they are on the disk; nothing when there are none
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_packed_find(const char *folder, struct lc_buffer *out,
                                            struct lc_error *err);

#endif
