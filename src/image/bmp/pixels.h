/* pixels.h - reads the pixels of a BMP, as Pillow's decoders do */
#ifndef LC_IMAGE_BMP_PIXELS_H
#define LC_IMAGE_BMP_PIXELS_H

#include <stddef.h>

#include "base/bytes.h"
#include "image/common/tone.h"

enum { LC_BMP_COLOURS = 256 };

/** Where and how the pixels are stored, and the result of reading them. */
struct lc_bmp_pixels {
    struct lc_bytes file;
    uint64_t at; /* offset of the first pixel; may be past the end of the file */
    uint32_t width, height;
    bool is_mapped;          /* Pillow maps the file, which allows longer rows */
    unsigned bits;           /* per pixel: 1, 4, 8, 16, 24 or 32 */
    uint64_t stride;         /* bytes from one row to the next, at least 4 */
    const uint32_t *colours; /* if up to 8 bits: LC_BMP_COLOURS entries */
    uint32_t colour_count;   /* number of colours that all versions of Pillow show
                                alike */
    bool is_past_palette;    /* if rgba is set: a pixel has a colour beyond those */
    uint32_t colour_mask;    /* if more than 8 bits: the bits of a pixel's colour */
    uint32_t alpha_mask;     /* if 32 bits: the bits of its alpha; 0 if none */
    bool transparent;        /* a pixel is not opaque */
    uint8_t *rgba;           /* if not NULL, every pixel is stored here */
    uint32_t masks[4];       /* masks of red, green, blue and alpha, for rgba */
    bool from_top;           /* the first row is the top one */
    uint64_t got;            /* pixels read */
    uint64_t end;            /* offset past the last byte used */
    struct lc_tone tone;
};

/** Result of Pillow's decoder. */
enum lc_bmp_end {
    LC_BMP_DONE,
    LC_BMP_CUT,    /* the file ends before the last row */
    LC_BMP_NARROW, /* a row does not fit into its stride: "bad configuration" */
    LC_BMP_WIDE,   /* a row is too long for Pillow's memory */
    LC_BMP_BEYOND, /* Pillow reads memory past the mapping, or crashes */
};

/**
 * Read rows as they are stored.
 *
 * @param pixels  got, end, tone and transparent are updated
 *
 * Threads: any.
 * Source:  Pillow's RawDecode.c and setimage of decode.c.
 */
enum lc_bmp_end lc_bmp_read_rows(struct lc_bmp_pixels *pixels);

/**
 * Read rows of 8 bits from a mapping of the file, as Pillow does if the file contains all
 * strides. Rows longer than their stride then overlap, and the last ones may extend past
 * the end of the file.
 *
 * @param pixels  its last stride ends inside the file; got, end and tone are updated
 * @return        LC_BMP_BEYOND if Pillow would read past the last page of the file
 *
 * Threads: any.
 * Source:  Pillow's map.c.
 */
enum lc_bmp_end lc_bmp_read_map(struct lc_bmp_pixels *pixels);

/**
 * Read run-length encoded pixels.
 *
 * @param pixels  got, end and tone are updated
 * @param nibbles  true: BI_RLE4; false: BI_RLE8
 * @return         LC_BMP_DONE, or LC_BMP_CUT if the runs end before the last pixel
 *
 * Threads: any.
 * Source:  BmpRleDecoder of Pillow's BmpImagePlugin.py.
 */
enum lc_bmp_end lc_bmp_read_runs(struct lc_bmp_pixels *pixels, bool nibbles);

#endif
