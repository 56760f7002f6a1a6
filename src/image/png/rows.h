/* rows.h - inflates a PNG's pixels and counts their rows, as Pillow's ZipDecode.c */
#ifndef LC_IMAGE_PNG_ROWS_H
#define LC_IMAGE_PNG_ROWS_H

#include "base/bytes.h"
#include "image/png/blank.h"

/** Where the inflated bytes of the picture stand. */
struct lc_png_rows {
    z_stream *stream;
    uint8_t *window; /* pixels are not kept: the verdict does not depend on them */
    size_t window_size;
    uint32_t width, height;
    unsigned bits;              /* of a pixel */
    bool interlaced;            /* then pass counts */
    struct lc_png_blank *blank; /* looks at each row that fits into the window */
    unsigned pass;
    uint32_t y;     /* row that comes next; height when all are there */
    uint64_t size;  /* bytes of that row, with its filter byte */
    uint64_t got;   /* bytes of it that are there */
    uint8_t filter; /* its first byte, when got is not 0 */
    bool ended;     /* the stream was seen to end */
};

/** What came of a block of the stream. */
enum lc_png_rows_state {
    LC_PNG_ROWS_MORE,
    LC_PNG_ROWS_DONE,
    LC_PNG_ROWS_BROKEN,
    LC_PNG_ROWS_FILTER,
    LC_PNG_ROWS_NO_MEMORY
};

/** Begin with the first row; the fields up to blank are set, the others 0. */
void lc_png_rows_begin(struct lc_png_rows *rows);

/**
 * Inflate a block of the stream, and stop where the last row is complete.
 *
 * @param block  the bytes behind those of the call before; what was not used of the last
 *               one is left in the stream's input
 */
LC_MUST_CHECK enum lc_png_rows_state lc_png_rows_feed(struct lc_png_rows *rows,
                                                      struct lc_bytes block);

/** Go on to the next row: y, pass and size are set. */
void lc_png_rows_next(struct lc_png_rows *rows);

/** Bytes of all rows together, with their filter bytes. */
uint64_t lc_png_rows_total(const struct lc_png_rows *rows);

/** Pixels in the row that comes next. */
uint32_t lc_png_rows_pixels(const struct lc_png_rows *rows);

/** How many rows are complete, from the first on. */
uint32_t lc_png_rows_complete(const struct lc_png_rows *rows);

#endif
