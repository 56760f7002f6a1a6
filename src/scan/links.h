/* links.h - the links stage: numbers the images, and maps rows to images and back */
#ifndef LC_SCAN_LINKS_H
#define LC_SCAN_LINKS_H

#include "scan/common/run.h"
#include "scan/common/stages.h"

/**
 * Number the images in the order of their paths.
 *
 * @param rows  path numbers in named are replaced by image numbers; paths must outlive
 *              out
 * @param out   set
 *
 * Owner:   the caller, lc_links_clear, also on failure.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_links_build(struct lc_rows *rows, struct lc_links *out,
                                            struct lc_error *err);

/**
 * Drop images that no row names, and number the others again.
 *
 * @param keep     by image: whether to keep it; must be true for every image that a row
 *                 names
 * @param numbers  by image: set to its new number, or to LC_NOT_KEPT
 */
void lc_links_keep(struct lc_links *links, struct lc_rows *rows, uint32_t *numbers,
                   const bool *keep);

/** Store the images of each row and the rows of each image. Errors: those of writing the
 * index. */
LC_MUST_CHECK enum lc_status lc_links_store(struct lc_run *run,
                                            const struct lc_rows *rows,
                                            const struct lc_links *links,
                                            struct lc_error *err);

#endif
