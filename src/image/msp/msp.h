/* msp.h - Windows Paint files */
#ifndef LC_IMAGE_MSP_MSP_H
#define LC_IMAGE_MSP_MSP_H

#include "image/common/decoder.h"

/** Inspect a file that begins with "DanM" or "LinS". */
lc_image_inspect_fn lc_msp_inspect;

#endif
