#include "image/tiff/picture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum order { ANY, LITTLE, BIG };

/* A row of Pillow's table OPEN_INFO: how pixels are stored, and the resulting mode and
 * raw mode. */
struct open_mode {
    uint8_t order;
    uint8_t photometric;
    uint8_t format;
    uint8_t fill_order;
    uint8_t samples;
    uint8_t bits; /* bits per sample */
    uint8_t extras;
    uint16_t extra; /* type of the first extra sample; the types of the others are 0 */
    const char *mode;
    const char *raw;
};

static const struct open_mode open_modes[] = {
    {ANY, 0, 1, 1, 1, 1, 0, 0, "1", "1;I"},
    {ANY, 0, 1, 2, 1, 1, 0, 0, "1", "1;IR"},
    {ANY, 1, 1, 1, 1, 1, 0, 0, "1", "1"},
    {ANY, 1, 1, 2, 1, 1, 0, 0, "1", "1;R"},
    {ANY, 0, 1, 1, 1, 2, 0, 0, "L", "L;2I"},
    {ANY, 0, 1, 2, 1, 2, 0, 0, "L", "L;2IR"},
    {ANY, 1, 1, 1, 1, 2, 0, 0, "L", "L;2"},
    {ANY, 1, 1, 2, 1, 2, 0, 0, "L", "L;2R"},
    {ANY, 0, 1, 1, 1, 4, 0, 0, "L", "L;4I"},
    {ANY, 0, 1, 2, 1, 4, 0, 0, "L", "L;4IR"},
    {ANY, 1, 1, 1, 1, 4, 0, 0, "L", "L;4"},
    {ANY, 1, 1, 2, 1, 4, 0, 0, "L", "L;4R"},
    {ANY, 0, 1, 1, 1, 8, 0, 0, "L", "L;I"},
    {ANY, 0, 1, 2, 1, 8, 0, 0, "L", "L;IR"},
    {ANY, 1, 1, 1, 1, 8, 0, 0, "L", "L"},
    {ANY, 1, 1, 2, 1, 8, 0, 0, "L", "L;R"},
    {LITTLE, 1, 1, 1, 1, 12, 0, 0, "I;16", "I;12"},
    {LITTLE, 0, 1, 1, 1, 16, 0, 0, "I;16", "I;16"},
    {LITTLE, 1, 1, 1, 1, 16, 0, 0, "I;16", "I;16"},
    {BIG, 1, 1, 1, 1, 16, 0, 0, "I;16B", "I;16B"},
    {LITTLE, 1, 1, 2, 1, 16, 0, 0, "I;16", "I;16R"},
    {LITTLE, 1, 2, 1, 1, 16, 0, 0, "I", "I;16S"},
    {BIG, 1, 2, 1, 1, 16, 0, 0, "I", "I;16BS"},
    {LITTLE, 0, 3, 1, 1, 32, 0, 0, "F", "F;32F"},
    {BIG, 0, 3, 1, 1, 32, 0, 0, "F", "F;32BF"},
    {LITTLE, 1, 1, 1, 1, 32, 0, 0, "I", "I;32N"},
    {LITTLE, 1, 2, 1, 1, 32, 0, 0, "I", "I;32S"},
    {BIG, 1, 2, 1, 1, 32, 0, 0, "I", "I;32BS"},
    {LITTLE, 1, 3, 1, 1, 32, 0, 0, "F", "F;32F"},
    {BIG, 1, 3, 1, 1, 32, 0, 0, "F", "F;32BF"},
    {ANY, 1, 1, 1, 2, 8, 1, 2, "LA", "LA"},
    {ANY, 2, 1, 1, 3, 8, 0, 0, "RGB", "RGB"},
    {ANY, 2, 1, 2, 3, 8, 0, 0, "RGB", "RGB;R"},
    {ANY, 2, 1, 1, 4, 8, 0, 0, "RGBA", "RGBA"},
    {ANY, 2, 1, 1, 4, 8, 1, 0, "RGBX", "RGBX"},
    {ANY, 2, 1, 1, 5, 8, 2, 0, "RGBX", "RGBXX"},
    {ANY, 2, 1, 1, 6, 8, 3, 0, "RGBX", "RGBXXX"},
    {ANY, 2, 1, 1, 4, 8, 1, 1, "RGBA", "RGBa"},
    {ANY, 2, 1, 1, 5, 8, 2, 1, "RGBA", "RGBaX"},
    {ANY, 2, 1, 1, 6, 8, 3, 1, "RGBA", "RGBaXX"},
    {ANY, 2, 1, 1, 4, 8, 1, 2, "RGBA", "RGBA"},
    {ANY, 2, 1, 1, 5, 8, 2, 2, "RGBA", "RGBAX"},
    {ANY, 2, 1, 1, 6, 8, 3, 2, "RGBA", "RGBAXX"},
    {ANY, 2, 1, 1, 4, 8, 1, 999, "RGBA", "RGBA"},
    {LITTLE, 2, 1, 1, 3, 16, 0, 0, "RGB", "RGB;16L"},
    {BIG, 2, 1, 1, 3, 16, 0, 0, "RGB", "RGB;16B"},
    {LITTLE, 2, 1, 1, 4, 16, 0, 0, "RGBA", "RGBA;16L"},
    {BIG, 2, 1, 1, 4, 16, 0, 0, "RGBA", "RGBA;16B"},
    {LITTLE, 2, 1, 1, 4, 16, 1, 0, "RGBX", "RGBX;16L"},
    {BIG, 2, 1, 1, 4, 16, 1, 0, "RGBX", "RGBX;16B"},
    {LITTLE, 2, 1, 1, 4, 16, 1, 1, "RGBA", "RGBa;16L"},
    {BIG, 2, 1, 1, 4, 16, 1, 1, "RGBA", "RGBa;16B"},
    {LITTLE, 2, 1, 1, 4, 16, 1, 2, "RGBA", "RGBA;16L"},
    {BIG, 2, 1, 1, 4, 16, 1, 2, "RGBA", "RGBA;16B"},
    {ANY, 3, 1, 1, 1, 1, 0, 0, "P", "P;1"},
    {ANY, 3, 1, 2, 1, 1, 0, 0, "P", "P;1R"},
    {ANY, 3, 1, 1, 1, 2, 0, 0, "P", "P;2"},
    {ANY, 3, 1, 2, 1, 2, 0, 0, "P", "P;2R"},
    {ANY, 3, 1, 1, 1, 4, 0, 0, "P", "P;4"},
    {ANY, 3, 1, 2, 1, 4, 0, 0, "P", "P;4R"},
    {ANY, 3, 1, 1, 1, 8, 0, 0, "P", "P"},
    {ANY, 3, 1, 1, 2, 8, 1, 2, "PA", "PA"},
    {ANY, 3, 1, 2, 1, 8, 0, 0, "P", "P;R"},
    {ANY, 5, 1, 1, 4, 8, 0, 0, "CMYK", "CMYK"},
    {ANY, 5, 1, 1, 5, 8, 1, 0, "CMYK", "CMYKX"},
    {ANY, 5, 1, 1, 6, 8, 2, 0, "CMYK", "CMYKXX"},
    {LITTLE, 5, 1, 1, 4, 16, 0, 0, "CMYK", "CMYK;16L"},
    {ANY, 6, 1, 1, 3, 8, 0, 0, "RGB", "RGBX"},
    {ANY, 8, 1, 1, 3, 8, 0, 0, "LAB", "LAB"},
};

/* The compressions that Pillow knows. */
static const uint16_t compressions[] = {1,     6,     2,     3,     4,     5,
                                        7,     8,     32771, 32773, 32809, 32946,
                                        34676, 34677, 34925, 50000, 50001};

enum { RAW = 1, OLD_JPEG = 6, JPEG = 7, YCBCR = 6, MAX_SAMPLES = 6 };

enum lc_tiff_step lc_tiff_corrupt(struct lc_tiff *tiff, const char *why)
{
    lc_image_judge(tiff->info, LC_DECODE_CORRUPT, "%s", why);
    return LC_TIFF_JUDGED;
}

enum lc_tiff_step lc_tiff_refuse(struct lc_tiff *tiff, const char *why)
{
    if (!tiff->dir.short_of_entries)
        return lc_tiff_corrupt(tiff, why);
    lc_image_judge(tiff->info, LC_DECODE_TRUNCATED,
                   "the file ends inside its directory or a value: %s", why);
    return LC_TIFF_JUDGED;
}

static bool find_compression(struct lc_tiff *tiff)
{
    size_t i;

    for (i = 0; i < sizeof(compressions) / sizeof(compressions[0]); i++) {
        if (lc_tiff_equals(&tiff->dir.tags[LC_TIFF_COMPRESSION], compressions[i], RAW)) {
            tiff->compression = compressions[i];
            return true;
        }
    }
    return false;
}

static enum lc_tiff_step read_size(struct lc_tiff *tiff)
{
    static const enum lc_tiff_tag tags[] = {LC_TIFF_WIDTH, LC_TIFF_LENGTH};
    int64_t size[2] = {0};
    size_t i;

    for (i = 0; i < 2; i++) {
        switch (lc_tiff_int(&tiff->dir.tags[tags[i]], &size[i])) {
        case LC_TIFF_INT:
            break;
        case LC_TIFF_INT_REFUSED:
            return lc_tiff_refuse(tiff, "no width or height");
        case LC_TIFF_INT_RAISES:
            return lc_tiff_corrupt(tiff, "width or height is not a number");
        }
    }
    for (i = 0; i < 2; i++) {
        if (lc_tiff_kind(&tiff->dir.tags[tags[i]]) != LC_TIFF_INTEGERS)
            return lc_tiff_corrupt(tiff,
                                   "width or height is not an integer" LC_PILLOW_11_1);
    }
    tiff->width = size[0];
    tiff->height = size[1];
    if (tiff->width > 0 && tiff->height > 0) {
        tiff->info->width = tiff->width > UINT32_MAX ? UINT32_MAX : (uint32_t)size[0];
        tiff->info->height = tiff->height > UINT32_MAX ? UINT32_MAX : (uint32_t)size[1];
    }
    return LC_TIFF_GOES_ON;
}

/* Whether Pillow replaces several values by a single 1: their min() and max() must be
 * 1. */
static bool all_ones(const struct lc_tiff_entry *entry)
{
    size_t count = lc_tiff_count(entry);
    double low = lc_tiff_number(entry, 0).value;
    double high = low;
    size_t i;

    for (i = 1; i < count; i++) {
        double value = lc_tiff_number(entry, i).value;

        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    return low == 1 && high == 1;
}

/* Get the sample format; 0 if Pillow supports no pixels of that format. */
static int sample_format(const struct lc_tiff_entry *entry)
{
    enum lc_tiff_kind kind = lc_tiff_kind(entry);
    int format;

    if (kind == LC_TIFF_NOTHING)
        return 1;
    if (kind == LC_TIFF_TEXT || entry->type == LC_TIFF_UNDEFINED)
        return 0;
    if (lc_tiff_count(entry) > 1)
        return all_ones(entry) ? 1 : 0;
    for (format = 1; kind != LC_TIFF_BYTES && format <= 3; format++) {
        if (lc_tiff_equals(entry, format, 0))
            return format;
    }
    return 0;
}

/*
 * Get the bits per sample; 0 if invalid. *samples is set to the number of samples. A
 * single value of BitsPerSample applies to all of them, and surplus values are ignored.
 */
static int sample_bits(struct lc_tiff *tiff, int64_t *samples)
{
    const struct lc_tiff_entry *bits = &tiff->dir.tags[LC_TIFF_BITS];
    const struct lc_tiff_entry *number = &tiff->dir.tags[LC_TIFF_SAMPLES];
    enum lc_tiff_kind kind = lc_tiff_kind(bits);
    size_t count = kind == LC_TIFF_NOTHING ? 1 : lc_tiff_count(bits);
    struct lc_tiff_number declared = {.whole = true, .integer = 1};
    int64_t i;

    if (tiff->compression == OLD_JPEG)
        declared.integer = 3;
    if (kind == LC_TIFF_BYTES || kind == LC_TIFF_TEXT ||
        lc_tiff_kind(number) == LC_TIFF_BYTES || lc_tiff_kind(number) == LC_TIFF_TEXT)
        return 0;
    if (number->value.size > 0)
        declared = lc_tiff_number(number, 0);
    *samples = declared.integer;
    if (!declared.whole || *samples < 1 || *samples > MAX_SAMPLES)
        return 0;
    /* Python cannot slice or multiply a tuple by a float */
    if (lc_tiff_kind(number) == LC_TIFF_REALS && (size_t)*samples != count)
        return 0;
    if ((size_t)*samples > count && count != 1)
        return 0;
    if (kind == LC_TIFF_NOTHING)
        return 1;
    for (i = 0; i < *samples; i++) {
        struct lc_tiff_number one = lc_tiff_number(bits, count == 1 ? 0 : (size_t)i);

        if (!one.whole || one.integer < 1 || one.integer > 32 ||
            one.integer != lc_tiff_number(bits, 0).integer)
            return 0;
    }
    return (int)lc_tiff_number(bits, 0).integer;
}

static bool extras_match(const struct lc_tiff_entry *entry, const struct open_mode *mode)
{
    size_t count = lc_tiff_count(entry);
    size_t i;

    if (lc_tiff_kind(entry) == LC_TIFF_BYTES || lc_tiff_kind(entry) == LC_TIFF_TEXT ||
        count != mode->extras)
        return false;
    for (i = 0; i < count; i++) {
        struct lc_tiff_number number = lc_tiff_number(entry, i);

        if (!number.whole || number.integer != (i == 0 ? mode->extra : 0))
            return false;
    }
    return true;
}

static bool mode_matches(const struct lc_tiff *tiff, const struct open_mode *mode)
{
    const struct lc_tiff_dir *dir = &tiff->dir;
    enum order order = tiff->source.big_endian ? BIG : LITTLE;

    if (mode->order != ANY && mode->order != order)
        return false;
    if (!lc_tiff_equals(&dir->tags[LC_TIFF_FILL_ORDER], mode->fill_order, 1))
        return false;
    if (tiff->compression == OLD_JPEG && mode->photometric != YCBCR)
        return false;
    if (tiff->compression != OLD_JPEG &&
        !lc_tiff_equals(&dir->tags[LC_TIFF_PHOTOMETRIC], mode->photometric, 0))
        return false;
    return extras_match(&dir->tags[LC_TIFF_EXTRA_SAMPLES], mode);
}

static const struct open_mode *find_mode(struct lc_tiff *tiff)
{
    int format = sample_format(&tiff->dir.tags[LC_TIFF_SAMPLE_FORMAT]);
    int64_t samples = 0;
    int bits = sample_bits(tiff, &samples);
    size_t i;

    for (i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
        const struct open_mode *mode = &open_modes[i];

        if (mode->format == format && mode->samples == samples && mode->bits == bits &&
            mode_matches(tiff, mode))
            return mode;
    }
    return NULL;
}

/* Whether the resolution raises: Pillow converts dots per centimetre to inches, which
 * fails for bytes and texts. */
static bool resolution_raises(const struct lc_tiff_dir *dir)
{
    static const enum lc_tiff_tag tags[] = {LC_TIFF_X_RESOLUTION, LC_TIFF_Y_RESOLUTION};
    bool raises = false;
    size_t i;

    if (!lc_tiff_equals(&dir->tags[LC_TIFF_RESOLUTION_UNIT], 3, 0))
        return false;
    for (i = 0; i < 2; i++) {
        const struct lc_tiff_entry *entry = &dir->tags[tags[i]];

        switch (lc_tiff_kind(entry)) {
        case LC_TIFF_NOTHING:
            break;
        case LC_TIFF_TEXT:
            if (entry->value.size == 1 && entry->value.data[0] == '\0')
                return false; /* an empty text is falsy, like 0 */
            raises = true;
            break;
        case LC_TIFF_BYTES:
            raises = true;
            break;
        default:
            if (lc_tiff_number(entry, 0).value == 0)
                return false;
        }
    }
    return raises;
}

/* Read the palette: all reds, then greens, then blues. Pillow uses the high byte of each
 * value. */
static enum lc_tiff_step read_palette(struct lc_tiff *tiff)
{
    const struct lc_tiff_entry *map = &tiff->dir.tags[LC_TIFF_COLOR_MAP];
    enum lc_tiff_kind kind = lc_tiff_kind(map);
    uint8_t *palette = tiff->blank.palette;
    size_t count = lc_tiff_count(map);
    size_t size = count / 3;
    size_t i;

    if (kind == LC_TIFF_NOTHING || kind == LC_TIFF_TEXT || map->type == LC_TIFF_UNDEFINED)
        return lc_tiff_refuse(tiff, "no palette");
    for (i = 0; i < sizeof(tiff->blank.palette); i++)
        palette[i] = (uint8_t)(i / 3);
    tiff->palette_size = size;
    for (i = 0; i < count; i++) {
        struct lc_tiff_number number = lc_tiff_number(map, i);
        double value = kind == LC_TIFF_INTEGERS ? (double)number.integer : number.value;

        if (lc_tiff_is_float(map) || isnan(value))
            return lc_tiff_refuse(tiff, "palette entries are not integers");
        if (kind == LC_TIFF_BYTES || size > 256 || i >= size * 3)
            value = 0;
        if (size <= 256 && i < size * 3)
            palette[i % size * 3 + i / size] = (uint8_t)(int64_t)floor(value / 256);
    }
    return LC_TIFF_GOES_ON;
}

/* Find the row for the same pixels in the usual bit order, to which libtiff converts
 * them. */
static const struct open_mode *usual_order(const struct open_mode *mode)
{
    const struct open_mode *other = open_modes;

    while (other->fill_order != 1 || other->order != mode->order ||
           other->photometric != mode->photometric || other->format != mode->format ||
           other->samples != mode->samples || other->bits != mode->bits ||
           other->extras != mode->extras || other->extra != mode->extra)
        other++;
    return other;
}

/* Set the raw mode to that of libtiff's output: native byte order, usual bit order. */
static void set_native_raw(struct lc_tiff *tiff, const struct open_mode *mode)
{
    const struct lc_tiff_entry *planar = &tiff->dir.tags[LC_TIFF_PLANAR];
    char *digits;

    snprintf(tiff->raw, sizeof(tiff->raw), "%s", usual_order(mode)->raw);
    digits = strstr(tiff->raw, ";16");
    if (digits && (digits[3] == 'B' || digits[3] == 'L'))
        digits[3] = 'N';
    if (strcmp(tiff->raw, "I;16") == 0)
        snprintf(tiff->raw, sizeof(tiff->raw), "I;16N");
    if (mode->photometric == YCBCR && tiff->compression == JPEG &&
        lc_tiff_equals(planar, 1, 1))
        snprintf(tiff->raw, sizeof(tiff->raw), "RGB");
}

static void set_mode(struct lc_tiff *tiff, const struct open_mode *mode)
{
    size_t extras = lc_tiff_count(&tiff->dir.tags[LC_TIFF_EXTRA_SAMPLES]);
    int photometric = mode->photometric;

    snprintf(tiff->mode, sizeof(tiff->mode), "%s", mode->mode);
    snprintf(tiff->raw, sizeof(tiff->raw), "%s", mode->raw);
    if (tiff->compression != RAW)
        set_native_raw(tiff, mode);
    tiff->planar = lc_tiff_equals(&tiff->dir.tags[LC_TIFF_PLANAR], 2, 1);
    tiff->bits_sum = (double)mode->bits * mode->samples;
    tiff->plane_count = photometric == 5 ? 4 : 1;
    if (photometric == 2 || photometric == YCBCR || photometric == 8)
        tiff->plane_count = 3;
    tiff->plane_count += (int)extras;
    tiff->info->depth = mode->bits;
}

enum lc_tiff_step lc_tiff_setup(struct lc_tiff *tiff)
{
    const struct open_mode *mode;
    enum lc_tiff_step step;

    if (tiff->dir.state == LC_TIFF_DIR_RAISES)
        return lc_tiff_corrupt(tiff, "an invalid file offset");
    if (tiff->dir.tags[LC_TIFF_MEDIA_PHOTO].value.size > 0)
        return lc_tiff_corrupt(tiff, "a Windows Media Photo");
    if (!find_compression(tiff))
        return lc_tiff_refuse(tiff, "unknown compression");
    step = read_size(tiff);
    if (step != LC_TIFF_GOES_ON)
        return step;
    mode = find_mode(tiff);
    if (!mode)
        return lc_tiff_refuse(tiff, "a pixel format" LC_PILLOW_9_4);
    if (resolution_raises(&tiff->dir))
        return lc_tiff_refuse(tiff, "the resolution is not a number");
    set_mode(tiff, mode);
    return tiff->mode[0] == 'P' ? read_palette(tiff) : LC_TIFF_GOES_ON;
}
