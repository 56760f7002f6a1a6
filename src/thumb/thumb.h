/* thumb.h - small pictures of images with findings, for reports to show
 *
 * They are made before a report is written: a report reads no data.
 */
#ifndef LC_THUMB_THUMB_H
#define LC_THUMB_THUMB_H

#include "base/text.h"
#include "index/index.h"
#include "llava_check/thumbnails.h"

#include <stddef.h>
#include <stdint.h>

/** Pictures of the first findings of each rule. */
#define LC_THUMB_OF_RULE 5

/** Bytes of base64 of all pictures together. */
#define LC_THUMB_TEXT ((size_t)400000)

/** Bytes of a file that is read. */
#define LC_THUMB_FILE ((uint64_t)16 << 20)

/** A picture; its text and caption live as long as the thumbnails. */
struct lc_thumb_picture {
    const char *jpeg;       /* in base64 */
    uint32_t width, height; /* pixels */
    const char *caption;    /* what it shows, static: "as it is loaded" */
    struct lc_span of;      /* path of the image that it shows, if not the one with the
                               finding; else empty. Foreign text */
};

/** What is shown of an image with a finding. */
struct lc_thumbnail {
    size_t rule;    /* enum lc_rule_index */
    uint32_t image; /* its number in the index */
    struct lc_thumb_picture pictures[2];
    size_t count;    /* of them */
    const char *why; /* why there is no picture, static; NULL: there is one */
};

/** The thumbnails, in the order of findings. Owner: as the thumbnails. */
const struct lc_thumbnail *lc_thumbnails_all(const struct lc_thumbnails *thumbnails,
                                             size_t *count);

#endif
