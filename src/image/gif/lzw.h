/* lzw.h - follows the codes of a GIF's picture, as Pillow's GifDecode.c */
#ifndef LC_IMAGE_GIF_LZW_H
#define LC_IMAGE_GIF_LZW_H

#include <stddef.h>

#include "base/bytes.h"
#include "image/common/tone.h"

enum { LC_GIF_COLOURS = 256 };

/** A picture's codes, and what is wanted of them. */
struct lc_gif_pixels {
    struct lc_bytes file;
    size_t at;               /* where the first block of codes begins */
    unsigned bits;           /* of a first code, as stored */
    uint64_t wanted;         /* pixels */
    const uint32_t *colours; /* LC_GIF_COLOURS of them */
    uint64_t got;            /* pixels that are there */
    struct lc_tone tone;     /* of these, and of what the caller saw before */
};

/** How Pillow's decoder ends. */
enum lc_gif_end {
    LC_GIF_DONE,     /* the last pixel is there */
    LC_GIF_CUT,      /* the file ends before: "image file is truncated" */
    LC_GIF_BROKEN,   /* a code that cannot be: "broken data stream" */
    LC_GIF_TOO_WIDE, /* more bits than a code can have: "bad configuration" */
};

/**
 * Follow the codes to the last pixel. Pixels are counted, not stored.
 *
 * @param pixels  got and tone are updated
 *
 * Threads: any.
 * Source:  GIF89a specification, appendix F; what Pillow does where it is silent.
 */
enum lc_gif_end lc_gif_follow(struct lc_gif_pixels *pixels);

#endif
