/* fast.h - proves that a PNG's pixels are sound, faster than by reading them */
#ifndef LC_IMAGE_PNG_FAST_H
#define LC_IMAGE_PNG_FAST_H

#include "image/png/rows.h"

/**
 * Try to prove that the pixels are sound and nothing else is to be said of them: all of
 * their chunks and the stream in them are whole, every checksum is right, the stream has
 * exactly the bytes that the header promises, and no row has an unknown filter.
 *
 * @param png   stands anywhere; its tile tells where the pixels begin
 * @param rows  just begun
 * @return true: sound; png stands behind the last chunk of pixels, rows at the end, and
 *         rows->blank has seen all rows it needs. false: not known; png is as it was, and
 *         rows and blank are to be begun again
 *
 * Owner:   the inflated pixels are in the scratch, and of no use afterwards.
 * Threads: as png's scratch.
 */
LC_MUST_CHECK bool lc_png_fast(struct lc_png *png, struct lc_png_rows *rows);

#endif
