/* picture.h - shared by the files of the TIFF verdict */
#ifndef LC_IMAGE_TIFF_PICTURE_H
#define LC_IMAGE_TIFF_PICTURE_H

#include "image/common/exif.h"
#include "image/common/decoder.h"
#include "image/common/samples.h"

/** The tags on which a verdict depends, as indexes into lc_tiff_dir. */
enum lc_tiff_tag {
    LC_TIFF_WIDTH,
    LC_TIFF_LENGTH,
    LC_TIFF_BITS,
    LC_TIFF_COMPRESSION,
    LC_TIFF_PHOTOMETRIC,
    LC_TIFF_FILL_ORDER,
    LC_TIFF_STRIP_OFFSETS,
    LC_TIFF_ORIENTATION,
    LC_TIFF_SAMPLES,
    LC_TIFF_ROWS_PER_STRIP,
    LC_TIFF_X_RESOLUTION,
    LC_TIFF_Y_RESOLUTION,
    LC_TIFF_PLANAR,
    LC_TIFF_RESOLUTION_UNIT,
    LC_TIFF_COLOR_MAP,
    LC_TIFF_TILE_WIDTH,
    LC_TIFF_TILE_LENGTH,
    LC_TIFF_TILE_OFFSETS,
    LC_TIFF_EXTRA_SAMPLES,
    LC_TIFF_SAMPLE_FORMAT,
    LC_TIFF_EXIF_IFD,
    LC_TIFF_GPS_IFD,
    LC_TIFF_INTEROP_IFD,
    LC_TIFF_MEDIA_PHOTO,
    LC_TIFF_TAG_COUNT,
};

/** A file, and how Pillow reads its directories. */
struct lc_tiff_source {
    struct lc_bytes bytes;
    bool big_endian;
    bool large; /* BigTIFF, as Pillow detects it: never if big-endian */
};

/** How far a directory could be read. */
enum lc_tiff_dir_state {
    LC_TIFF_DIR_WHOLE,
    LC_TIFF_DIR_CUT,   /* it, or one of its values, lies outside the file: Pillow uses the
                          entries before that and assumes no next directory */
    LC_TIFF_DIR_RAISES /* an offset above 2^63 - 1: Pillow raises */
};

/** One directory. An absent tag has an empty value. */
struct lc_tiff_dir {
    enum lc_tiff_dir_state state;
    uint64_t entries;      /* number of entries that were read */
    bool short_of_entries; /* cut off before the last entry */
    uint64_t next;         /* offset of the next directory; set if state is WHOLE */
    struct lc_tiff_entry tags[LC_TIFF_TAG_COUNT];
};

/**
 * Read a directory like Pillow's ImageFileDirectory_v2.load.
 *
 * @param at   its offset in the file
 * @param out  overwritten; its values point into the source's bytes
 *
 * Threads: any.
 * Source:  Pillow 9.4 TiffImagePlugin.py.
 */
void lc_tiff_read_dir(const struct lc_tiff_source *source, uint64_t at,
                      struct lc_tiff_dir *out);

/** The Python type of a tag's value. */
enum lc_tiff_kind {
    LC_TIFF_NOTHING,
    LC_TIFF_INTEGERS,
    LC_TIFF_REALS, /* floats and rationals */
    LC_TIFF_BYTES, /* types BYTE and UNDEFINED */
    LC_TIFF_TEXT,
};

struct lc_tiff_number {
    double value;    /* NAN if the denominator of a rational is 0 */
    int64_t integer; /* value if whole, clamped to the range of the type */
    bool whole;
};

enum lc_tiff_kind lc_tiff_kind(const struct lc_tiff_entry *entry);

/** Whether the entry's values are of type FLOAT or DOUBLE. */
bool lc_tiff_is_float(const struct lc_tiff_entry *entry);

/** Number of values of an entry; number of bytes for BYTES and TEXT. */
size_t lc_tiff_count(const struct lc_tiff_entry *entry);

/** Get value i of an entry; a byte for BYTES; not for TEXT. */
struct lc_tiff_number lc_tiff_number(const struct lc_tiff_entry *entry, size_t i);

/**
 * Whether an entry's first value equals a number by Python's ==.
 *
 * @param absent  the value to assume if the tag is absent
 */
bool lc_tiff_equals(const struct lc_tiff_entry *entry, int64_t number, int64_t absent);

enum lc_tiff_int {
    LC_TIFF_INT,
    LC_TIFF_INT_REFUSED, /* TypeError: Pillow cannot identify the file */
    LC_TIFF_INT_RAISES,  /* ValueError, OverflowError: Image.open raises them */
};

/** Convert an entry's first value like Python's int(), which also parses texts. */
enum lc_tiff_int lc_tiff_int(const struct lc_tiff_entry *entry, int64_t *out);

/* --- raw modes */

/** How a row is stored, in Pillow's terms: pixels of a mode, unpacked from a raw mode. */
struct lc_tiff_layout {
    const char *mode;
    const char *raw;
    uint8_t bits;  /* bits per pixel */
    uint8_t kind;  /* see pixel.c */
    uint8_t flags; /* see pixel.c */
};

/** Find the layout for a mode and raw mode; NULL if Pillow cannot unpack them. */
const struct lc_tiff_layout *lc_tiff_layout(const char *mode, const char *raw);

/** Number of bands of a mode. */
unsigned lc_tiff_bands(const char *mode);

/** Whether all pixels so far are equal. */
struct lc_tiff_blank {
    bool differs;             /* two pixels differ, or the answer is no longer needed */
    bool seen[4];             /* per plane: first is set */
    uint32_t first[4];        /* per plane: its first pixel */
    uint8_t palette[256 * 3]; /* red, green, blue of each entry */
};

/**
 * Compare the pixels of a row with the first pixel.
 *
 * @param plane  the plane of the row; 0 if planes are not separate
 * @param row    at least width pixels
 */
void lc_tiff_blank_row(struct lc_tiff_blank *blank, const struct lc_tiff_layout *layout,
                       unsigned plane, const uint8_t *row, uint32_t width);

/** Search for a pixel that is not opaque. */
struct lc_tiff_alpha {
    bool wanted; /* the mode has alpha, and no such pixel has been found yet */
    bool found;
};

/** Start a search; wanted is set if the mode has alpha. */
void lc_tiff_alpha_begin(struct lc_tiff_alpha *alpha, const char *mode);

/**
 * Search the pixels of a row. Pillow keeps the high byte of 16-bit samples.
 *
 * @param mode   the picture's mode
 * @param plane  the plane of the row; 0 if planes are not separate
 * @param row    at least width pixels
 */
void lc_tiff_alpha_row(struct lc_tiff_alpha *alpha, const char *mode,
                       const struct lc_tiff_layout *layout, unsigned plane,
                       const uint8_t *row, uint32_t width);

/**
 * Store the pixels of a row in a picture as bands of Pillow's mode, up to 4 bytes each.
 * Gray levels and indexes are in the first byte, alpha is always in the last.
 *
 * @param plane  as for lc_tiff_blank_row
 * @param to     4 bytes per pixel
 */
void lc_tiff_put_row(const struct lc_tiff_layout *layout, unsigned plane,
                     const uint8_t *row, uint32_t width, uint8_t *to);

/** Divide colours by their alpha: undo premultiplication. */
void lc_tiff_divide(uint8_t *rgba, size_t pixels);

/** Convert the bands of a mode to RGBA. False: the mode is not supported, or a pixel is
 * past the end of the palette, which has `colours` entries. */
bool lc_tiff_finish(const char *mode, const uint8_t *palette, size_t colours,
                    uint8_t *bands, size_t pixels);

/* --- a picture */

/** State of the inspection; most fields mirror those of Pillow's open TiffImageFile. */
struct lc_tiff {
    struct lc_image_scratch *scratch;
    struct lc_tiff_source source;
    uint64_t first; /* offset of the first directory */
    struct lc_tiff_dir dir;
    struct lc_image_info *info;
    const struct lc_image_limits *limits;
    int64_t width;
    int64_t height;
    int compression;     /* 1: not compressed */
    bool planar;         /* PlanarConfiguration is 2 */
    double bits_sum;     /* bits of all samples together */
    size_t palette_size; /* number of colours; 0 if there is no palette */
    int plane_count;     /* Pillow's divisor for the row size of separate planes */
    char mode[8];
    char raw[12]; /* the decoder's raw mode */
    struct lc_tiff_blank blank;
    struct lc_tiff_alpha alpha;
    bool has_holes; /* refused only because a decoder found too few pixels */
    bool no_memory;
    struct lc_image_samples *want; /* where to store the pixels, or NULL; allocated after
                                      the setup */
    enum lc_status status;         /* of that allocation */
    struct lc_error *err;
};

/** Whether every pixel must be examined. */
static inline bool lc_tiff_wants_all(const struct lc_tiff *tiff)
{
    return tiff->want || !tiff->blank.differs || tiff->alpha.wanted;
}

/** Store the pixels of a row from a given position on, if they are wanted. */
void lc_tiff_keep_row(struct lc_tiff *tiff, const struct lc_tiff_layout *layout,
                      unsigned plane, int64_t x, int64_t y, const uint8_t *row,
                      int64_t width);

/** How a step ended. */
enum lc_tiff_step {
    LC_TIFF_GOES_ON,
    LC_TIFF_JUDGED, /* the verdict is in info */
};

/**
 * Determine mode, size and raw mode from the first directory, as Pillow's
 * TiffImageFile._setup.
 *
 * @param tiff  its dir has been read
 */
enum lc_tiff_step lc_tiff_setup(struct lc_tiff *tiff);

/** Judge as Pillow's SyntaxError: truncated if the directory is cut off, else corrupt. */
enum lc_tiff_step lc_tiff_refuse(struct lc_tiff *tiff, const char *why);

/** Set the verdict to corrupt. */
enum lc_tiff_step lc_tiff_corrupt(struct lc_tiff *tiff, const char *why);

/** Set the verdict to unknown: the picture needs more memory than the limit allows. */
enum lc_tiff_step lc_tiff_limited(struct lc_tiff *tiff, uint64_t memory);

/** Reason: Pillow 11.1 opens RGBX as RGB, which has no fourth plane. */
#define LC_TIFF_PLANES_OF_RGBX "a plane beside red, green and blue" LC_PILLOW_11_1

/** Uncompressed strips or tiles. */
struct lc_tiff_tiles;

/**
 * List the strips or tiles of an uncompressed picture.
 *
 * Owner: the caller frees *out with lc_tiff_tiles_free; NULL unless the result is
 *        GOES_ON.
 */
enum lc_tiff_step lc_tiff_tiles_new(struct lc_tiff *tiff, struct lc_tiff_tiles **out);
void lc_tiff_tiles_free(struct lc_tiff_tiles *tiles);

/** Check that the file contains all tiles, as Pillow's load and RawDecode.c do. */
enum lc_tiff_step lc_tiff_read_tiles(struct lc_tiff *tiff, struct lc_tiff_tiles *tiles);

/** Decode a compressed picture with libtiff, like Pillow's TiffDecode.c. */
enum lc_tiff_step lc_tiff_decode(struct lc_tiff *tiff);

#endif
