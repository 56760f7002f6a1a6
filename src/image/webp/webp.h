/* webp.h - the verdict on a WebP file */
#ifndef LC_IMAGE_WEBP_WEBP_H
#define LC_IMAGE_WEBP_WEBP_H

#include "image/common/decoder.h"

/** Decode a WebP's first frame. */
LC_MUST_CHECK lc_image_inspect_fn lc_webp_inspect;

#endif
