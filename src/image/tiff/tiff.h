/* tiff.h - the verdict on a TIFF file */
#ifndef LC_IMAGE_TIFF_TIFF_H
#define LC_IMAGE_TIFF_TIFF_H

#include "image/common/decoder.h"
#include "image/common/samples.h"

/** Decode a TIFF's first picture. */
lc_image_inspect_fn lc_tiff_inspect LC_MUST_CHECK;

/** Read the pixels of a TIFF's first picture, except of modes I, F and LAB. */
lc_image_samples_fn lc_tiff_read LC_MUST_CHECK;

#endif
