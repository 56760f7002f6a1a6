/* png.h - the verdict on a PNG file */
#ifndef LC_IMAGE_PNG_PNG_H
#define LC_IMAGE_PNG_PNG_H

#include "image/common/decoder.h"

/** Decode a PNG. */
lc_image_inspect_fn lc_png_inspect LC_MUST_CHECK;

#endif
