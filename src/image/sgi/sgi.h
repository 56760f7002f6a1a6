/* sgi.h - Silicon Graphics images */
#ifndef LC_IMAGE_SGI_SGI_H
#define LC_IMAGE_SGI_SGI_H

#include "image/common/decoder.h"

/** Inspect a file that begins with 01 DA. */
lc_image_inspect_fn lc_sgi_inspect;

#endif
