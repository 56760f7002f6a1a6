/* fast.h - proves that a PNG's pixels are sound, faster than by decoding them */
#ifndef LC_IMAGE_PNG_FAST_H
#define LC_IMAGE_PNG_FAST_H

#include "image/png/rows.h"

/**
 * Try to prove that the pixels are sound and that the decoder would not warn.
 *
 * @param png   at any position; its tile is where the pixels begin
 * @param rows  at the first row
 * @return true: sound; png is past the last chunk of pixels, rows at the end, and
 *         rows->blank and rows->alpha are complete. false: unknown; png is unchanged, and
 * rows, blank and alpha must be set up again
 *
 * Owner:   the inflated pixels are left in the scratch buffer, for nobody's use.
 * Threads: as png's scratch.
 */
LC_MUST_CHECK bool lc_png_prove(struct lc_png *png, struct lc_png_rows *rows);

/** Whether the chunks of pixels that follow one another are complete and have the right
 * checksums, which Pillow does not look at. True for a frame of an animation. */
bool lc_png_is_intact(const struct lc_png *png);

#endif
