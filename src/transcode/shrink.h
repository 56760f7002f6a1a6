/* shrink.h - scales a picture down while its rows arrive; private to src/transcode
 *
 * Each pixel is the mean of a square of FACTOR x FACTOR pixels, as in Pillow's
 * Image.reduce(FACTOR); at the right and bottom edges, the mean of the pixels that are
 * left. */
#ifndef LC_TRANSCODE_SHRINK_H
#define LC_TRANSCODE_SHRINK_H

#include "transcode/picture.h"

/** Sums over the squares that are not complete yet. All zero: nothing to free. */
struct lc_shrink {
    struct lc_picture *out;
    uint32_t factor; /* 1: rows are copied */
    uint32_t width, height;
    uint32_t y;     /* number of the next row */
    uint32_t *sums; /* sums of the samples in each square */
};

/** Set up a picture that is scaled down from width by height pixels with out->channels.
 * Errors: LC_ERR_MEMORY, LC_ERR_USAGE (it would be empty or too large). */
LC_MUST_CHECK enum lc_status lc_shrink_begin(struct lc_shrink *shrink, uint32_t width,
                                             uint32_t height, struct lc_error *err);

/** Add the next row. Rows after the last one are ignored. */
void lc_shrink_row(struct lc_shrink *shrink, const uint8_t *row);

/** Free the sums. Returns whether all rows have been added. */
bool lc_shrink_end(struct lc_shrink *shrink);

#endif
