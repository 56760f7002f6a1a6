/* pnm.h - PBM, PGM and PPM files */
#ifndef LC_IMAGE_PNM_PNM_H
#define LC_IMAGE_PNM_PNM_H

#include "image/common/decoder.h"

/** Inspect a file that begins with P and a digit from 1 to 6. */
lc_image_inspect_fn lc_pnm_inspect;

#endif
