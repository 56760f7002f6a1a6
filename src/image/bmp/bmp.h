/* bmp.h - the verdict on a BMP file */
#ifndef LC_IMAGE_BMP_BMP_H
#define LC_IMAGE_BMP_BMP_H

#include "image/common/decoder.h"
#include "image/common/samples.h"

/** Decode a BMP, with or without its file header. */
lc_image_inspect_fn lc_bmp_inspect LC_MUST_CHECK;

/** Read the pixels of a BMP. */
lc_image_samples_fn lc_bmp_read LC_MUST_CHECK;

#endif
