/* webp.h - the verdict on a WebP file */
#ifndef LC_IMAGE_WEBP_WEBP_H
#define LC_IMAGE_WEBP_WEBP_H

#include "image/common/decoder.h"

/** Decode a WebP's first frame. */
lc_image_inspect_fn lc_webp_inspect LC_MUST_CHECK;

#endif
