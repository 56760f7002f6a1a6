#include "image/tiff/picture.h"

#include <string.h>

enum kind {
    GRAY,  /* samples of up to 8 bits */
    INDEX, /* like GRAY, but indexes into a palette */
    WORD,  /* 16 bits, clipped to 255 as Pillow does */
    TWELVE,
    SHORT, /* 16 bits, signed */
    INT,
    FLOAT,
    COLOUR, /* red, green, blue, and samples that are ignored */
    CMYK,
};

enum flag {
    BIG = 1,      /* big-endian */
    INVERTED = 2, /* white is 0 */
    REVERSED = 4, /* bits of each byte in reverse order */
    WIDE = 8,     /* 16-bit samples; Pillow keeps the high byte */
    PREMULTIPLIED = 16,
};

/* The rows of Pillow's Unpack.c that its TIFF plugin uses. */
static const struct lc_tiff_layout layouts[] = {
    {"1", "1", 1, GRAY, 0},
    {"1", "1;I", 1, GRAY, INVERTED},
    {"1", "1;R", 1, GRAY, REVERSED},
    {"1", "1;IR", 1, GRAY, INVERTED | REVERSED},
    {"L", "L;2", 2, GRAY, 0},
    {"L", "L;2I", 2, GRAY, INVERTED},
    {"L", "L;2R", 2, GRAY, REVERSED},
    {"L", "L;2IR", 2, GRAY, INVERTED | REVERSED},
    {"L", "L;4", 4, GRAY, 0},
    {"L", "L;4I", 4, GRAY, INVERTED},
    {"L", "L;4R", 4, GRAY, REVERSED},
    {"L", "L;4IR", 4, GRAY, INVERTED | REVERSED},
    {"L", "L", 8, GRAY, 0},
    {"L", "L;I", 8, GRAY, INVERTED},
    {"L", "L;R", 8, GRAY, REVERSED},
    {"LA", "LA", 16, GRAY, 0},
    {"P", "P;1", 1, INDEX, 0},
    {"P", "P;2", 2, INDEX, 0},
    {"P", "P;4", 4, INDEX, 0},
    {"P", "P", 8, INDEX, 0},
    {"P", "P;R", 8, INDEX, REVERSED},
    {"PA", "PA", 16, INDEX, 0},
    {"I;16", "I;16", 16, WORD, 0},
    {"I;16", "I;16N", 16, WORD, 0},
    {"I;16", "I;16R", 16, WORD, REVERSED},
    {"I;16", "I;12", 12, TWELVE, 0},
    {"I;16B", "I;16B", 16, WORD, BIG},
    {"I;16B", "I;16N", 16, WORD, 0},
    {"I", "I;16S", 16, SHORT, 0},
    {"I", "I;16BS", 16, SHORT, BIG},
    {"I", "I;16NS", 16, SHORT, 0},
    {"I", "I", 32, INT, 0},
    {"I", "I;32N", 32, INT, 0},
    {"I", "I;32S", 32, INT, 0},
    {"I", "I;32BS", 32, INT, BIG},
    {"F", "F", 32, FLOAT, 0},
    {"F", "F;32F", 32, FLOAT, 0},
    {"F", "F;32BF", 32, FLOAT, BIG},
    {"RGB", "RGB", 24, COLOUR, 0},
    {"RGB", "RGB;R", 24, COLOUR, REVERSED},
    {"RGB", "RGBX", 32, COLOUR, 0},
    {"RGB", "R;16N", 16, GRAY, WIDE},
    {"RGB", "RGB;16L", 48, COLOUR, WIDE},
    {"RGB", "RGB;16N", 48, COLOUR, WIDE},
    {"RGB", "RGB;16B", 48, COLOUR, WIDE | BIG},
    {"RGBX", "RGBX", 32, COLOUR, 0},
    {"RGBX", "RGBXX", 40, COLOUR, 0},
    {"RGBX", "RGBXXX", 48, COLOUR, 0},
    {"RGBX", "RGBX;16L", 64, COLOUR, WIDE},
    {"RGBX", "RGBX;16N", 64, COLOUR, WIDE},
    {"RGBX", "RGBX;16B", 64, COLOUR, WIDE | BIG},
    {"RGBA", "RGBA", 32, COLOUR, 0},
    {"RGBA", "RGBAX", 40, COLOUR, 0},
    {"RGBA", "RGBAXX", 48, COLOUR, 0},
    {"RGBA", "RGBA;16L", 64, COLOUR, WIDE},
    {"RGBA", "RGBA;16N", 64, COLOUR, WIDE},
    {"RGBA", "RGBA;16B", 64, COLOUR, WIDE | BIG},
    {"RGBA", "RGBa", 32, COLOUR, PREMULTIPLIED},
    {"RGBA", "RGBaX", 40, COLOUR, PREMULTIPLIED},
    {"RGBA", "RGBaXX", 48, COLOUR, PREMULTIPLIED},
    {"RGBA", "RGBa;16L", 64, COLOUR, PREMULTIPLIED | WIDE},
    {"RGBA", "RGBa;16N", 64, COLOUR, PREMULTIPLIED | WIDE},
    {"RGBA", "RGBa;16B", 64, COLOUR, PREMULTIPLIED | WIDE | BIG},
    {"CMYK", "CMYK", 32, CMYK, 0},
    {"CMYK", "CMYKX", 40, CMYK, 0},
    {"CMYK", "CMYKXX", 48, CMYK, 0},
    {"CMYK", "CMYK;16L", 64, CMYK, WIDE},
    {"CMYK", "CMYK;16N", 64, CMYK, WIDE},
    {"LAB", "LAB", 24, COLOUR, 0},
};

/* Layout for rows of a single band of any mode; the raw mode is a letter of the mode. */
static const struct lc_tiff_layout band = {"", "", 8, GRAY, 0};

static bool has_bands(const char *mode)
{
    return strcmp(mode, "RGB") == 0 || strcmp(mode, "RGBX") == 0 ||
           strcmp(mode, "RGBA") == 0 || strcmp(mode, "CMYK") == 0 ||
           strcmp(mode, "LAB") == 0;
}

const struct lc_tiff_layout *lc_tiff_layout(const char *mode, const char *raw)
{
    size_t i;

    for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (strcmp(layouts[i].mode, mode) == 0 && strcmp(layouts[i].raw, raw) == 0)
            return &layouts[i];
    }
    if (has_bands(mode) && strlen(raw) == 1 && strchr(mode, raw[0]))
        return &band;
    return NULL;
}

unsigned lc_tiff_bands(const char *mode)
{
    if (has_bands(mode))
        return (unsigned)strlen(mode);
    return strcmp(mode, "LA") == 0 || strcmp(mode, "PA") == 0 ? 2 : 1;
}

static uint8_t reverse(uint8_t byte)
{
    byte = (uint8_t)((byte & 0x0F) << 4 | (byte & 0xF0) >> 4);
    byte = (uint8_t)((byte & 0x33) << 2 | (byte & 0xCC) >> 2);
    return (uint8_t)((byte & 0x55) << 1 | (byte & 0xAA) >> 1);
}

/* Get a sample of up to 8 bits; of a pixel with more bits, the first 8. */
static uint32_t sample(const struct lc_tiff_layout *layout, const uint8_t *row, size_t x)
{
    unsigned bits = layout->bits < 8 ? layout->bits : 8;
    uint8_t byte = row[x * layout->bits / 8 + (layout->flags & WIDE ? 1 : 0)];
    /* bits of the pixels before it in its byte */
    unsigned before = layout->bits < 8 ? (unsigned)(x * layout->bits % 8) : 0;
    unsigned mask = (1U << bits) - 1;
    unsigned value;

    if (layout->flags & REVERSED)
        byte = reverse(byte);
    value = (unsigned)byte >> (8 - bits - before);
    return (layout->flags & INVERTED ? ~value : value) & mask;
}

static uint32_t clip(int64_t value)
{
    return value < 0 ? 0 : value > 255 ? 255 : (uint32_t)value;
}

static uint32_t word(const struct lc_tiff_layout *layout, const uint8_t *p)
{
    uint8_t bytes[] = {p[0], p[1]};

    if (layout->flags & REVERSED) {
        bytes[0] = reverse(bytes[0]);
        bytes[1] = reverse(bytes[1]);
    }
    return layout->flags & BIG ? lc_be16(bytes) : lc_le16(bytes);
}

static uint32_t twelve(const uint8_t *row, size_t x)
{
    const uint8_t *p = row + x / 2 * 3;

    if (x % 2 == 0)
        return (uint32_t)p[0] << 4 | p[1] >> 4;
    return (uint32_t)(p[1] & 15) << 8 | p[2];
}

static uint32_t from_float(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof(value));
    if (value >= 255)
        return 255;
    return value > 0 ? (uint32_t)value : 0; /* NaN as well */
}

/* Compute one colour like Pillow's cmyk2rgb in Convert.c, with the same rounding. */
static uint32_t ink(uint32_t value, uint32_t light)
{
    uint32_t product = value * light + 128;

    product = ((product >> 8) + product) >> 8;
    return product > light ? 0 : light - product;
}

static uint32_t colour(const struct lc_tiff_layout *layout, const uint8_t *row, size_t x)
{
    const uint8_t *p = row + x * layout->bits / 8;
    unsigned step = layout->flags & WIDE ? 2 : 1;
    unsigned upper = (layout->flags & WIDE) && !(layout->flags & BIG);
    uint32_t v[4] = {0};
    unsigned count = layout->bits / (8 * step) > 3 ? 4 : 3;
    unsigned i;

    for (i = 0; i < count; i++)
        v[i] = p[i * step + upper];
    if (layout->kind == CMYK) {
        for (i = 0; i < 3; i++)
            v[i] = ink(v[i], 255 - v[3]);
    } else if (layout->flags & PREMULTIPLIED) {
        for (i = 0; i < 3; i++)
            v[i] = v[3] == 0 ? 0 : clip((int64_t)(v[i] * 255 / v[3]));
    }
    return v[0] << 16 | v[1] << 8 | v[2];
}

/* Map a pixel to a number that is equal for two pixels if and only if their colours
 * are. */
static uint32_t pixel(const struct lc_tiff_blank *blank,
                      const struct lc_tiff_layout *layout, const uint8_t *row, size_t x)
{
    const uint8_t *p;
    uint32_t value;

    switch ((enum kind)layout->kind) {
    case GRAY:
        return sample(layout, row, x);
    case INDEX:
        p = blank->palette + (size_t)sample(layout, row, x) * 3;
        return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
    case WORD:
        return clip(word(layout, row + x * 2));
    case TWELVE:
        return clip(twelve(row, x));
    case SHORT:
        return clip((int16_t)word(layout, row + x * 2));
    case INT:
    case FLOAT:
        value = layout->flags & BIG ? lc_be32(row + x * 4) : lc_le32(row + x * 4);
        return layout->kind == INT ? clip((int32_t)value) : from_float(value);
    default:
        return colour(layout, row, x);
    }
}

/* Whether all pixels have the same bytes: faster than comparing colours. */
static bool is_constant(const struct lc_tiff_layout *layout, const uint8_t *row,
                        uint32_t width)
{
    size_t size = layout->bits / 8;

    return layout->bits % 8 == 0 && memcmp(row, row + size, (width - 1) * size) == 0;
}

void lc_tiff_blank_row(struct lc_tiff_blank *blank, const struct lc_tiff_layout *layout,
                       unsigned plane, const uint8_t *row, uint32_t width)
{
    uint32_t x = 0;

    if (blank->differs || width == 0)
        return;
    if (!blank->seen[plane])
        blank->first[plane] = pixel(blank, layout, row, 0);
    blank->seen[plane] = true;
    if (is_constant(layout, row, width))
        width = 1;
    while (x < width && pixel(blank, layout, row, x) == blank->first[plane])
        x++;
    blank->differs = x < width;
}

void lc_tiff_alpha_begin(struct lc_tiff_alpha *alpha, const char *mode)
{
    *alpha =
        (struct lc_tiff_alpha){.wanted = strchr(mode, 'A') && strcmp(mode, "LAB") != 0};
}

void lc_tiff_alpha_row(struct lc_tiff_alpha *alpha, const char *mode,
                       const struct lc_tiff_layout *layout, unsigned plane,
                       const uint8_t *row, uint32_t width)
{
    unsigned last = lc_tiff_bands(mode) - 1; /* alpha is the last band */
    size_t sample = layout->flags & WIDE ? 2 : 1;
    size_t step = layout->bits / 8;
    bool is_band = step == sample;
    size_t at = (is_band ? 0 : last * sample) +
                ((layout->flags & WIDE) && !(layout->flags & BIG) ? 1 : 0);

    if (!alpha->wanted || (is_band && plane != last))
        return;
    for (uint32_t x = 0; x < width && !alpha->found; x++)
        alpha->found = row[x * step + at] != 255;
    alpha->wanted = !alpha->found;
}

/* ---- pixels ---- */

/* Get a byte of a pixel; of 16 bits, the upper one. */
static uint8_t byte_of(const struct lc_tiff_layout *layout, const uint8_t *pixel,
                       unsigned i)
{
    bool is_wide = layout->flags & WIDE;
    uint8_t byte = pixel[is_wide ? 2 * i + !(layout->flags & BIG) : i];

    return layout->flags & REVERSED ? reverse(byte) : byte;
}

/* Same as Pillow's unpackRGBa. */
void lc_tiff_divide(uint8_t *rgba, size_t pixels)
{
    for (uint8_t *p = rgba; pixels > 0; pixels--, p += 4)
        for (unsigned i = 0; i < 3; i++)
            p[i] = (uint8_t)(p[3] == 0 ? 0 : clip((int64_t)(p[i] * 255 / p[3])));
}

static void put_bands(const struct lc_tiff_layout *layout, const uint8_t *pixel,
                      uint8_t *to)
{
    unsigned size = layout->flags & WIDE ? 2 : 1;
    unsigned count = layout->bits / (8 * size) > 3 ? 4 : 3;

    for (unsigned i = 0; i < count; i++)
        to[i] = byte_of(layout, pixel, i);
    if (layout->flags & PREMULTIPLIED)
        lc_tiff_divide(to, 1);
}

void lc_tiff_put_row(const struct lc_tiff_layout *layout, unsigned plane,
                     const uint8_t *row, uint32_t width, uint8_t *to)
{
    bool is_plane = layout == &band || (layout->kind == GRAY && layout->flags & WIDE);
    unsigned most = layout->bits < 8 ? (1U << layout->bits) - 1 : 255;

    for (uint32_t x = 0; x < width; x++, to += 4) {
        switch ((enum kind)layout->kind) {
        case GRAY:
        case INDEX:
            to[is_plane ? plane : 0] = (uint8_t)(sample(layout, row, x) *
                                                 (layout->kind == GRAY ? 255 / most : 1));
            if (!is_plane && layout->bits == 16)
                to[3] = row[2 * x + 1];
            break;
        case WORD:
            to[0] = (uint8_t)(word(layout, row + (size_t)x * 2) >> 8);
            break;
        case COLOUR:
        case CMYK:
            put_bands(layout, row + (size_t)x * layout->bits / 8, to);
            break;
        default: /* lc_tiff_keep_row refuses these kinds */
            break;
        }
    }
}

/* How to convert the bands of a mode to colours. */
enum meaning { LEVEL, ENTRY, COLOURS, INKS };

static const struct {
    const char *mode;
    enum meaning meaning;
    bool has_alpha;
} meanings[] = {
    {"1", LEVEL, false},     {"L", LEVEL, false},     {"LA", LEVEL, true},
    {"P", ENTRY, false},     {"PA", ENTRY, true},     {"I;16", LEVEL, false},
    {"I;16B", LEVEL, false}, {"RGB", COLOURS, false}, {"RGBX", COLOURS, false},
    {"RGBA", COLOURS, true}, {"CMYK", INKS, false},
};

bool lc_tiff_finish(const char *mode, const uint8_t *palette, size_t colours,
                    uint8_t *bands, size_t pixels)
{
    size_t i = 0;

    while (i < sizeof(meanings) / sizeof(meanings[0]) &&
           strcmp(meanings[i].mode, mode) != 0)
        i++;
    if (i == sizeof(meanings) / sizeof(meanings[0]))
        return false;
    for (uint8_t *p = bands; pixels > 0; pixels--, p += 4) {
        uint8_t index = p[0];

        if (meanings[i].meaning == LEVEL)
            p[1] = p[2] = p[0];
        else if (meanings[i].meaning == ENTRY)
            memcpy(p, palette + (size_t)index * 3, 3);
        else if (meanings[i].meaning == INKS)
            for (unsigned k = 0; k < 3; k++)
                p[k] = (uint8_t)ink(p[k], 255U - p[3]);
        if (!meanings[i].has_alpha)
            p[3] = 255;
        if (meanings[i].meaning == ENTRY && index >= colours && p[3])
            return false;
    }
    return true;
}

void lc_tiff_keep_row(struct lc_tiff *tiff, const struct lc_tiff_layout *layout,
                      unsigned plane, int64_t x, int64_t y, const uint8_t *row,
                      int64_t width)
{
    if (!tiff->want || plane > 3 || x < 0 || y < 0 || y >= tiff->height ||
        x >= tiff->width || width <= 0)
        return;
    if (layout->kind == TWELVE || layout->kind == SHORT || layout->kind == INT ||
        layout->kind == FLOAT) {
        tiff->want = NULL; /* no 8 of their bits would match what a viewer shows */
        return;
    }
    if (width > tiff->width - x)
        width = tiff->width - x;
    lc_tiff_put_row(layout, plane, row, (uint32_t)width,
                    tiff->want->rgba + 4 * (size_t)(y * tiff->width + x));
}
