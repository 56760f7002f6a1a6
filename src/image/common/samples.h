/* samples.h - the pixels of a picture, for those who rewrite it */
#ifndef LC_IMAGE_COMMON_SAMPLES_H
#define LC_IMAGE_COMMON_SAMPLES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lc_image_scratch;

/** Pixels from left to right and from top to bottom, as they are stored: not turned. All
 * zero is none. */
struct lc_image_samples {
    uint32_t width;
    uint32_t height;
    uint8_t *rgba; /* 4 bytes each, as Pillow's convert("RGBA"); of 16 bits the upper 8 */
};

/** Make space for the pixels; its size is set. They are transparent black. Errors:
 * LC_ERR_MEMORY; LC_ERR_USAGE (none, or too many). */
LC_MUST_CHECK enum lc_status lc_image_samples_begin(struct lc_image_samples *samples,
                                                    struct lc_error *err);
void lc_image_samples_clear(struct lc_image_samples *samples);

/**
 * Decode the first picture of a file that the inspection found to be sound. A picture
 * with opaque pixels past the end of its palette is refused: Pillow shows them gray up
 * to 10.0, and black since 10.1.
 *
 * Owner:   the caller, lc_image_samples_clear, also on failure.
 * Errors:  LC_ERR_USAGE (it cannot be decoded), LC_ERR_MEMORY.
 * Threads: the scratch's.
 */
typedef enum lc_status lc_image_samples_fn(struct lc_image_scratch *scratch,
                                           const uint8_t *data, size_t size,
                                           struct lc_image_samples *out,
                                           struct lc_error *err);

/** Who gets the pixels of a picture, row by row from the top. */
struct lc_image_rows {
    /* called once, before the rows; false: out of memory */
    bool (*begin)(void *user, uint32_t width, uint32_t height);
    void (*row)(void *user, const uint8_t *rgba); /* as in lc_image_samples */
    void *user;
};

#endif
