/* picture.h - passes on the pixels of a PNG row by row, as convert("RGBA") has them */
#ifndef LC_IMAGE_PNG_PICTURE_H
#define LC_IMAGE_PNG_PICTURE_H

#include "image/common/samples.h"
#include "image/png/chunks.h"

/** Converts rows and passes them on. Initially all zero except rows. */
struct lc_png_picture {
    const struct lc_image_rows *rows; /* receives the rows */
    struct lc_png start;              /* state after the chunks before the pixels */
    uint8_t *window;                  /* buffer for a row with its filter byte */
    size_t window_size;
    uint8_t *above;        /* the previous row, without its filter byte */
    uint8_t *line;         /* one row of the picture, or all of them */
    bool whole;            /* keep all rows: they come out of order */
    uint16_t key[3];       /* samples of the transparent colour */
    bool is_past_palette;  /* a pixel's colour depends on the version of Pillow */
    enum lc_status status; /* the first failure */
};

/** Where the pixels of a row lie in the frame. */
struct lc_png_place {
    uint32_t x, y;
    uint32_t step; /* distance from each pixel to the next */
    uint32_t pixels;
};

/** Allocate buffers for the rows of a frame. False: status says why it failed. */
LC_MUST_CHECK bool lc_png_picture_begin(struct lc_png_picture *picture,
                                        const struct lc_png *png, uint32_t width,
                                        uint32_t height);

/** Start a pass of an interlaced picture: the row above is 0. */
void lc_png_picture_pass(struct lc_png_picture *picture);

/** Add the row in the window. */
void lc_png_picture_row(struct lc_png_picture *picture, const struct lc_png_place *place);

/** Pass on the rows kept so far and free the buffers. sound: all rows were added. */
void lc_png_picture_end(struct lc_png_picture *picture, const struct lc_png *png,
                        bool sound);

#endif
