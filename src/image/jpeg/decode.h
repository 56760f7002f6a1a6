/* decode.h - decodes a JPEG with libjpeg-turbo, called as Pillow calls it */
#ifndef LC_IMAGE_JPEG_DECODE_H
#define LC_IMAGE_JPEG_DECODE_H

#include "base/error.h"
#include "image/common/decoder.h"

/** Why a picture is decoded. */
enum lc_jpeg_pass {
    LC_JPEG_PASS_VERDICT, /* for Pillow's verdict: fed in blocks of the size that Pillow
                             uses */
    LC_JPEG_PASS_FULL,    /* to see whether it is blank: at full size */
    LC_JPEG_PASS_WHOLE,   /* for more warnings: fed all at once */
    LC_JPEG_PASS_SMALL,   /* for more warnings: fed a few bytes at a time, as libjpeg only
                             detects unassigned Huffman codes when its input is short */
};

/**
 * Decode a JPEG whose header Pillow accepts, and count libjpeg's warnings.
 *
 * @param out  as set by lc_jpeg_header_read; decode, warnings, detail, rows_decoded,
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
