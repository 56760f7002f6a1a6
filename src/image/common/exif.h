/* exif.h - reads the Exif tags on which a verdict depends */
#ifndef LC_IMAGE_COMMON_EXIF_H
#define LC_IMAGE_COMMON_EXIF_H

#include "base/bytes.h"

#include <stdbool.h>

enum {
    LC_TAG_ORIENTATION = 0x0112,
    LC_TAG_X_RESOLUTION = 0x011A,
    LC_TAG_RESOLUTION_UNIT = 0x0128,
    LC_TAG_MP_COUNT = 0xB001,
    LC_TAG_MP_ENTRIES = 0xB002,
};

enum lc_tiff_type {
    LC_TIFF_BYTE = 1,
    LC_TIFF_ASCII = 2,
    LC_TIFF_SHORT = 3,
    LC_TIFF_LONG = 4,
    LC_TIFF_SBYTE = 6,
    LC_TIFF_UNDEFINED = 7,
    LC_TIFF_SSHORT = 8,
    LC_TIFF_SLONG = 9,
    LC_TIFF_IFD = 13,
    LC_TIFF_LONG8 = 16,
};

/** Result of searching for a tag. */
enum lc_tiff_result {
    LC_TIFF_FOUND,
    LC_TIFF_ABSENT,
    LC_TIFF_NOT_TIFF, /* another signature: Pillow raises SyntaxError */
    LC_TIFF_NO_START, /* too short for the directory's offset: raises struct.error */
};

/** One entry of a directory; its value has size bytes, at least one. */
struct lc_tiff_entry {
    uint16_t type; /* a type that Pillow knows; see lc_tiff_type for those that matter */
    bool big_endian;
    struct lc_bytes value;
};

/**
 * Find a tag in the first directory of a TIFF structure.
 *
 * Entries are read in order until one lies outside the bytes, or its value does; the
 * entries before it stay valid. If several entries have the same tag, the last one
 * counts.
 *
 * @param tiff  starts with "II" or "MM"
 * @param out   set if the tag was found; its value points into tiff
 *
 * Threads: any.
 * Source:  TIFF 6.0 section 2; Pillow 9.4 TiffImagePlugin.py, ImageFileDirectory_v2.
 */
enum lc_tiff_result lc_tiff_find(struct lc_bytes tiff, uint16_t tag,
                                 struct lc_tiff_entry *out);

/**
 * Read an entry's first value as an integer.
 *
 * @return false: its type is not an integer type
 */
bool lc_tiff_integer(const struct lc_tiff_entry *entry, int64_t *out);

/** Other results of lc_exif_orientation. */
enum {
    LC_EXIF_ABSENT = -1,
    LC_EXIF_RAISES = -2, /* Pillow's getexif() raises */
};

/**
 * Read the orientation like Pillow's Image.getexif().get(0x0112).
 *
 * @param tiff  the bytes after "Exif\0\0"; see lc_exif_body
 * @return 1..8; 0 for any other value; LC_EXIF_ABSENT; LC_EXIF_RAISES
 */
int lc_exif_orientation(struct lc_bytes tiff);

/** Skip a leading "Exif\0\0", as Pillow's Exif.load does. */
struct lc_bytes lc_exif_body(struct lc_bytes exif);

#endif
