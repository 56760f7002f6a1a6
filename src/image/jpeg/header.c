#include "image/jpeg/header.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "image/common/exif.h"
#include "image/common/decoder.h"
#include "image/jpeg/markers.h"

struct walk {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_image_info *info;
    struct lc_bytes segment; /* the current one, without its length */
    struct lc_bytes exif;    /* the first Exif segment; data is NULL without one */
    struct lc_bytes mp;      /* the last multi-picture index */
    struct lc_bytes icc;     /* the ICC segment that sorts first, by its bytes */
    bool has_dpi;            /* the resolution is known: no need to read it from Exif */
};

static bool refuse(struct walk *walk, enum lc_decode decode, const char *why)
{
    lc_image_judge(walk->info, decode, "%s", why);
    return false;
}

static bool begins(struct lc_bytes span, const char *text, size_t size)
{
    return span.size >= size && memcmp(span.data, text, size) == 0;
}

/* Pillow treats a length below 2 as an empty segment. */
static bool read_segment(struct walk *walk)
{
    size_t length;

    walk->segment = (struct lc_bytes){NULL, 0};
    if (walk->size - walk->at < 2)
        return refuse(walk, LC_DECODE_TRUNCATED, "the file ends inside its header");
    length = lc_be16(walk->data + walk->at);
    walk->at += 2;
    if (length <= 2)
        return true;
    length -= 2;
    if (length > walk->size - walk->at)
        return refuse(walk, LC_DECODE_TRUNCATED, "the file ends inside a header segment");
    walk->segment = (struct lc_bytes){walk->data + walk->at, length};
    walk->at += length;
    return true;
}

static bool read_jfif(struct walk *walk)
{
    struct lc_bytes s = walk->segment;

    if (s.size < 7)
        return refuse(walk, LC_DECODE_CORRUPT, "JFIF segment too short");
    if (s.size >= 12 && s.data[7] == 1)
        walk->has_dpi = true;
    return true;
}

/* Photoshop's resource blocks: Pillow raises if one is cut inside its name, but not if it
 * is cut anywhere else. */
static bool read_photoshop(struct walk *walk)
{
    struct lc_bytes s = walk->segment;
    uint64_t at = 14;

    while (at + 4 <= s.size && memcmp(s.data + at, "8BIM", 4) == 0) {
        uint32_t code;
        uint64_t size;

        at += 4;
        if (s.size - at < 2)
            return true;
        code = lc_be16(s.data + at);
        at += 2;
        if (at >= s.size)
            return refuse(walk, LC_DECODE_CORRUPT, "Photoshop segment truncated");
        at += 1 + (uint64_t)s.data[at];
        at += at & 1;
        if (at + 4 > s.size)
            return true;
        size = lc_be32(s.data + at);
        at += 4;
        if (code == 0x03ED && (size < 14 || s.size - at < 14))
            return true;
        at += size;
        at += at & 1;
    }
    return true;
}

/* Pillow sorts its list of ICC segments, and only the first of them can raise: keep that
 * one. */
static void keep_icc(struct walk *walk)
{
    struct lc_bytes s = walk->segment;
    size_t common = s.size < walk->icc.size ? s.size : walk->icc.size;
    int order;

    if (walk->icc.data) {
        order = memcmp(s.data, walk->icc.data, common);
        if (order > 0 || (order == 0 && s.size >= walk->icc.size))
            return;
    }
    walk->icc = s;
}

/*
 * Whether Pillow 9.4 raises when its walk reads the horizontal resolution from Exif. A
 * value that is not a number is ignored; a text or byte string too short to be indexed
 * raises.
 */
static bool exif_resolution_raises(struct lc_bytes tiff)
{
    struct lc_tiff_entry entry;
    struct lc_bytes text;
    bool digit;

    if (lc_tiff_find(tiff, LC_TAG_RESOLUTION_UNIT, &entry) != LC_TIFF_FOUND ||
        lc_tiff_find(tiff, LC_TAG_X_RESOLUTION, &entry) != LC_TIFF_FOUND)
        return false;
    text = entry.value;
    if (entry.type == LC_TIFF_ASCII) {
        if (text.data[text.size - 1] == '\0')
            text.size--;
        digit = text.size > 0 && text.data[0] >= '0' && text.data[0] <= '9';
        return text.size == 0 || (text.size == 1 && digit);
    }
    if (entry.type == LC_TIFF_BYTE || entry.type == LC_TIFF_UNDEFINED)
        return text.size == 1;
    return false;
}

static bool read_exif_resolution(struct walk *walk)
{
    struct lc_bytes tiff = lc_exif_body(walk->exif);
    struct lc_tiff_entry entry;

    walk->has_dpi = true;
    if (tiff.size == 0)
        return true;
    if (lc_tiff_find(tiff, LC_TAG_RESOLUTION_UNIT, &entry) == LC_TIFF_NO_START)
        return refuse(walk, LC_DECODE_CORRUPT, "Exif header too short" LC_PILLOW_9_4);
    if (exif_resolution_raises(tiff))
        return refuse(walk, LC_DECODE_CORRUPT, "Exif resolution too short");
    return true;
}

static bool read_app(struct walk *walk, unsigned marker)
{
    struct lc_bytes s;
    bool good = true;

    if (!read_segment(walk))
        return false;
    s = walk->segment;
    if (marker == MARKER_APP0 && begins(s, "JFIF", 4)) {
        good = read_jfif(walk);
    } else if (marker == MARKER_APP0 + 1 && begins(s, "Exif\0", 5)) {
        if (!walk->exif.data)
            walk->exif = s;
    } else if (marker == MARKER_APP0 + 2 && begins(s, "ICC_PROFILE\0", 12)) {
        keep_icc(walk);
    } else if (marker == MARKER_APP0 + 13 && begins(s, "Photoshop 3.0\0", 14)) {
        good = read_photoshop(walk);
    } else if (marker == MARKER_APP0 + 14 && begins(s, "Adobe", 5)) {
        if (s.size < 7)
            good = refuse(walk, LC_DECODE_CORRUPT, "Adobe segment too short");
    } else if (marker == MARKER_APP0 + 2 && begins(s, "MPF\0", 4)) {
        walk->mp = (struct lc_bytes){s.data + 4, s.size - 4};
    }
    if (good && !walk->has_dpi && walk->exif.data)
        good = read_exif_resolution(walk);
    return good;
}

static const char *mode_of_layers(unsigned layers)
{
    switch (layers) {
    case 1:
        return "L";
    case 3:
        return "RGB";
    case 4:
        return "CMYK";
    default:
        return NULL;
    }
}

static bool read_frame(struct walk *walk)
{
    struct lc_image_info *info = walk->info;
    struct lc_bytes s;
    const char *mode;

    if (!read_segment(walk))
        return false;
    s = walk->segment;
    if (s.size < 6)
        return refuse(walk, LC_DECODE_CORRUPT, "frame header too short");
    info->height = lc_be16(s.data + 1);
    info->width = lc_be16(s.data + 3);
    if (s.data[0] != 8) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "%u-bit samples", (unsigned)s.data[0]);
        return false;
    }
    mode = mode_of_layers(s.data[5]);
    if (!mode) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "%u colour components",
                       (unsigned)s.data[5]);
        return false;
    }
    snprintf(info->mode, sizeof(info->mode), "%s", mode);
    if (walk->icc.data && walk->icc.size < 14)
        return refuse(walk, LC_DECODE_CORRUPT, "ICC profile segment too short");
    walk->icc = (struct lc_bytes){NULL, 0};
    if ((s.size - 6) % 3 != 0)
        return refuse(walk, LC_DECODE_CORRUPT, "frame header has the wrong length");
    return true;
}

static bool read_tables(struct walk *walk)
{
    struct lc_bytes s;
    size_t at = 0;

    if (!read_segment(walk))
        return false;
    s = walk->segment;
    while (at < s.size) {
        size_t table = s.data[at] / 16 == 0 ? 1 + 64 : 1 + 128;

        if (s.size - at < table)
            return refuse(walk, LC_DECODE_CORRUPT,
                          "quantization table segment truncated");
        at += table;
    }
    return true;
}

static bool has_segment(unsigned marker)
{
    if (marker == MARKER_JPG)
        return false;
    if (marker >= MARKER_RST0 && marker <= MARKER_EOI)
        return false;
    return marker <= MARKER_APP15 || marker == MARKER_COM;
}

/* Whether a marker with a segment begins a frame: SOF0 to SOF15, and DHP, which has the
 * same fields. */
static bool begins_frame(unsigned marker)
{
    return marker == MARKER_DHP ||
           (marker < MARKER_RST0 && marker != MARKER_DHT && marker != MARKER_DAC);
}

static bool read_marker(struct walk *walk, unsigned marker)
{
    if (!has_segment(marker))
        return true;
    if (marker >= MARKER_APP0 && marker <= MARKER_APP15)
        return read_app(walk, marker);
    if (marker == MARKER_DQT)
        return read_tables(walk);
    if (begins_frame(marker))
        return read_frame(walk);
    return read_segment(walk);
}

static bool next_byte(struct walk *walk, unsigned *out)
{
    if (walk->at == walk->size)
        return refuse(walk, LC_DECODE_TRUNCATED, "the file ends inside its header");
    *out = walk->data[walk->at++];
    return true;
}

/* Pillow skips bytes between segments, and refuses FF followed by 1..BF. */
static bool walk_markers(struct walk *walk)
{
    unsigned byte = 0xFF;
    unsigned code;

    for (;;) {
        if (byte != 0xFF) {
            if (!next_byte(walk, &byte))
                return false;
            continue;
        }
        if (!next_byte(walk, &code))
            return false;
        if (code == 0xFF)
            continue;
        if (code != 0 && code < MARKER_FIRST)
            return refuse(walk, LC_DECODE_CORRUPT, "expected a marker");
        if (code != 0 && !read_marker(walk, code))
            return false;
        if (code == MARKER_SOS)
            return true;
        if (!next_byte(walk, &byte))
            return false;
    }
}

static bool is_bytes(const struct lc_tiff_entry *entry)
{
    return entry->type == LC_TIFF_BYTE || entry->type == LC_TIFF_UNDEFINED;
}

/*
 * Check the multi-picture index, which stereo cameras write. Pillow ignores an invalid
 * one with a warning, but an entry past the end of the index raises.
 */
static bool check_pictures(struct walk *walk)
{
    struct lc_tiff_entry count;
    struct lc_tiff_entry entries;
    int64_t pictures;
    int64_t i;

    if (!walk->mp.data)
        return true;
    if (lc_tiff_find(walk->mp, LC_TAG_MP_COUNT, &count) != LC_TIFF_FOUND ||
        lc_tiff_find(walk->mp, LC_TAG_MP_ENTRIES, &entries) != LC_TIFF_FOUND)
        return true;
    if (!lc_tiff_integer(&count, &pictures) || !is_bytes(&entries))
        return true;
    for (i = 0; i < pictures; i++) {
        const uint8_t *raw = entries.value.data + 16 * i;
        bool little = begins(walk->mp, "MM\0\x2A", 4) == false;

        if ((uint64_t)(i + 1) * 16 > entries.value.size)
            return refuse(walk, LC_DECODE_CORRUPT, "multi-picture index truncated");
        if ((raw[little ? 3 : 0] & 7) != 0)
            return true;
    }
    if (pictures > 1)
        walk->info->frames = (uint32_t)pictures;
    return true;
}

bool lc_jpeg_header_read(const uint8_t *data, size_t size, struct lc_image_info *info)
{
    struct walk walk = {.data = data, .size = size, .at = 3, .info = info};
    int orientation;

    assert(size >= 3);
    if (!walk_markers(&walk))
        return false;
    if (info->mode[0] == '\0')
        return refuse(&walk, LC_DECODE_CORRUPT, "no frame header before the first scan");
    if (info->width == 0 || info->height == 0)
        return refuse(&walk, LC_DECODE_CORRUPT, "the frame's width or height is 0");
    info->frames = 1;
    if (!check_pictures(&walk))
        return false;
    if (walk.exif.data) {
        orientation = lc_exif_orientation(lc_exif_body(walk.exif));
        info->orientation = orientation > 0 ? (uint8_t)orientation : 0;
    }
    return true;
}
