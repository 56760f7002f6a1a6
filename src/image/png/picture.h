/* picture.h - the pixels of a PNG, row by row, as Pillow's convert("RGBA") has them */
#ifndef LC_IMAGE_PNG_PICTURE_H
#define LC_IMAGE_PNG_PICTURE_H

#include "image/common/samples.h"
#include "image/png/chunks.h"

/** What becomes of the pixels. All zero but rows is the start. */
struct lc_png_picture {
    const struct lc_image_rows *rows; /* who gets them */
    struct lc_png start;              /* what the chunks before the pixels said */
    uint8_t *window;                  /* space for a row, with its filter byte */
    size_t window_size;
    uint8_t *above;        /* the row before, without */
    uint8_t *line;         /* a row of the picture, or all of them */
    bool whole;            /* all: they do not come in the order of the picture */
    uint16_t key[3];       /* samples of the transparent colour */
    bool is_past_palette;  /* a pixel is, whose colour depends on the version of Pillow */
    enum lc_status status; /* the first failure */
};

/** Where the pixels of a row are in its frame. */
struct lc_png_place {
    uint32_t x, y;
    uint32_t step; /* from each pixel to the next */
    uint32_t pixels;
};

/** Make space for the rows of a frame. False: status says why not. */
LC_MUST_CHECK bool lc_png_picture_begin(struct lc_png_picture *picture,
                                        const struct lc_png *png, uint32_t width,
                                        uint32_t height);

/** Start a pass of an interlaced picture: the row above is 0. */
void lc_png_picture_pass(struct lc_png_picture *picture);

/** Add the row in the window. */
void lc_png_picture_row(struct lc_png_picture *picture, const struct lc_png_place *place);

/** Pass the rows on that are not yet, and free the buffers. sound: all rows were added.
 */
void lc_png_picture_end(struct lc_png_picture *picture, const struct lc_png *png,
                        bool sound);

#endif
