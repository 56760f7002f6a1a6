/* tga.h - Truevision TGA files */
#ifndef LC_IMAGE_TGA_TGA_H
#define LC_IMAGE_TGA_TGA_H

#include "image/common/decoder.h"

/** Inspect a file that was recognised as TGA: at least 18 bytes. */
lc_image_inspect_fn lc_tga_inspect;

#endif
