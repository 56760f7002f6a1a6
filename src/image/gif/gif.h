/* gif.h - the verdict on a GIF file */
#ifndef LC_IMAGE_GIF_GIF_H
#define LC_IMAGE_GIF_GIF_H

#include "image/common/decoder.h"

/** Decode a GIF's first frame. */
lc_image_inspect_fn lc_gif_inspect LC_MUST_CHECK;

#endif
