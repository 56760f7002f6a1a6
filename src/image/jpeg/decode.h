/* decode.h - what libjpeg-turbo makes of a JPEG when it is called as Pillow calls it
 */
#ifndef LC_IMAGE_JPEG_DECODE_H
#define LC_IMAGE_JPEG_DECODE_H

#include "base/error.h"
#include "image/common/decoder.h"

/** Why a picture is decoded. */
enum lc_jpeg_pass {
    LC_JPEG_PASS_VERDICT, /* what Pillow makes of it: libjpeg is fed as Pillow feeds it */
    LC_JPEG_PASS_FULL,    /* whether it is blank: at full size */
    LC_JPEG_PASS_WHOLE,   /* whether libjpeg warns when it is given all bytes at once */
    LC_JPEG_PASS_SMALL, /* the same, a few bytes at a time: with plenty of input it takes
                           Huffman codes that do not exist for zeros, in silence */
};

/**
 * Decode a JPEG, whose header Pillow takes, and count libjpeg's warnings.
 *
 * @param out  as lc_jpeg_header_read left it; decode, warnings, detail, rows_decoded,
 *             trailing and blank are set
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: one scratch per thread.
 * Source:  Pillow src/libImaging/JpegDecode.c; libjpeg-turbo 2.1.
 */
LC_MUST_CHECK enum lc_status
lc_jpeg_decode(struct lc_image_scratch *scratch, const uint8_t *data, size_t size,
               const struct lc_image_limits *limits, enum lc_jpeg_pass pass,
               struct lc_image_info *out, struct lc_error *err);

#endif
