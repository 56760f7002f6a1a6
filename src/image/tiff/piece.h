/* piece.h - checks that every version of libtiff accepts a strip or tile */
#ifndef LC_IMAGE_TIFF_PIECE_H
#define LC_IMAGE_TIFF_PIECE_H

#include "image/tiff/picture.h"

#include <tiffio.h>

/**
 * Find out whether some version of libtiff refuses the data of a compressed strip or
 * tile.
 *
 * @param tiff    its scratch is overwritten
 * @param file    the open file
 * @param number  index of the strip or tile
 * @param size    bytes that the data must inflate to
 * @param height  pixel rows in it
 * @return the reason, or NULL if there is none; also NULL if libtiff itself must decide:
 *         for other compressions, and for a piece that is not completely in the file
 *
 * Threads: same as for tiff's scratch.
 * Source:  libtiff 4.5.0 and 4.7.0, tif_zip.c and tif_webp.c.
 */
const char *lc_tiff_piece_fault(const struct lc_tiff *tiff, TIFF *file, uint32_t number,
                                uint64_t size, uint32_t height);

#endif
