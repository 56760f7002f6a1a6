/* pixels.h - walks the pixels of a BMP, as Pillow's decoders do */
#ifndef LC_IMAGE_BMP_PIXELS_H
#define LC_IMAGE_BMP_PIXELS_H

#include <stddef.h>

#include "base/bytes.h"
#include "image/common/tone.h"

enum { LC_BMP_COLOURS = 256 };

/** Where the pixels are, how they are stored, and what was seen of them. */
struct lc_bmp_pixels {
    struct lc_bytes file;
    uint64_t at; /* where they begin; may lie beyond the file */
    uint32_t width, height;
    bool is_mapped;  /* Pillow maps the file: its limit of a row's length is another */
    unsigned bits;   /* of a pixel: 1, 4, 8, 16, 24 or 32 */
    uint64_t stride; /* from one row to the next, at least 4 */
    const uint32_t *colours; /* LC_BMP_COLOURS of them, for up to 8 bits */
    uint32_t colour_mask;    /* the bits of a pixel that are its colour, for more */
    uint64_t got;            /* pixels that are there */
    uint64_t end;            /* behind the last byte that was used */
    struct lc_tone tone;
};

/** How Pillow's decoder ends. */
enum lc_bmp_end {
    LC_BMP_DONE,
    LC_BMP_CUT,    /* the file ends before the last row */
    LC_BMP_NARROW, /* a row does not fit into its stride: "bad configuration" */
    LC_BMP_WIDE,   /* a row is too long for Pillow's memory */
    LC_BMP_BEYOND, /* Pillow reads memory behind the file's, or dies of it */
};

/**
 * Read rows as they are stored.
 *
 * @param pixels  got, end and tone are updated
 *
 * Threads: any.
 * Source:  Pillow's RawDecode.c and setimage of decode.c.
 */
enum lc_bmp_end lc_bmp_read_rows(struct lc_bmp_pixels *pixels);

/**
 * Read rows of 8 bits out of a mapping of the file, as Pillow does when the file holds
 * all of it. Rows longer than their stride then overlap, and the last ones may reach
 * beyond the file.
 *
 * @param pixels  its last stride ends inside the file; got, end and tone are updated
 * @return        LC_BMP_BEYOND when Pillow would read beyond the last page of the file
 *
 * Threads: any.
 * Source:  Pillow's map.c.
 */
enum lc_bmp_end lc_bmp_read_map(struct lc_bmp_pixels *pixels);

/**
 * Read runs of pixels.
 *
 * @param pixels  got, end and tone are updated
 * @param nibbles  BI_RLE4, else BI_RLE8
 * @return         LC_BMP_DONE, or LC_BMP_CUT when the runs end before the last pixel
 *
 * Threads: any.
 * Source:  BmpRleDecoder of Pillow's BmpImagePlugin.py.
 */
enum lc_bmp_end lc_bmp_read_runs(struct lc_bmp_pixels *pixels, bool nibbles);

#endif
