/*
 * Truevision TGA files as Pillow reads them.
 *
 * A TGA file is a header of 18 bytes, an identification, a colour map, and pixels, either
 * plain or in packets: a run of one pixel, or some literal pixels. There is no checksum.
 * A run that crosses the end of a row is refused; literal packets may cross it. If pixels
 * are bytes of gray or of a colour map and are not compressed, they are mapped into
 * memory, which is never lenient.
 *
 * Source: Pillow TgaImagePlugin.py, PcxImagePlugin.py, libImaging/TgaRleDecode.c,
 *         RawDecode.c and map.c of 9.4, 11.1 and 13.0.
 */
#include "image/tga/tga.h"

#include "base/bytes.h"
#include "image/common/tone.h"

#include <stdio.h>
#include <string.h>

enum { HEADER_SIZE = 18, FOOTER_SIZE = 26, MOST_COLOURS = 256, RUN = 0x80 };

/* The kinds of pixels, as stored in the header. */
enum { KIND_MAPPED = 1, KIND_COLOUR = 2, KIND_GRAY = 3, PACKED = 8 };

struct tga {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_image_info *info;
    unsigned kind;
    unsigned bits;       /* bits per pixel */
    size_t colour_count; /* entries in the colour map */
    uint32_t colours[MOST_COLOURS];
    struct lc_tone tone;
};

/* A flag beside the 24 bits of a colour: the pixel is not opaque. */
#define CLEAR (UINT32_C(1) << 24)

static uint32_t read_colour(const uint8_t *p, unsigned bits)
{
    if (bits == 16)
        return (lc_le16(p) & 0x7FFF) | (lc_le16(p) & 0x8000 ? CLEAR : 0);
    return bits == 24 ? lc_le24(p) : lc_le24(p) | (p[3] < 255 ? CLEAR : 0);
}

static void add_pixel(struct tga *tga, const uint8_t *p)
{
    uint32_t colour = p[0];

    if (tga->kind == KIND_MAPPED)
        colour = tga->colours[p[0]];
    else if (tga->kind == KIND_COLOUR)
        colour = read_colour(p, tga->bits);
    else if (tga->bits == 16)
        colour |= p[1] < 255 ? CLEAR : 0;
    if (colour & CLEAR)
        tga->info->transparent = true;
    lc_tone_add(&tga->tone, colour & (CLEAR - 1));
}

static void cut_off(struct tga *tga, uint64_t rows, enum lc_lenient lenient)
{
    lc_image_cut_off(tga->info, rows);
    tga->info->lenient = lenient;
}

static void read_plain(struct tga *tga)
{
    struct lc_image_info *info = tga->info;
    uint64_t row_size = ((uint64_t)info->width * tga->bits + 7) / 8;
    size_t left = tga->size - tga->at;
    bool is_memory_map = tga->bits == 8;
    const uint8_t *row = tga->data + tga->at;

    if (row_size * info->height > left) {
        cut_off(tga, left / row_size,
                is_memory_map ? LC_LENIENT_REFUSED : LC_LENIENT_HOLES);
        return;
    }
    for (uint32_t y = 0; y < info->height; y++, row += row_size) {
        for (uint32_t x = 0; x < info->width; x++) {
            if (tga->bits == 1)
                lc_tone_add(&tga->tone, row[x / 8] >> (7 - x % 8) & 1);
            else
                add_pixel(tga, row + (size_t)x * tga->bits / 8);
        }
    }
    lc_image_accept(info);
}

static void read_packets(struct tga *tga)
{
    struct lc_image_info *info = tga->info;
    uint64_t pixels = (uint64_t)info->width * info->height, got = 0;
    size_t pixel = tga->bits / 8;

    info->lenient = LC_LENIENT_HOLES; /* applies if the file turns out not to load */
    while (got < pixels) {
        size_t left = tga->size - tga->at;
        const uint8_t *p = tga->data + tga->at;
        size_t count = left ? (p[0] & 0x7F) + 1U : 0;
        size_t stored = left && p[0] & RUN ? 1 : count;

        if (!left || left - 1 < stored * pixel) {
            cut_off(tga, got / info->width, LC_LENIENT_HOLES);
            return;
        }
        if (p[0] & RUN && got % info->width + count > info->width) {
            info->rows_decoded = (uint32_t)(got / info->width);
            lc_image_judge(info, LC_DECODE_CORRUPT, "a run crosses the end of row %u",
                           (unsigned)info->rows_decoded + 1);
            return;
        }
        for (size_t i = 0; i < stored && got + i < pixels; i++)
            add_pixel(tga, p + 1 + i * pixel);
        tga->at += 1 + stored * pixel;
        got += count;
    }
    info->lenient = LC_LENIENT_REFUSED;
    lc_image_accept(info);
}

/* Read the colour map; false if the verdict is final. */
static bool read_map(struct tga *tga)
{
    const uint8_t *p = tga->data;
    size_t first = lc_le16(p + 3), count = lc_le16(p + 5), entry = (p[7] + 7U) / 8;
    size_t left;

    if (p[7] != 16 && p[7] != 24 && p[7] != 32) {
        lc_image_judge(tga->info, LC_DECODE_CORRUPT,
                       "a colour map of %u bits" LC_PILLOW_11_1, p[7]);
        return false;
    }
    if (tga->kind == KIND_GRAY) {
        lc_image_judge(tga->info, LC_DECODE_NONE, "not verified: gray with a colour map");
        return false;
    }
    if (tga->kind == KIND_COLOUR) {
        lc_image_judge(tga->info, LC_DECODE_CORRUPT,
                       "a colour map for pixels that are colours");
        return false;
    }
    if (p[7] == 32) { /* Pillow 13.0 loads this, 11.3 does not */
        lc_image_judge(tga->info, LC_DECODE_NONE,
                       "not verified: a colour map of 32 bits");
        return false;
    }
    left = (tga->size - tga->at) / entry;
    count = count < left ? count : left;
    if (first + count > MOST_COLOURS) {
        lc_image_judge(tga->info, LC_DECODE_CORRUPT,
                       "the colour map has more than 256 entries");
        return false;
    }
    for (size_t i = 0; i < MOST_COLOURS; i++)
        tga->colours[i] = i < first + count ? 0
                          : p[7] == 16      ? (uint32_t)i >> 3
                                            : (uint32_t)i * 0x10101;
    for (size_t i = 0; i < count; i++)
        tga->colours[first + i] =
            read_colour(tga->data + tga->at + i * entry, (unsigned)entry * 8);
    tga->at += count * entry;
    return true;
}

/* Whether Pillow mistakes the file for a PCX, which it then refuses. */
static bool is_odd_pcx(const struct tga *tga)
{
    const uint8_t *p = tga->data;

    return tga->size >= 68 && p[0] == 10 && p[1] == 0 &&
           lc_le16(p + 8) >= lc_le16(p + 4) && lc_le16(p + 10) >= lc_le16(p + 6);
}

/* Set Pillow's mode; false if it has none for these pixels. */
static bool set_mode(struct tga *tga)
{
    static const struct {
        unsigned kind, bits;
        uint8_t depth;
        const char *mode;
    } modes[] = {
        {KIND_MAPPED, 8, 8, "P"},     {KIND_GRAY, 1, 1, "1"},
        {KIND_GRAY, 8, 8, "L"},       {KIND_GRAY, 16, 8, "LA"},
        {KIND_COLOUR, 16, 5, "RGBA"}, {KIND_COLOUR, 24, 8, "RGB"},
        {KIND_COLOUR, 32, 8, "RGBA"},
    };

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (modes[i].kind != tga->kind || modes[i].bits != tga->bits)
            continue;
        snprintf(tga->info->mode, sizeof(tga->info->mode), "%s", modes[i].mode);
        tga->info->depth = modes[i].depth;
        return true;
    }
    return false;
}

/* Judge the header; false if the verdict is final. */
static bool read_header(struct tga *tga)
{
    struct lc_image_info *info = tga->info;
    const uint8_t *p = tga->data;

    tga->kind = p[2] & 3;
    tga->bits = p[16];
    tga->at = HEADER_SIZE + (size_t)p[0];
    if (tga->at > tga->size)
        tga->at = tga->size;
    if (is_odd_pcx(tga)) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "begins like a PCX of an unknown kind");
        return false;
    }
    info->width = lc_le16(p + 12);
    info->height = lc_le16(p + 14);
    if (!set_mode(tga)) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "%s of %u bits",
                       tga->kind == KIND_MAPPED ? "indexes"
                       : tga->kind == KIND_GRAY ? "gray pixels"
                                                : "pixels",
                       tga->bits);
        return false;
    }
    if (tga->kind == KIND_MAPPED && !p[1]) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "no colour map" LC_PILLOW_11_1);
        return false;
    }
    return !p[1] || read_map(tga);
}

enum lc_status lc_tga_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    struct tga tga = {.data = data, .size = size, .info = out};

    (void)scratch;
    (void)err;
    if (!read_header(&tga))
        return LC_OK;
    out->frames = 1;
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    if (!(data[2] & PACKED)) {
        read_plain(&tga);
    } else if (tga.bits == 1) { /* Pillow reads packets without pixels up to the end of
                                   the file */
        lc_image_judge(out, LC_DECODE_CORRUPT, "packets of pixels of 1 bit");
        out->lenient = LC_LENIENT_HOLES;
    } else {
        read_packets(&tga);
    }
    if (out->decode != LC_DECODE_OK)
        return LC_OK;
    if (strcmp(out->mode, "RGBA") == 0 && size < FOOTER_SIZE) { /* Pillow 13.0 refuses
                                                                   this */
        lc_image_judge(out, LC_DECODE_NONE, "not verified: fewer than 26 bytes");
        return LC_OK;
    }
    out->rows_decoded = out->height;
    out->blank = !tga.tone.mixed;
    return LC_OK;
}
