/* canvas.h - a small picture, made of the pixels of a large one as they come */
#ifndef LC_THUMB_CANVAS_H
#define LC_THUMB_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Pixels of the longer side at most. A smaller picture keeps its size. */
#define LC_CANVAS_SIDE 96

/** Bytes of a pixel: red, green, blue. */
#define LC_CANVAS_BYTES 3

/** Where no pixel came, as libjpeg fills a picture that was cut: middle gray. */
#define LC_CANVAS_NOTHING 128

/** What came to one pixel of the small picture. The sums hold 16,843,009 pixels at least;
 * the limit of pixels that are decoded is below that for each cell. */
struct lc_cell {
    uint32_t sums[LC_CANVAS_BYTES];
    uint32_t count;
};

/** A picture being made; caller's storage, begun before its use. */
struct lc_canvas {
    uint32_t from_width, from_height; /* of the large picture */
    uint32_t width, height;           /* of this one */
    uint64_t painted;                 /* pixels that came */
    struct lc_cell cells[LC_CANVAS_SIDE * LC_CANVAS_SIDE];
};

/** Begin with an empty canvas for a picture of width by height pixels, both over 0. */
void lc_canvas_begin(struct lc_canvas *canvas, uint32_t width, uint32_t height);

/**
 * Add pixels of a row; their order does not matter.
 *
 * @param x, y   of the first one in the large picture
 * @param step   from one pixel to the next in the large picture, from 1
 * @param rgb    LC_CANVAS_BYTES of each
 * @param count  of pixels; the last one lies within the picture
 */
void lc_canvas_add(struct lc_canvas *canvas, uint32_t x, uint32_t y, uint32_t step,
                   const uint8_t *rgb, size_t count);

/** Write the small picture's pixels, row by row: width * height * LC_CANVAS_BYTES. */
void lc_canvas_read(const struct lc_canvas *canvas, uint8_t *rgb);

/**
 * Turn and mirror pixels as an Exif orientation says they are to be seen.
 *
 * @param from         width * height pixels, row by row
 * @param orientation  1 to 8
 * @param to           as many; 5 to 8 exchange width and height
 *
 * Source: Exif 2.32, tag 0x0112.
 */
void lc_canvas_turn(const uint8_t *from, uint32_t width, uint32_t height,
                    unsigned orientation, uint8_t *to);

#endif
