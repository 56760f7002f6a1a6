/* rows.h - inflates and counts a PNG's pixels row by row, like Pillow's ZipDecode.c */
#ifndef LC_IMAGE_PNG_ROWS_H
#define LC_IMAGE_PNG_ROWS_H

#include "base/bytes.h"
#include "image/png/alpha.h"
#include "image/png/blank.h"
#include "image/png/picture.h"

/** State of decoding a picture's rows. */
struct lc_png_rows {
    z_stream *stream;
    uint8_t *window; /* output for one row; its pixels are not kept */
    size_t window_size;
    uint32_t width, height;
    unsigned bits; /* of a pixel */
    bool interlaced;
    struct lc_png_blank *blank; /* receives each row that fits into the window */
    struct lc_png_alpha *alpha; /* likewise */
    struct lc_png_picture
        *picture;   /* if not NULL, receives each row instead of blank and alpha */
    unsigned pass;  /* if interlaced */
    uint32_t y;     /* current row; height when all are done */
    uint64_t size;  /* bytes of the current row, with its filter byte */
    uint64_t got;   /* bytes of it inflated so far */
    uint8_t filter; /* its first byte, if got is not 0 */
    bool ended;     /* the end of the stream was reached */
};

/** Result of feeding a block of the stream. */
enum lc_png_rows_state {
    LC_PNG_ROWS_MORE,
    LC_PNG_ROWS_DONE,
    LC_PNG_ROWS_BROKEN,
    LC_PNG_ROWS_FILTER,
    LC_PNG_ROWS_NO_MEMORY
};

/** Start at the first row. The caller has set the fields up to alpha, the others to 0. */
void lc_png_rows_begin(struct lc_png_rows *rows);

/**
 * Inflate a block of the stream, up to the end of the last row.
 *
 * @param block  continues the block of the previous call; after the last row, unused
 * bytes remain in the stream's input
 */
LC_MUST_CHECK enum lc_png_rows_state lc_png_rows_feed(struct lc_png_rows *rows,
                                                      struct lc_bytes block);

/** Advance to the next row: y, pass and size are set. */
void lc_png_rows_next(struct lc_png_rows *rows);

/** Bytes of all rows, with their filter bytes. */
uint64_t lc_png_rows_total(const struct lc_png_rows *rows);

/** Pixels of the current row. */
uint32_t lc_png_rows_pixels(const struct lc_png_rows *rows);

/** Number of complete rows from the top; if interlaced, of rows that are complete in all
 * passes. */
uint32_t lc_png_rows_complete(const struct lc_png_rows *rows);

#endif
