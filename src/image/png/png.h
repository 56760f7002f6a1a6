/* png.h - the verdict on a PNG file */
#ifndef LC_IMAGE_PNG_PNG_H
#define LC_IMAGE_PNG_PNG_H

#include "image/common/decoder.h"
#include "image/common/samples.h"

/** Decode a PNG. */
lc_image_inspect_fn lc_png_inspect LC_MUST_CHECK;

/**
 * Pass on the pixels of a PNG of any size. The whole picture is held in memory only if it
 * is interlaced or has a frame smaller than itself. Samples of 16 bits are reduced to
 * their upper 8. A transparent colour is compared with the stored samples, as the
 * specification requires; Pillow only does that for 8 bits.
 *
 * Errors:  LC_ERR_USAGE (the picture is not sound, or too unusual), LC_ERR_MEMORY. Some
 *          rows may have been passed on before.
 * Threads: same as for the scratch.
 */
LC_MUST_CHECK enum lc_status lc_png_read(struct lc_image_scratch *scratch,
                                         const uint8_t *data, size_t size,
                                         const struct lc_image_rows *rows,
                                         struct lc_error *err);

#endif
