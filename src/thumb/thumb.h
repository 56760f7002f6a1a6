/* thumb.h - small pictures of images with findings, for reports to show
 *
 * They are made before a report is written, because reports do not read data. */
#ifndef LC_THUMB_THUMB_H
#define LC_THUMB_THUMB_H

#include "base/text.h"
#include "index/index.h"
#include "llava_check/thumbnails.h"

#include <stddef.h>
#include <stdint.h>

/** Number of findings of each rule that get pictures: the first ones. */
#define LC_THUMB_OF_RULE 5

/** Maximum bytes of base64, for all pictures together. */
#define LC_THUMB_TEXT ((size_t)400000)

/** Maximum size of a file that is read. */
#define LC_THUMB_FILE ((uint64_t)16 << 20)

/** A picture; text and caption are valid as long as the thumbnails. */
struct lc_thumb_picture {
    const char *jpeg;       /* in base64 */
    uint32_t width, height; /* pixels */
    const char *caption;    /* description, static: "as it is loaded" */
    struct lc_span of;      /* path of the image shown, if it is not the one with the
                               finding; else empty. Foreign text */
};

/** The pictures for one image with a finding. */
struct lc_thumbnail {
    size_t rule;    /* enum lc_rule_index */
    uint32_t image; /* the image's number in the index */
    struct lc_thumb_picture pictures[2];
    size_t count;    /* number of pictures */
    const char *why; /* why there is no picture, static; NULL if there is one */
};

/** Return the thumbnails in the order of their findings. Owner: the array belongs to the
 * thumbnails. */
const struct lc_thumbnail *lc_thumbnails_all(const struct lc_thumbnails *thumbnails,
                                             size_t *count);

#endif
