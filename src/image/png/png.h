/* png.h - the verdict on a PNG file */
#ifndef LC_IMAGE_PNG_PNG_H
#define LC_IMAGE_PNG_PNG_H

#include "image/common/decoder.h"
#include "image/common/samples.h"

/** Decode a PNG. */
lc_image_inspect_fn lc_png_inspect LC_MUST_CHECK;

/**
 * Pass the pixels of a PNG on, of any size: only a picture that is interlaced, or a frame
 * smaller than it, is in memory as a whole. A sample of 16 bits has its upper 8; a
 * transparent colour is compared with what is stored, as the specification has it, which
 * Pillow only does for 8 bits.
 *
 * Errors:  LC_ERR_USAGE (it is not sound, or too odd), LC_ERR_MEMORY. Some rows may have
 *          been passed on by then.
 * Threads: the scratch's.
 */
LC_MUST_CHECK enum lc_status lc_png_read(struct lc_image_scratch *scratch,
                                         const uint8_t *data, size_t size,
                                         const struct lc_image_rows *rows,
                                         struct lc_error *err);

#endif
