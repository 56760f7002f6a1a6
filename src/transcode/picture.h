/* picture.h - a decoded picture; private to src/transcode */
#ifndef LC_TRANSCODE_PICTURE_H
#define LC_TRANSCODE_PICTURE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/** Pixels, row by row. All zero: no picture. */
struct lc_picture {
    uint32_t width;
    uint32_t height;
    unsigned channels; /* 1: gray, 3: RGB */
    uint8_t *pixels;
};

/** Allocate the pixels; the caller has set the size and the channels. Errors:
 * LC_ERR_MEMORY, LC_ERR_USAGE (no pixels, or too many). */
LC_MUST_CHECK enum lc_status lc_picture_begin(struct lc_picture *picture,
                                              struct lc_error *err);
void lc_picture_clear(struct lc_picture *picture);

/** Convert an RGB picture to gray if all of its pixels are gray. */
void lc_picture_drop_colours(struct lc_picture *picture);

/** Blend a sample onto white. Source: Pillow libImaging/Paste.c, paste_mask_L, BLEND. */
static inline uint8_t lc_on_white(unsigned value, unsigned alpha)
{
    unsigned sum = 255 * (255 - alpha) + value * alpha + 128;

    return (uint8_t)(((sum >> 8) + sum) >> 8);
}

/* Decode the first frame of a file. If factor exceeds 1, the picture is scaled down and
 * has not been verified, so fail wherever the decoder would have to repair something.
 * Errors: LC_ERR_USAGE, LC_ERR_MEMORY. The caller clears the picture, also on failure. */
typedef enum lc_status lc_picture_read_fn(const uint8_t *data, size_t size,
                                          uint32_t factor, struct lc_picture *out,
                                          struct lc_error *err);
typedef enum lc_status lc_picture_write_fn(const struct lc_picture *picture,
                                           struct lc_buffer *out, struct lc_error *err);

lc_picture_read_fn lc_picture_read_jpeg;
lc_picture_read_fn lc_picture_read_png;
lc_picture_read_fn lc_picture_read_webp;
lc_picture_read_fn lc_picture_read_gif;
lc_picture_read_fn lc_picture_read_bmp;
lc_picture_read_fn lc_picture_read_tiff;
lc_picture_write_fn lc_picture_write_jpeg;
lc_picture_write_fn lc_picture_write_png;
lc_picture_write_fn lc_picture_write_webp;

/** Fail because a library cannot decode or encode the picture. */
enum lc_status lc_picture_fail(struct lc_error *err);

#endif
