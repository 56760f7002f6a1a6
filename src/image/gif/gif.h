/* gif.h - the verdict on a GIF file, and the pixels of its first frame */
#ifndef LC_IMAGE_GIF_GIF_H
#define LC_IMAGE_GIF_GIF_H

#include "image/common/decoder.h"
#include "image/common/samples.h"
#include "image/gif/lzw.h"

/** Decode a GIF's first frame. */
lc_image_inspect_fn lc_gif_inspect LC_MUST_CHECK;

/** The first frame of a GIF, as read by Pillow. */
struct lc_gif_first {
    uint32_t width, height;            /* size of the picture, which includes the frame */
    uint32_t left, top, right, bottom; /* borders of the frame; it may be empty */
    bool is_interlaced;
    int transparent;                  /* colour index, or -1 */
    uint32_t colours[LC_GIF_COLOURS]; /* 0xRRGGBB, by index */
    uint32_t colour_count;            /* number of colours that all versions of Pillow
                                         show alike */
    struct lc_gif_pixels pixels;      /* for lc_gif_decode; put is NULL */
};

/**
 * Read a GIF up to the pixels of its first frame. Anything invalid after that is ignored.
 *
 * @param out  set if there is a frame; points into data and into itself, so it must not
 *             be moved
 *
 * @return whether there is a frame
 */
bool lc_gif_open(const uint8_t *data, size_t size, struct lc_gif_first *out);

/** Read the pixels of a GIF's first frame. */
lc_image_samples_fn lc_gif_read LC_MUST_CHECK;

#endif
