/* kept.h - the images of rows in memory, by their paths in the rows; private to
 * src/import */
#ifndef LC_IMPORT_KEPT_H
#define LC_IMPORT_KEPT_H

#include "base/buffer.h"
#include "base/error.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stdint.h>

/** Images in the order of their rows. Their bytes belong to Arrow arrays. */
struct lc_kept_images {
    struct lc_buffer items; /* struct kept_image */
    struct lc_buffer paths;
};

/**
 * Remember where an image is.
 *
 * @param path  "ROW.", with the number of its row, followed by a text that makes it
 *              unique; rows must not descend
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_kept_add(struct lc_kept_images *kept, uint64_t row,
                                         struct lc_span path, struct lc_span bytes,
                                         struct lc_error *err);

/** Find the bytes of the image with this path; returns false if there is none. Threads:
 * any. */
bool lc_kept_find(const struct lc_kept_images *kept, const char *path,
                  struct lc_span *out);

/** Forget all images, but keep the memory for reuse. */
void lc_kept_reset(struct lc_kept_images *kept);
/** Free everything. */
void lc_kept_clear(struct lc_kept_images *kept);

#endif
