/* pcx.h - PCX files */
#ifndef LC_IMAGE_PCX_PCX_H
#define LC_IMAGE_PCX_PCX_H

#include "image/common/decoder.h"

/** Inspect a file that was recognised as PCX: at least 68 bytes. */
lc_image_inspect_fn lc_pcx_inspect;

#endif
