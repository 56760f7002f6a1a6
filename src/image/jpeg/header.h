/* header.h - parses a JPEG's markers up to the first scan, as Pillow does */
#ifndef LC_IMAGE_JPEG_HEADER_H
#define LC_IMAGE_JPEG_HEADER_H

#include "base/error.h"
#include "image/common/facts.h"

#include <stddef.h>

/**
 * Check whether Pillow's Image.open accepts the header of a JPEG.
 *
 * Pillow parses the markers itself before libjpeg sees the file, and refuses some that
 * libjpeg accepts.
 *
 * @param data  begins with FF D8 FF
 * @param info  width, height, mode, orientation and frames are set as far as they can be
 *              read; decode and detail are set if Pillow refuses the file
 * @return true: Image.open succeeds, unless the picture exceeds its pixel limit
 *
 * Threads: any.
 * Source:  Pillow 9.4 JpegImagePlugin.py, MpoImagePlugin.py; ITU-T T.81 annex B. From
 *          Pillow 10.4 on a broken Exif block is no longer refused.
 */
LC_MUST_CHECK bool lc_jpeg_header_read(const uint8_t *data, size_t size,
                                       struct lc_image_info *info);

#endif
