/* jpeg.h - the verdict on a JPEG file */
#ifndef LC_IMAGE_JPEG_JPEG_H
#define LC_IMAGE_JPEG_JPEG_H

#include "image/common/decoder.h"

/** Decode a JPEG, after trying to prove it sound. */
lc_image_inspect_fn lc_jpeg_inspect LC_MUST_CHECK;

#endif
