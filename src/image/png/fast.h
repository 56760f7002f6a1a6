/* fast.h - proves that a PNG's pixels are sound, faster than decoding them */
#ifndef LC_IMAGE_PNG_FAST_H
#define LC_IMAGE_PNG_FAST_H

#include "image/png/rows.h"

/**
 * Try to prove that the pixels are sound and that the decoder would not warn.
 *
 * @param png   at any position; its tile says where the pixels begin
 * @param rows  positioned at the first row
 * @return true: sound; png is past the last pixel chunk, rows is at the end, and
 *         rows->blank and rows->alpha are complete. false: unknown; png is unchanged, and
 *         rows, blank and alpha must be set up again
 *
 * Owner:   the scratch buffer is overwritten; its contents are of no use to the caller.
 * Threads: same as for png's scratch.
 */
LC_MUST_CHECK bool lc_png_prove(struct lc_png *png, struct lc_png_rows *rows);

/** Whether the consecutive pixel chunks are complete and have correct checksums, which
 * Pillow does not verify. Always true for a frame of an animation. */
bool lc_png_is_intact(const struct lc_png *png);

#endif
