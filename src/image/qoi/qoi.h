/* qoi.h - QOI files */
#ifndef LC_IMAGE_QOI_QOI_H
#define LC_IMAGE_QOI_QOI_H

#include "image/common/decoder.h"

/** Inspect a file that begins with "qoif". */
lc_image_inspect_fn lc_qoi_inspect;

#endif
