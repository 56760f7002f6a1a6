/* links.h - the links stage: numbers the images, and maps rows to images and back */
#ifndef LC_SCAN_LINKS_H
#define LC_SCAN_LINKS_H

#include "scan/common/run.h"
#include "scan/common/stages.h"

/**
 * Number the images in the order of their paths, and store the images of each row and the
 * rows of each image.
 *
 * @param rows  path numbers in named are replaced by image numbers; paths must outlive
 *              out
 * @param out   set
 *
 * Owner:   the caller, lc_links_clear, also on failure.
 * Errors:  LC_ERR_MEMORY, and those of writing the index.
 */
LC_MUST_CHECK enum lc_status lc_links_build(struct lc_run *run, struct lc_rows *rows,
                                            struct lc_links *out, struct lc_error *err);

#endif
