/* outline.h - finds files of undecoded formats that every Pillow refuses */
#ifndef LC_IMAGE_OUTLINE_OUTLINE_H
#define LC_IMAGE_OUTLINE_OUTLINE_H

#include "image/common/decoder.h"

/**
 * Judge a file by its size and the width and height in its header. The verdict stays
 * LC_DECODE_NONE unless every Pillow refuses the file.
 */
lc_image_inspect_fn lc_outline_inspect;

#endif
