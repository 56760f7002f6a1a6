/* blank.h - checks row by row whether all pixels of a PNG have the same colour */
#ifndef LC_IMAGE_PNG_BLANK_H
#define LC_IMAGE_PNG_BLANK_H

#include "image/png/chunks.h"

/** State of the check after some rows. */
struct lc_png_blank {
    bool possible;           /* all pixels so far have the same colour */
    uint8_t depth, type;     /* bits of a sample, and IHDR's colour type */
    size_t step;             /* bytes of a pixel, at least 1 */
    struct lc_bytes palette; /* three bytes per entry; indexes past it are gray */
    bool by_palette;
    bool has_colour;
    uint32_t colour; /* as converted by convert("RGB") */

    uint8_t *above; /* the unfiltered row above; not maintained while flat is set */
    bool flat;      /* the row above repeats this pixel, of step bytes */
    uint8_t pixel[8];
};

/**
 * Start a picture.
 *
 * @param png    its header and palette have been read
 * @param above  buffer for the longest row; the caller keeps ownership
 */
void lc_png_blank_begin(struct lc_png_blank *blank, const struct lc_png *png,
                        uint8_t *above);

/** Add the pixels outside a frame, which Pillow leaves at 0. */
void lc_png_blank_outside(struct lc_png_blank *blank);

/** Start a pass of an interlaced picture: the row above is 0. */
void lc_png_blank_pass(struct lc_png_blank *blank);

/**
 * Add the next row. This costs next to nothing once two pixels differ.
 *
 * @param row     its filter byte, 0 to 4, and its bytes
 * @param pixels  at least 1
 *
 * Source: PNG specification section 9 (filters); Pillow's Unpack.c, Convert.c.
 */
void lc_png_blank_row(struct lc_png_blank *blank, const uint8_t *row, uint32_t pixels);

#endif
