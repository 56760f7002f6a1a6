#include "image/common/exif.h"

#include <string.h>

enum { HEADER_SIZE = 8, ENTRY_SIZE = 12 };

/* Bytes per value; 0 for types that Pillow skips. */
static const uint8_t type_sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8};

static uint32_t read16(const uint8_t *p, bool big_endian)
{
    return big_endian ? lc_be16(p) : lc_le16(p);
}

static uint32_t read32(const uint8_t *p, bool big_endian)
{
    return big_endian ? lc_be32(p) : lc_le32(p);
}

static bool inside(struct lc_bytes tiff, uint64_t offset, uint64_t size)
{
    return offset <= tiff.size && size <= tiff.size - offset;
}

/* Read the header. Pillow also accepts signatures with swapped bytes, and BigTIFF's. */
static enum lc_tiff_result read_start(struct lc_bytes tiff, bool *big_endian,
                                      uint64_t *start)
{
    static const char signatures[][5] = {"MM\0\x2A", "II\x2A\0", "MM\x2A\0",
                                         "II\0\x2A", "MM\0\x2B", "II\x2B\0"};
    size_t i;

    for (i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        if (tiff.size >= 4 && memcmp(tiff.data, signatures[i], 4) == 0)
            break;
    }
    if (i == sizeof(signatures) / sizeof(signatures[0]))
        return LC_TIFF_NOT_TIFF;
    /* Pillow raises for BigTIFF: it passes on 8 bytes, and the offset comes after
     * them. */
    if (tiff.size < HEADER_SIZE || tiff.data[2] == 0x2B)
        return LC_TIFF_NO_START;
    *big_endian = tiff.data[0] == 'M';
    *start = read32(tiff.data + 4, *big_endian);
    return LC_TIFF_FOUND;
}

/* Read an entry; false if its value lies outside the bytes: Pillow stops reading the
 * directory there. */
static bool read_entry(struct lc_bytes tiff, const uint8_t *raw,
                       struct lc_tiff_entry *entry)
{
    uint64_t size;
    uint64_t offset;

    entry->type = (uint16_t)read16(raw + 2, entry->big_endian);
    entry->value = (struct lc_bytes){raw + 8, 0};
    if (entry->type >= sizeof(type_sizes))
        return true;
    size = (uint64_t)read32(raw + 4, entry->big_endian) * type_sizes[entry->type];
    if (size > 4) {
        offset = read32(raw + 8, entry->big_endian);
        if (!inside(tiff, offset, size))
            return false;
        entry->value.data = tiff.data + offset;
    }
    entry->value.size = (size_t)size;
    return true;
}

enum lc_tiff_result lc_tiff_find(struct lc_bytes tiff, uint16_t tag,
                                 struct lc_tiff_entry *out)
{
    struct lc_tiff_entry entry = {0};
    enum lc_tiff_result result;
    uint64_t at;
    uint32_t count;

    result = read_start(tiff, &entry.big_endian, &at);
    if (result != LC_TIFF_FOUND)
        return result;
    result = LC_TIFF_ABSENT;
    if (!inside(tiff, at, 2))
        return result;
    count = read16(tiff.data + at, entry.big_endian);
    at += 2;
    for (; count > 0 && inside(tiff, at, ENTRY_SIZE); count--, at += ENTRY_SIZE) {
        const uint8_t *raw = tiff.data + at;

        if (!read_entry(tiff, raw, &entry))
            break;
        if (entry.value.size == 0 || read16(raw, entry.big_endian) != tag)
            continue;
        *out = entry;
        result = LC_TIFF_FOUND;
    }
    return result;
}

bool lc_tiff_integer(const struct lc_tiff_entry *entry, int64_t *out)
{
    const uint8_t *p = entry->value.data;
    bool big = entry->big_endian;
    uint64_t high;

    switch (entry->type) {
    case LC_TIFF_SHORT:
        *out = read16(p, big);
        return true;
    case LC_TIFF_LONG:
    case LC_TIFF_IFD:
        *out = read32(p, big);
        return true;
    case LC_TIFF_SBYTE:
        *out = p[0] < 0x80 ? p[0] : p[0] - 0x100;
        return true;
    case LC_TIFF_SSHORT:
        *out = (int16_t)read16(p, big);
        return true;
    case LC_TIFF_SLONG:
        *out = (int32_t)read32(p, big);
        return true;
    case LC_TIFF_LONG8:
        high = read32(big ? p : p + 4, big);
        /* callers need not distinguish values above 2^62 */
        *out =
            high >> 30 ? INT64_MAX : (int64_t)(high << 32 | read32(big ? p + 4 : p, big));
        return true;
    default:
        return false;
    }
}

struct lc_bytes lc_exif_body(struct lc_bytes exif)
{
    if (exif.size >= 6 && memcmp(exif.data, "Exif\0\0", 6) == 0)
        return (struct lc_bytes){exif.data + 6, exif.size - 6};
    return exif;
}

int lc_exif_orientation(struct lc_bytes tiff)
{
    struct lc_tiff_entry entry;
    int64_t value;

    if (tiff.size == 0)
        return LC_EXIF_ABSENT;
    switch (lc_tiff_find(tiff, LC_TAG_ORIENTATION, &entry)) {
    case LC_TIFF_ABSENT:
        return LC_EXIF_ABSENT;
    case LC_TIFF_NOT_TIFF:
    case LC_TIFF_NO_START:
        return LC_EXIF_RAISES;
    case LC_TIFF_FOUND:
        break;
    }
    if (!lc_tiff_integer(&entry, &value) || value < 1 || value > 8)
        return 0;
    return (int)value;
}
