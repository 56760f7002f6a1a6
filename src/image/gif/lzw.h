/* lzw.h - decodes the LZW codes of a GIF frame, like Pillow's GifDecode.c */
#ifndef LC_IMAGE_GIF_LZW_H
#define LC_IMAGE_GIF_LZW_H

#include <stddef.h>

#include "base/bytes.h"
#include "image/common/tone.h"

enum { LC_GIF_COLOURS = 256 };

/** Receive the next pixels of a frame, as indexes of colours. */
typedef void lc_gif_put_fn(void *user, const uint8_t *indexes, size_t count);

/** A frame's codes and the result of decoding them. */
struct lc_gif_pixels {
    struct lc_bytes file;
    size_t at;               /* offset of the first block of codes */
    unsigned bits;           /* minimum code size, as stored */
    uint64_t wanted;         /* pixels of the frame */
    const uint32_t *colours; /* LC_GIF_COLOURS entries */
    lc_gif_put_fn *put;      /* receives the pixels; NULL: only count them */
    void *user;
    uint64_t got;        /* pixels decoded */
    struct lc_tone tone; /* colours of these pixels, and of those that the caller added
                            before */
};

/** Result of Pillow's decoder. */
enum lc_gif_end {
    LC_GIF_DONE,     /* all pixels have been decoded */
    LC_GIF_CUT,      /* the file ends too early: "image file is truncated" */
    LC_GIF_BROKEN,   /* an invalid code: "broken data stream" */
    LC_GIF_TOO_WIDE, /* codes of more than 12 bits: "bad configuration" */
};

/**
 * Decode codes up to the last pixel.
 *
 * @param pixels  got and tone are updated
 *
 * Threads: any.
 * Source:  GIF89a specification, appendix F; GifDecode.c where that is silent.
 */
enum lc_gif_end lc_gif_decode(struct lc_gif_pixels *pixels);

#endif
