/* alpha.h - checks row by row whether a PNG has a pixel that is not opaque */
#ifndef LC_IMAGE_PNG_ALPHA_H
#define LC_IMAGE_PNG_ALPHA_H

#include "image/png/chunks.h"

/** How a picture can be transparent. */
enum lc_png_alpha_kind {
    LC_PNG_ALPHA_NONE,
    LC_PNG_ALPHA_CHANNEL,
    LC_PNG_ALPHA_KEY,     /* one gray level or colour is transparent: tRNS */
    LC_PNG_ALPHA_PALETTE, /* some palette entries are transparent: tRNS */
};

/** State of the check after some rows. */
struct lc_png_alpha {
    enum lc_png_alpha_kind kind;
    bool found;             /* a pixel is not opaque; further rows are ignored */
    bool first_row;         /* the next row is the first of the picture or of a pass */
    uint8_t depth;          /* bits of a sample */
    size_t step;            /* bytes of a pixel, at least 1 */
    struct lc_bytes alphas; /* PALETTE: alphas of the first entries */
    uint8_t key[6];         /* KEY: the pixel, as stored */
    uint8_t *above;         /* KEY, PALETTE: the unfiltered row above */
};

/**
 * Start a picture.
 *
 * @param png    its header and tRNS have been read
 * @param above  buffer for the longest row; the caller keeps ownership
 */
void lc_png_alpha_begin(struct lc_png_alpha *alpha, const struct lc_png *png,
                        uint8_t *above);

/** Add pixels that Pillow leaves at 0: those outside a frame, or in missing rows. */
void lc_png_alpha_zero(struct lc_png_alpha *alpha);

/** Start a pass of an interlaced picture: the row above is 0. */
void lc_png_alpha_pass(struct lc_png_alpha *alpha);

/**
 * Add the next row.
 *
 * @param row     its filter byte, 0 to 4, and its bytes
 * @param pixels  at least 1
 *
 * Source: PNG specification sections 9 (filters) and 11.3.1.1 (tRNS). Pillow keeps the
 *         high byte of a 16-bit alpha channel.
 */
void lc_png_alpha_row(struct lc_png_alpha *alpha, const uint8_t *row, uint32_t pixels);

#endif
