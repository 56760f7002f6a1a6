/* piece.h - what a strip or tile must be for every version of libtiff to read it */
#ifndef LC_IMAGE_TIFF_PIECE_H
#define LC_IMAGE_TIFF_PIECE_H

#include "image/tiff/picture.h"

#include <tiffio.h>

/**
 * Tell why some version of libtiff refuses a compressed strip or tile for its bytes.
 *
 * @param tiff    its scratch is overwritten
 * @param file    the open file
 * @param number  of the strip or tile
 * @param size    bytes that it must inflate to
 * @param height  pixel rows in it
 * @return NULL if none does; also where only libtiff can tell: of other compressions, and
 *         of a piece that reaches beyond the file
 *
 * Threads: as tiff's scratch.
 * Source:  libtiff 4.5.0 and 4.7.0, tif_zip.c and tif_webp.c.
 */
const char *lc_tiff_piece_fault(const struct lc_tiff *tiff, TIFF *file, uint32_t number,
                                uint64_t size, uint32_t height);

#endif
