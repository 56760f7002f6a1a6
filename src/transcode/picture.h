/* picture.h - a decoded picture; private to src/transcode */
#ifndef LC_TRANSCODE_PICTURE_H
#define LC_TRANSCODE_PICTURE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/** Pixels, row by row. All zero is none. */
struct lc_picture {
    uint32_t width;
    uint32_t height;
    unsigned channels; /* 1: gray, 3: RGB */
    uint8_t *pixels;
};

/** Make space for the pixels; its size and channels are set. Errors: LC_ERR_MEMORY,
 * LC_ERR_USAGE (there are none, or too many). */
LC_MUST_CHECK enum lc_status lc_picture_begin(struct lc_picture *picture,
                                              struct lc_error *err);
void lc_picture_clear(struct lc_picture *picture);

/** If all pixels of an RGB picture are gray, make it a gray one. */
void lc_picture_drop_colours(struct lc_picture *picture);

/** A sample on white. Source: Pillow libImaging/Paste.c, paste_mask_L, BLEND. */
static inline uint8_t lc_on_white(unsigned value, unsigned alpha)
{
    unsigned sum = 255 * (255 - alpha) + value * alpha + 128;

    return (uint8_t)(((sum >> 8) + sum) >> 8);
}

/* Decode the first frame, and encode. What is scaled down, by a factor over 1, has not
 * been verified: reading fails at what a decoder repairs. Errors: LC_ERR_USAGE,
 * LC_ERR_MEMORY. The caller clears the picture, also on failure. */
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

/** lc_fail for a picture that a library cannot decode or encode. */
enum lc_status lc_picture_fail(struct lc_error *err);

#endif
