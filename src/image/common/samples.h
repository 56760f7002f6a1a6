/* samples.h - the pixels of a picture, for code that rewrites it */
#ifndef LC_IMAGE_COMMON_SAMPLES_H
#define LC_IMAGE_COMMON_SAMPLES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lc_image_scratch;

/** Pixels from left to right and from top to bottom, as stored: the orientation is not
 * applied. All zero: no picture. */
struct lc_image_samples {
    uint32_t width;
    uint32_t height;
    uint8_t *rgba; /* 4 bytes per pixel, as convert("RGBA") yields them; the upper 8 bits
                      of 16 */
};

/** Allocate the pixels; the caller has set the size. They are transparent black. Errors:
 * LC_ERR_MEMORY; LC_ERR_USAGE (no pixels, or too many). */
LC_MUST_CHECK enum lc_status lc_image_samples_begin(struct lc_image_samples *samples,
                                                    struct lc_error *err);
void lc_image_samples_clear(struct lc_image_samples *samples);

/**
 * Decode the first picture of a file that was found sound. Refuse a picture with opaque
 * pixels past the end of its palette: Pillow shows them gray up to 10.0, and black since
 * 10.1.
 *
 * Owner:   the caller frees the pixels with lc_image_samples_clear, also on failure.
 * Errors:  LC_ERR_USAGE (the picture cannot be decoded), LC_ERR_MEMORY.
 * Threads: same as for the scratch.
 */
typedef enum lc_status lc_image_samples_fn(struct lc_image_scratch *scratch,
                                           const uint8_t *data, size_t size,
                                           struct lc_image_samples *out,
                                           struct lc_error *err);

/** Receives the pixels of a picture, row by row from the top. */
struct lc_image_rows {
    /* called once, before the rows; false: out of memory */
    bool (*begin)(void *user, uint32_t width, uint32_t height);
    void (*row)(void *user, const uint8_t *rgba); /* as in lc_image_samples */
    void *user;
};

#endif
