/* chunks.h - reads a PNG's chunks one by one, as Pillow's PngStream does */
#ifndef LC_IMAGE_PNG_CHUNKS_H
#define LC_IMAGE_PNG_CHUNKS_H

#include "base/bytes.h"
#include "image/common/decoder.h"

/** A pixel format. */
struct lc_png_mode {
    uint8_t depth;  /* bits per sample */
    uint8_t colour; /* IHDR's colour type */
    uint8_t bits;   /* bits per pixel */
    char name[6];   /* Pillow's mode */
};

/** Where a frame lies in the picture. */
enum lc_png_area_kind {
    LC_PNG_AREA_WHOLE,
    LC_PNG_AREA_FRAME,  /* given by a frame control chunk */
    LC_PNG_AREA_INVALID /* replaced by a text chunk with the keyword "bbox" */
};

struct lc_png_area {
    enum lc_png_area_kind kind;
    uint32_t x, y, width, height; /* pixels */
};

/** Pillow's info["transparency"], which a text chunk with that keyword replaces. */
enum lc_png_transparency {
    LC_PNG_OPAQUE,
    LC_PNG_TRANSPARENT_INDEX, /* an integer */
    LC_PNG_TRANSPARENT_OTHER, /* a colour, or an alpha for each palette entry */
    LC_PNG_TRANSPARENT_TEXT,
};

/** A chunk's header. */
struct lc_png_chunk {
    uint8_t name[4];
    uint32_t length;
    size_t at; /* offset of its data */
};

/** Result of reading a chunk; named after Pillow's behaviour. */
enum lc_png_result {
    LC_PNG_READ,
    LC_PNG_UNKNOWN, /* no handler: the data has not been read */
    LC_PNG_END,     /* the pixels begin (IDAT, fdAT), or the file ends (IEND) */
    LC_PNG_RAISES,  /* the verdict is in info */
};

struct lc_png_picture;

/** State between chunks; all but the first fields start zeroed. */
struct lc_png {
    const uint8_t *data;
    size_t size;
    struct lc_image_info *info;
    struct lc_image_scratch *scratch;
    const struct lc_image_limits *limits;
    struct lc_png_picture *picture; /* receives the pixels; NULL: only verify them */
    bool lenient;                   /* LOAD_TRUNCATED_IMAGES is set */
    bool has_holes;                 /* lenient: rows are missing */
    bool no_memory; /* with LC_PNG_RAISES: an allocation failed and there is no verdict */

    size_t at; /* never beyond size */
    uint32_t width, height;
    const struct lc_png_mode *mode; /* NULL before an IHDR with a valid mode */
    bool interlaced;
    bool has_palette;
    struct lc_bytes palette;
    enum lc_png_transparency transparency;
    struct lc_bytes trns; /* the tRNS chunk; of size 0 if there is none or a text replaces
                             it */

    bool has_frames; /* there is an animation control chunk with a valid number of
                        frames */
    uint32_t frames;
    bool has_sequence;
    uint32_t sequence;       /* sequence number of the last animation chunk */
    bool has_default_image;  /* IDAT is not the animation's first frame */
    struct lc_png_area area; /* of the next frame */

    bool has_tile;
    struct lc_png_area tile; /* area when the pixels begin */
    size_t tile_at;          /* offset of the pixels */
    size_t tile_skip;        /* bytes of their chunk before them: a sequence number */

    uint64_t text_memory; /* bytes or characters of text so far */
    uint64_t inflated;    /* bytes of texts and profiles so far, including invalid ones */
    struct lc_bytes exif; /* data is NULL without one */
    bool exif_is_text;
    int raw_exif_orientation; /* from ImageMagick's text chunk, as lc_exif_orientation
                                 returns it */
    int xmp_orientation;      /* 1..8, or 0 */
};

/** Read a chunk's name and length. Returns LC_PNG_READ, or LC_PNG_RAISES with a
 * verdict. */
LC_MUST_CHECK enum lc_png_result lc_png_next_chunk(struct lc_png *png,
                                                   struct lc_png_chunk *out);

/**
 * Read a chunk's data if Pillow has a handler for it, and keep the data that the verdict
 * needs.
 *
 * Source: Pillow 9.4 PngImagePlugin.py, PngStream. Newer releases differ: the mode of
 *         16-bit gray is "I;16", iCCP's compression method is read at the right
 *         offset, cHRM must have 32 bytes.
 */
LC_MUST_CHECK enum lc_png_result lc_png_read_chunk(struct lc_png *png,
                                                   const struct lc_png_chunk *chunk);

/**
 * Read bytes.
 *
 * @return LC_PNG_READ, or LC_PNG_RAISES with LC_DECODE_TRUNCATED if the file is too short
 */
LC_MUST_CHECK enum lc_png_result lc_png_read_bytes(struct lc_png *png, uint64_t size,
                                                   struct lc_bytes *out);

/** Skip bytes, up to the end of the file. */
void lc_png_skip(struct lc_png *png, uint64_t size);

/** Set the verdict to corrupt. @return LC_PNG_RAISES */
enum lc_png_result lc_png_refuse(struct lc_png *png, const char *why);

/** Whether the chunk has this name. */
bool lc_png_chunk_is(const struct lc_png_chunk *chunk, const char *name);

/** Handlers in text.c for the data s of tEXt, zTXt, iTXt and iCCP chunks. */
LC_MUST_CHECK enum lc_png_result lc_png_text(struct lc_png *png, struct lc_bytes s);
LC_MUST_CHECK enum lc_png_result lc_png_compressed_text(struct lc_png *png,
                                                        struct lc_bytes s);
LC_MUST_CHECK enum lc_png_result lc_png_international_text(struct lc_png *png,
                                                           struct lc_bytes s);
LC_MUST_CHECK enum lc_png_result lc_png_profile(struct lc_png *png, struct lc_bytes s);

#endif
