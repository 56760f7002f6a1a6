/* gif.h - the verdict on a GIF file, and the pixels of its first frame */
#ifndef LC_IMAGE_GIF_GIF_H
#define LC_IMAGE_GIF_GIF_H

#include "image/common/decoder.h"
#include "image/common/samples.h"
#include "image/gif/lzw.h"

/** Decode a GIF's first frame. */
lc_image_inspect_fn lc_gif_inspect LC_MUST_CHECK;

/** The first frame of a GIF, as Pillow reads it. */
struct lc_gif_first {
    uint32_t width, height;            /* of the picture, which includes the frame */
    uint32_t left, top, right, bottom; /* of the frame; it may be empty */
    bool is_interlaced;
    int transparent;                  /* the index of a colour, or -1 */
    uint32_t colours[LC_GIF_COLOURS]; /* 0xRRGGBB, by index */
    uint32_t colour_count;            /* those that all versions of Pillow show alike */
    struct lc_gif_pixels pixels;      /* lc_gif_decode decodes them; put is NULL */
};

/**
 * Read up to the pixels of the first frame. What is not valid after that is not looked
 * at.
 *
 * @param out  set if there is a frame; refers to the data, and to itself: must not be
 * moved
 *
 * @return whether there is one
 */
bool lc_gif_open(const uint8_t *data, size_t size, struct lc_gif_first *out);

/** The pixels of a GIF's first frame. */
lc_image_samples_fn lc_gif_read LC_MUST_CHECK;

#endif
