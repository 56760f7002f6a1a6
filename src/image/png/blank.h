/* blank.h - tells whether all pixels of a PNG are of one colour, row by row */
#ifndef LC_IMAGE_PNG_BLANK_H
#define LC_IMAGE_PNG_BLANK_H

#include "image/png/chunks.h"

/** What is known of the rows so far. */
struct lc_png_blank {
    bool possible;           /* all pixels so far have one colour */
    uint8_t depth, type;     /* bits of a sample, and IHDR's colour type */
    size_t step;             /* bytes of a pixel, at least 1 */
    struct lc_bytes palette; /* three bytes an entry; the others are the gray ramp */
    bool by_palette;
    bool has_colour;
    uint32_t colour; /* as convert("RGB") has it */

    uint8_t *above; /* the row above without its filter; not written while flat is set */
    bool flat;      /* it is made of this pixel, of step bytes, again and again */
    uint8_t pixel[8];
};

/**
 * Begin a picture.
 *
 * @param png    its header and palette were read
 * @param above  room for the longest row, owned by the caller until the last one
 */
void lc_png_blank_begin(struct lc_png_blank *blank, const struct lc_png *png,
                        uint8_t *above);

/** Say that pixels outside the frame stay as Pillow made them: 0. */
void lc_png_blank_outside(struct lc_png_blank *blank);

/** Begin a pass of an interlaced picture: the row above is 0. */
void lc_png_blank_pass(struct lc_png_blank *blank);

/**
 * Look at the next row. It costs next to nothing once a row had two colours.
 *
 * @param row     its filter byte, 0 to 4, and its bytes
 * @param pixels  at least 1
 *
 * Source: PNG specification section 9 (filters); Pillow's Unpack.c, Convert.c.
 */
void lc_png_blank_row(struct lc_png_blank *blank, const uint8_t *row, uint32_t pixels);

#endif
