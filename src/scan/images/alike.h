/* alike.h - images are stored by content and by path; those that are alike are findings
 */
#ifndef LC_SCAN_IMAGES_ALIKE_H
#define LC_SCAN_IMAGES_ALIKE_H

#include "scan/common/run.h"
#include "scan/common/stages.h"

/** What stands for an image among the contents: its number, and whether it is one. */
static inline uint64_t lc_content_number(uint32_t image, uint8_t content_kind)
{
    return (uint64_t)image << 1 |
           (content_kind >= LC_CONTENT_JPEG && content_kind <= LC_CONTENT_OTHER_IMAGE);
}

/**
 * Store which images have which content, and report those of the same.
 *
 * @param contents  of the files that were read, each with its lc_content_number, in order
 *                  of images
 *
 * Errors: LC_ERR_MEMORY, LC_ERR_IO, LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_alike_store_contents(struct lc_run *run,
                                                     const struct lc_links *links,
                                                     struct lc_sorter *contents,
                                                     struct lc_error *err);

/**
 * Store which path is which image's, and report paths that differ in case alone.
 *
 * @param there  by image: its file may be there; what is missing clashes with nothing
 *
 * Errors: as lc_alike_store_contents.
 */
LC_MUST_CHECK enum lc_status lc_alike_store_paths(struct lc_run *run,
                                                  const struct lc_links *links,
                                                  const bool *there,
                                                  struct lc_error *err);

#endif
