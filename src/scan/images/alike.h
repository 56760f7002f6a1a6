/* alike.h - stores look-ups of images by content and by path, and reports images with the
 * same content and paths that differ only in case */
#ifndef LC_SCAN_IMAGES_ALIKE_H
#define LC_SCAN_IMAGES_ALIKE_H

#include "scan/common/run.h"
#include "scan/common/stages.h"

/** The number to sort with an image's content: the image number, with whether the file is
 * an image at all in the lowest bit. */
static inline uint64_t lc_content_number(uint32_t image, uint8_t content_kind)
{
    return (uint64_t)image << 1 |
           (content_kind >= LC_CONTENT_JPEG && content_kind <= LC_CONTENT_OTHER_IMAGE);
}

/**
 * Store the look-up of images by content, and report images with the same content.
 *
 * @param contents  hashes of the files that were read, each with its lc_content_number,
 *                  in the order of images
 *
 * Errors: LC_ERR_MEMORY, LC_ERR_IO, LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_alike_store_contents(struct lc_run *run,
                                                     const struct lc_links *links,
                                                     struct lc_sorter *contents,
                                                     struct lc_error *err);

/**
 * Store the look-up of images by path, and report paths that differ only in case.
 *
 * @param may_exist  by image: false if its file is known to be missing; such a path does
 *                   not clash with any other
 *
 * Errors: as lc_alike_store_contents.
 */
LC_MUST_CHECK enum lc_status lc_alike_store_paths(struct lc_run *run,
                                                  const struct lc_links *links,
                                                  const bool *may_exist,
                                                  struct lc_error *err);

#endif
