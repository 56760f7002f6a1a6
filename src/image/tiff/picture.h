/* picture.h - what the files of the TIFF verdict share: tags, raw modes, tiles, decoding
 */
#ifndef LC_IMAGE_TIFF_PICTURE_H
#define LC_IMAGE_TIFF_PICTURE_H

#include "image/common/exif.h"
#include "image/common/decoder.h"

/** The tags that a verdict needs, as places in lc_tiff_dir. */
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

/** A file and how Pillow reads its directories. */
struct lc_tiff_source {
    struct lc_bytes bytes;
    bool big_endian;
    bool large; /* BigTIFF: as Pillow takes it, which is blind to big-endian ones */
};

/** How far a directory could be read. */
enum lc_tiff_dir_state {
    LC_TIFF_DIR_WHOLE,
    LC_TIFF_DIR_CUT,   /* it, or one of its values, lies outside: Pillow goes on with the
                          entries before, and with the next directory it knew of */
    LC_TIFF_DIR_RAISES /* an offset beyond what a file can have: Pillow raises */
};

/** One directory. An absent tag has a value of no bytes. */
struct lc_tiff_dir {
    enum lc_tiff_dir_state state;
    uint64_t entries;      /* entries that were read */
    bool short_of_entries; /* cut before the last of them */
    uint64_t next;         /* the next directory's offset, set when the state is whole */
    struct lc_tiff_entry tags[LC_TIFF_TAG_COUNT];
};

/**
 * Read a directory as Pillow's ImageFileDirectory_v2.load.
 *
 * @param at   its offset in the file
 * @param out  overwritten; its values point into the source's bytes
 *
 * Threads: any.
 * Source:  Pillow 9.4 TiffImagePlugin.py.
 */
void lc_tiff_read_dir(const struct lc_tiff_source *source, uint64_t at,
                      struct lc_tiff_dir *out);

/** What Python makes of a tag's value. */
enum lc_tiff_kind {
    LC_TIFF_NOTHING,
    LC_TIFF_INTEGERS,
    LC_TIFF_REALS, /* floats and rationals */
    LC_TIFF_BYTES, /* types BYTE and UNDEFINED */
    LC_TIFF_TEXT,
};

struct lc_tiff_number {
    double value;    /* NAN for a rational with a denominator of 0 */
    int64_t integer; /* its value, when whole; cut to the range of the type */
    bool whole;
};

enum lc_tiff_kind lc_tiff_kind(const struct lc_tiff_entry *entry);

/** Whether its values are of type FLOAT or DOUBLE. */
bool lc_tiff_is_float(const struct lc_tiff_entry *entry);

/** How many values an entry has; for BYTES and TEXT, how many bytes. */
size_t lc_tiff_count(const struct lc_tiff_entry *entry);

/** One value; for BYTES one byte; not for TEXT. */
struct lc_tiff_number lc_tiff_number(const struct lc_tiff_entry *entry, size_t i);

/**
 * Tell whether an entry's first value is a number, in the sense of Python's ==.
 *
 * @param absent  the value that an absent tag has
 */
bool lc_tiff_equals(const struct lc_tiff_entry *entry, int64_t number, int64_t absent);

enum lc_tiff_int {
    LC_TIFF_INT,
    LC_TIFF_INT_REFUSED, /* TypeError: Pillow says that it is no picture */
    LC_TIFF_INT_RAISES,  /* ValueError, OverflowError: Image.open raises them */
};

/** Python's int() of an entry's first value: reads the digits of a text, too. */
enum lc_tiff_int lc_tiff_int(const struct lc_tiff_entry *entry, int64_t *out);

/* --- raw modes */

/** What the bytes of a row are, named as Pillow does: the pixels of mode from raw. */
struct lc_tiff_layout {
    const char *mode;
    const char *raw;
    uint8_t bits;  /* of one pixel */
    uint8_t kind;  /* see pixel.c */
    uint8_t flags; /* see pixel.c */
};

/** Find what Pillow can unpack; NULL when it cannot. */
const struct lc_tiff_layout *lc_tiff_layout(const char *mode, const char *raw);

/** How many bands an image of the mode has. */
unsigned lc_tiff_bands(const char *mode);

/** What one file's pixels were so far: all the same? */
struct lc_tiff_blank {
    bool differs;
    bool seen[4];
    uint32_t first[4];        /* for each plane */
    uint8_t palette[256 * 3]; /* red, green and blue in turn */
};

/**
 * Compare the pixels of a row with those before.
 *
 * @param plane  0, or which of the planes the row belongs to
 * @param row    at least width pixels
 */
void lc_tiff_blank_row(struct lc_tiff_blank *blank, const struct lc_tiff_layout *layout,
                       unsigned plane, const uint8_t *row, uint32_t width);

/* --- a picture */

/** What Pillow's TiffImageFile has found out when it is open. */
struct lc_tiff {
    struct lc_image_scratch *scratch;
    struct lc_tiff_source source;
    uint64_t first; /* the first directory's offset */
    struct lc_tiff_dir dir;
    struct lc_image_info *info;
    const struct lc_image_limits *limits;
    int64_t width;
    int64_t height;
    int compression;     /* 1: not compressed */
    bool planar;         /* PlanarConfiguration is 2 */
    double bits_sum;     /* of all samples */
    size_t palette_size; /* colours, 0 without one */
    int plane_count; /* by which Pillow divides the length of a row of separate planes */
    char mode[8];
    char raw[12]; /* the raw mode that the decoder is asked for */
    struct lc_tiff_blank blank;
    bool no_memory;
};

/** How a step ended. */
enum lc_tiff_step {
    LC_TIFF_GOES_ON,
    LC_TIFF_JUDGED, /* info has the verdict */
};

/**
 * Tell mode, size and raw mode by the first directory, as Pillow's TiffImageFile._setup.
 *
 * @param tiff  its dir is read
 */
enum lc_tiff_step lc_tiff_setup(struct lc_tiff *tiff);

/** Refuse the picture as Pillow does with SyntaxError: cut when its directory is. */
enum lc_tiff_step lc_tiff_refuse(struct lc_tiff *tiff, const char *why);

/** Judge the picture corrupt. */
enum lc_tiff_step lc_tiff_corrupt(struct lc_tiff *tiff, const char *why);

/** Judge the picture not verified: more memory is asked for than the limit allows. */
enum lc_tiff_step lc_tiff_limited(struct lc_tiff *tiff, uint64_t memory);

/** Pillow 11.1 takes RGBX for RGB, which has no fourth plane. */
#define LC_TIFF_PLANES_OF_RGBX "a plane beside red, green and blue" LC_PILLOW_11_1

/** Strips and tiles that are not compressed. */
struct lc_tiff_tiles;

/**
 * List the tiles of a picture that is not compressed.
 *
 * Owner: *out is the caller's, freed with lc_tiff_tiles_free; NULL unless GOES_ON.
 */
enum lc_tiff_step lc_tiff_tiles_new(struct lc_tiff *tiff, struct lc_tiff_tiles **out);
void lc_tiff_tiles_free(struct lc_tiff_tiles *tiles);

/** Look whether all tiles are there, as Pillow's load and RawDecode.c would. */
enum lc_tiff_step lc_tiff_read_tiles(struct lc_tiff *tiff, struct lc_tiff_tiles *tiles);

/** Decode with libtiff what is compressed, as Pillow's TiffDecode.c does. */
enum lc_tiff_step lc_tiff_decode(struct lc_tiff *tiff);

#endif
