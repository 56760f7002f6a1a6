/* chunks.h - reads a PNG's chunks one by one, as Pillow's PngStream does */
#ifndef LC_IMAGE_PNG_CHUNKS_H
#define LC_IMAGE_PNG_CHUNKS_H

#include "base/bytes.h"
#include "image/common/decoder.h"

/** One kind of pixels. */
struct lc_png_mode {
    uint8_t depth;  /* bits a sample */
    uint8_t colour; /* IHDR's colour type */
    uint8_t bits;   /* bits a pixel */
    char name[6];   /* Pillow's mode */
};

/** Where a frame lies in the picture. */
enum lc_png_area_kind {
    LC_PNG_AREA_WHOLE,
    LC_PNG_AREA_FRAME,   /* what a frame control chunk said */
    LC_PNG_AREA_NONSENSE /* a text chunk named "bbox" took its place */
};

struct lc_png_area {
    enum lc_png_area_kind kind;
    uint32_t x, y, width, height; /* pixels */
};

/** What Pillow knows of transparency; a text chunk of that name takes its place. */
enum lc_png_transparency {
    LC_PNG_OPAQUE,
    LC_PNG_TRANSPARENT_INDEX, /* one number */
    LC_PNG_TRANSPARENT_OTHER, /* a colour, or an alpha for each palette entry */
    LC_PNG_TRANSPARENT_TEXT,
};

/** A chunk's beginning. */
struct lc_png_chunk {
    uint8_t name[4];
    uint32_t length;
    size_t at; /* of its data */
};

/** What came of a chunk; named for what happens in Pillow. */
enum lc_png_result {
    LC_PNG_READ,
    LC_PNG_UNKNOWN, /* no handler: its data is still to be read */
    LC_PNG_END,     /* the pixels begin (IDAT, fdAT), or the file ends (IEND) */
    LC_PNG_RAISES,  /* info holds the verdict */
};

/** The state between chunks; made of zeros but for the first lines. */
struct lc_png {
    const uint8_t *data;
    size_t size;
    struct lc_image_info *info;
    struct lc_image_scratch *scratch;
    const struct lc_image_limits *limits;
    bool no_memory; /* beside LC_PNG_RAISES: no verdict at all */

    size_t at; /* never beyond size */
    uint32_t width, height;
    const struct lc_png_mode *mode; /* NULL until IHDR names one that exists */
    bool interlaced;
    bool has_palette;
    struct lc_bytes palette;
    enum lc_png_transparency transparency;

    bool has_frames; /* an animation control chunk with a sensible number */
    uint32_t frames;
    bool has_sequence;
    uint32_t sequence;       /* of the last animation chunk */
    bool has_default_image;  /* IDAT is not the animation's first frame */
    struct lc_png_area area; /* of the frame that comes next */

    bool has_tile;
    struct lc_png_area tile; /* area, when the pixels began */
    size_t tile_at;          /* their offset */
    size_t tile_skip;        /* bytes of their chunk before them: a sequence number */

    uint64_t text_memory; /* bytes or characters of text so far */
    uint64_t inflated;    /* bytes of texts and profiles so far, also of bad ones */
    struct lc_bytes exif; /* data is NULL without one */
    bool exif_is_text;
    int raw_exif_orientation; /* as lc_exif_orientation, of ImageMagick's text chunk */
    int xmp_orientation;      /* 1..8, or 0 */
};

/** Read a chunk's name and length. LC_PNG_READ, or LC_PNG_RAISES with a verdict. */
LC_MUST_CHECK enum lc_png_result lc_png_next(struct lc_png *png,
                                             struct lc_png_chunk *out);

/**
 * Read a chunk's data if Pillow has a handler for it, and keep what matters.
 *
 * Source: Pillow 9.4 PngImagePlugin.py, PngStream. Newer releases differ: the mode of
 *         16-bit gray is "I;16", iCCP's compression method is read from its place, cHRM
 *         must have 32 bytes.
 */
LC_MUST_CHECK enum lc_png_result lc_png_handle(struct lc_png *png,
                                               const struct lc_png_chunk *chunk);

/**
 * Read bytes which must be there.
 *
 * @return LC_PNG_READ, or LC_PNG_RAISES with LC_DECODE_TRUNCATED as the verdict
 */
LC_MUST_CHECK enum lc_png_result lc_png_take(struct lc_png *png, uint64_t size,
                                             struct lc_bytes *out);

/** Skip bytes, or what there is of them. */
void lc_png_skip(struct lc_png *png, uint64_t size);

/** Set the verdict corrupt; returns LC_PNG_RAISES. */
enum lc_png_result lc_png_refuse(struct lc_png *png, const char *why);

/** Is it the chunk of that name? */
bool lc_png_is(const struct lc_png_chunk *chunk, const char *name);

/** text.c: tEXt, zTXt, iTXt and iCCP, of which s is the data. */
LC_MUST_CHECK enum lc_png_result lc_png_text(struct lc_png *png, struct lc_bytes s);
LC_MUST_CHECK enum lc_png_result lc_png_compressed_text(struct lc_png *png,
                                                        struct lc_bytes s);
LC_MUST_CHECK enum lc_png_result lc_png_international_text(struct lc_png *png,
                                                           struct lc_bytes s);
LC_MUST_CHECK enum lc_png_result lc_png_profile(struct lc_png *png, struct lc_bytes s);

#endif
