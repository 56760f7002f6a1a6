/* exif.h - the few things a verdict needs from an Exif block, a TIFF directory */
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

/** What came of looking for a tag. */
enum lc_tiff_result {
    LC_TIFF_FOUND,
    LC_TIFF_ABSENT,
    LC_TIFF_NOT_TIFF, /* another signature: Pillow raises SyntaxError */
    LC_TIFF_NO_START, /* no room for the directory's offset: Pillow raises struct.error */
};

/** One entry of a directory; its value has size bytes, at least one. */
struct lc_tiff_entry {
    uint16_t type; /* one that Pillow knows: see lc_tiff_type for those that matter */
    bool big_endian;
    struct lc_bytes value;
};

/**
 * Look for a tag in the first directory of a TIFF structure.
 *
 * Entries are read in order until one of them, or its value, lies outside the bytes: what
 * was read before stays valid. Of several entries with the same tag the last one counts.
 *
 * @param tiff  begins with "II" or "MM"
 * @param out   set when the tag was found; its value points into tiff
 *
 * Threads: any.
 * Source:  TIFF 6.0 section 2; Pillow 9.4 TiffImagePlugin.py, ImageFileDirectory_v2.
 */
enum lc_tiff_result lc_tiff_find(struct lc_bytes tiff, uint16_t tag,
                                 struct lc_tiff_entry *out);

/**
 * Read an entry's first value as an integer.
 *
 * @return false when its type is not one of integers
 */
bool lc_tiff_integer(const struct lc_tiff_entry *entry, int64_t *out);

/** Results of lc_exif_orientation that are no orientation. */
enum {
    LC_EXIF_ABSENT = -1,
    LC_EXIF_RAISES = -2, /* Pillow's getexif() raises */
};

/**
 * Read the orientation as Pillow's Image.getexif().get(0x0112).
 *
 * @param tiff  what follows "Exif\0\0"; see lc_exif_body
 * @return 1..8, 0 when there is one that means nothing, LC_EXIF_ABSENT, LC_EXIF_RAISES
 */
int lc_exif_orientation(struct lc_bytes tiff);

/** Drop "Exif\0\0" from the beginning, as Pillow's Exif.load does. */
struct lc_bytes lc_exif_body(struct lc_bytes exif);

#endif
