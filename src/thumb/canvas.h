/* canvas.h - scales a picture down while its pixels are being decoded
 *
 * Each pixel of the small picture is the mean of the pixels of the large one that fall
 * into it; a cell keeps their sum and number. So rows may come in any order, may be
 * missing, and need not be kept. */
#ifndef LC_THUMB_CANVAS_H
#define LC_THUMB_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Maximum length of the longer side in pixels. A smaller picture keeps its size. */
#define LC_CANVAS_SIDE 96

/** Bytes per pixel: red, green, blue. */
#define LC_CANVAS_BYTES 3

/** The colour where no pixel was added: the gray with which libjpeg fills truncated
 * pictures. */
#define LC_CANVAS_NOTHING 128

/** The pixels that fall into one pixel of the small picture. The sums cannot overflow
 * below 16,843,009 pixels, and fewer than that are decoded for each cell. */
struct lc_cell {
    uint32_t sums[LC_CANVAS_BYTES];
    uint32_t count;
};

/** A small picture in progress; caller's storage, initialised by lc_canvas_begin. */
struct lc_canvas {
    uint32_t from_width, from_height; /* size of the large picture */
    uint32_t width, height;           /* size of this picture */
    uint64_t painted;                 /* number of pixels added */
    struct lc_cell cells[LC_CANVAS_SIDE * LC_CANVAS_SIDE];
};

/** Initialise a canvas for a picture of width by height pixels, both greater than 0. */
void lc_canvas_begin(struct lc_canvas *canvas, uint32_t width, uint32_t height);

/**
 * Add pixels of a row, in any order.
 *
 * @param x, y position of the first pixel in the large picture
 * @param step   distance between two pixels in the large picture, at least 1
 * @param rgb    LC_CANVAS_BYTES per pixel
 * @param count  number of pixels; the last one must lie within the picture
 */
void lc_canvas_add(struct lc_canvas *canvas, uint32_t x, uint32_t y, uint32_t step,
                   const uint8_t *rgb, size_t count);

/** Write the small picture's pixels, row by row: width * height * LC_CANVAS_BYTES. */
void lc_canvas_read(const struct lc_canvas *canvas, uint8_t *rgb);

/**
 * Rotate and mirror pixels according to an Exif orientation.
 *
 * @param from         width * height pixels, row by row
 * @param orientation  1 to 8
 * @param to           the same number of pixels; 5 to 8 swap width and height
 *
 * Source: Exif 2.32, tag 0x0112.
 */
void lc_canvas_turn(const uint8_t *from, uint32_t width, uint32_t height,
                    unsigned orientation, uint8_t *to);

#endif
