#include "image/bmp/bmp.h"

#include "image/bmp/pixels.h"
#include "image/common/decoder.h"

#include <stdio.h>
#include <string.h>

enum { FILE_HEADER_SIZE = 14 };

/* Sizes of the header, which identify its version. */
enum { OS2_HEADER = 12, MASKS_INSIDE = 56, V5_HEADER = 124 };

/* How the pixels are stored. */
enum { RAW, RLE8, RLE4, BITFIELDS };

/* Maximum number of colours that Pillow accepts. */
enum { MAX_COLOURS = 65536 };

/* Where the colours lie in a pixel. */
struct layout {
    unsigned bits;
    uint32_t masks[4]; /* red, green, blue, alpha */
    const char *mode;
    unsigned depth;
    uint32_t colour_mask;
};

/* The layouts that Pillow supports. RAW has no masks: the first row with the right number
 * of bits applies. Pillow accepts all-zero masks as RGBA. */
static const struct layout layouts[] = {
    {16, {0x7C00, 0x3E0, 0x1F}, "RGB", 5, 0x7FFF},
    {16, {0xF800, 0x7E0, 0x1F}, "RGB", 6, 0xFFFF},
    {24, {0xFF0000, 0xFF00, 0xFF}, "RGB", 8, 0xFFFFFF},
    {32, {0xFF0000, 0xFF00, 0xFF, 0}, "RGB", 8, 0xFFFFFF},
    {32, {0xFF000000, 0xFF0000, 0xFF00, 0}, "RGB", 8, 0xFFFFFF00},
    {32, {0xFF000000, 0xFF0000, 0xFF00, 0xFF}, "RGBA", 8, 0xFFFFFF00},
    {32, {0xFF, 0xFF00, 0xFF0000, 0xFF000000}, "RGBA", 8, 0xFFFFFF},
    {32, {0xFF0000, 0xFF00, 0xFF, 0xFF000000}, "RGBA", 8, 0xFFFFFF},
    {32, {0, 0, 0, 0}, "RGBA", 8, 0xFFFFFF},
};

/* The layout that Pillow maps directly from the file: red, green, blue, alpha. */
static const struct layout *const mapped_layout = &layouts[6];

struct bmp {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_image_info *info;
    const uint8_t *header; /* header_size bytes, starting with the size field */
    uint32_t header_size;
    uint64_t pixels_at; /* 0: right after header and palette */
    unsigned bits;
    uint32_t compression;
    uint32_t data_size; /* claimed by the header; may be 0 */
    uint32_t colour_count;
    uint32_t masks[4];
    const struct layout *layout; /* NULL if there is a palette */
    size_t colour_size;          /* bytes per palette entry */
    struct lc_bytes palette;
    bool from_top;                 /* rows go from top to bottom */
    struct lc_image_samples *want; /* where to store the pixels, or NULL */
    enum lc_status status;         /* of the allocation for them */
    struct lc_error *err;
};

static bool refuse(struct bmp *bmp, const char *why)
{
    lc_image_judge(bmp->info, LC_DECODE_CORRUPT, "%s", why);
    return false;
}

static bool read_bytes(struct bmp *bmp, size_t size, const uint8_t **out)
{
    if (bmp->size - bmp->at < size) {
        lc_image_judge(bmp->info, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return false;
    }
    *out = bmp->data + bmp->at;
    bmp->at += size;
    return true;
}

static void read_small_header(struct bmp *bmp)
{
    const uint8_t *p = bmp->header;

    bmp->info->width = lc_le16(p + 4);
    bmp->info->height = lc_le16(p + 6);
    bmp->bits = lc_le16(p + 10);
    bmp->compression = RAW;
    bmp->colour_size = 3;
}

static bool read_masks(struct bmp *bmp)
{
    const uint8_t *p = bmp->header + 40;
    size_t count = bmp->header_size >= MASKS_INSIDE ? 4 : 3;
    size_t i;

    if (count == 3 && !read_bytes(bmp, 12, &p))
        return false;
    for (i = 0; i < count; i++)
        bmp->masks[i] = lc_le32(p + 4 * i);
    return true;
}

static bool read_large_header(struct bmp *bmp)
{
    const uint8_t *p = bmp->header;

    bmp->info->width = lc_le32(p + 4);
    bmp->info->height = lc_le32(p + 8);
    bmp->from_top = p[11] == 0xFF; /* negative */
    if (bmp->from_top)
        bmp->info->height = 0 - bmp->info->height;
    bmp->bits = lc_le16(p + 14);
    bmp->compression = lc_le32(p + 16);
    bmp->data_size = lc_le32(p + 20);
    bmp->colour_count = lc_le32(p + 32);
    bmp->colour_size = 4;
    return bmp->compression != BITFIELDS || read_masks(bmp);
}

static bool read_header(struct bmp *bmp)
{
    const uint8_t *rest;

    if (!read_bytes(bmp, 4, &bmp->header))
        return false;
    bmp->header_size = lc_le32(bmp->header);
    if (bmp->header_size > 4 && !read_bytes(bmp, bmp->header_size - 4, &rest))
        return false;
    switch (bmp->header_size) {
    case OS2_HEADER:
        read_small_header(bmp);
        return true;
    case 40:
    case 64:
    case 108:
    case V5_HEADER:
        return read_large_header(bmp);
    case 52:
    case 56:
        return refuse(bmp, "a header of 52 or 56 bytes" LC_PILLOW_9_4);
    default:
        return refuse(bmp, "a header of unknown size");
    }
}

static bool find_layout(struct bmp *bmp)
{
    size_t size = bmp->bits == 32 ? sizeof(bmp->masks) : 3 * sizeof(bmp->masks[0]);
    size_t i;

    for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (layouts[i].bits != bmp->bits)
            continue;
        if (bmp->compression != BITFIELDS ||
            memcmp(layouts[i].masks, bmp->masks, size) == 0) {
            bmp->layout = &layouts[i];
            return true;
        }
    }
    if (bmp->bits == 32 && bmp->masks[0] == 0xFF000000 && bmp->masks[1] == 0xFF00 &&
        bmp->masks[2] == 0xFF && (bmp->masks[3] & ~0xFF0000U) == 0)
        return refuse(bmp, "a colour layout" LC_PILLOW_9_4);
    return refuse(bmp, "unknown colour layout");
}

static bool check_format(struct bmp *bmp)
{
    bool has_palette = bmp->bits == 1 || bmp->bits == 4 || bmp->bits == 8;

    if (!has_palette && bmp->bits != 16 && bmp->bits != 24 && bmp->bits != 32)
        return refuse(bmp, "unknown number of bits per pixel");
    if (bmp->compression > BITFIELDS)
        return refuse(bmp, "unknown compression");
    if (!has_palette)
        return find_layout(bmp);
    return bmp->compression != BITFIELDS || refuse(bmp, "masks in a palette picture");
}

/* Whether the palette is black and white, or each of its colours is the gray of its
 * index: Pillow ignores it then. */
static bool is_gray(const struct bmp *bmp)
{
    uint32_t i;

    for (i = 0; i < bmp->colour_count; i++) {
        size_t at = i * bmp->colour_size;
        uint32_t value = bmp->colour_count == 2 ? i * 255 : i % 256;

        if (at + 3 > bmp->palette.size ||
            lc_le24(bmp->palette.data + at) != value * 0x010101)
            return false;
    }
    return true;
}

static bool read_palette(struct bmp *bmp)
{
    size_t left = bmp->size - bmp->at;
    const char *mode = "P";

    if (bmp->colour_count == 0)
        bmp->colour_count = 1U << bmp->bits;
    /* Pillow skips the palette if the header says that the pixels directly follow the
     * header */
    if (bmp->pixels_at == FILE_HEADER_SIZE + (uint64_t)bmp->header_size)
        bmp->pixels_at += (uint64_t)4 * bmp->colour_count;
    if (bmp->colour_count > MAX_COLOURS)
        return refuse(bmp, "a palette with too many colours");
    bmp->palette.data = bmp->data + bmp->at;
    bmp->palette.size = bmp->colour_count * bmp->colour_size;
    if (bmp->palette.size > left)
        bmp->palette.size = left;
    bmp->at += bmp->palette.size;
    if (is_gray(bmp))
        mode = bmp->colour_count == 2 ? "1" : "L";
    snprintf(bmp->info->mode, sizeof(bmp->info->mode), "%s", mode);
    bmp->info->depth = (uint8_t)bmp->bits;
    return true;
}

/* Fill the colour table. Colours missing from the palette are grays. */
static void fill_colours(const struct bmp *bmp, uint32_t *colours)
{
    size_t count = bmp->palette.size / bmp->colour_size;
    uint32_t i;

    for (i = 0; i < LC_BMP_COLOURS; i++)
        colours[i] = i * 0x010101;
    if (bmp->info->mode[0] == '1')
        colours[1] = 0xFFFFFF;
    else if (bmp->info->mode[0] == 'P')
        for (i = 0; i < count; i++)
            colours[i] = lc_le24(bmp->palette.data + i * bmp->colour_size);
}

/* Whether Pillow maps the rows: they are stored as in its memory, and the file contains
 * all of them. */
static bool is_mapped(const struct bmp *bmp, const struct lc_bmp_pixels *pixels)
{
    bool is_plain = bmp->layout ? bmp->layout == mapped_layout : pixels->bits == 8;

    return is_plain && pixels->at + pixels->height * pixels->stride <= bmp->size;
}

static enum lc_bmp_end read_pixels(const struct bmp *bmp, struct lc_bmp_pixels *pixels)
{
    const char *mode = bmp->info->mode;

    if (bmp->compression == RLE8 || bmp->compression == RLE4)
        return lc_bmp_read_runs(pixels, bmp->compression == RLE4);
    if (bmp->layout) {
        pixels->bits = bmp->bits;
        pixels->colour_mask = bmp->layout->colour_mask;
        if (strcmp(mode, "RGBA") == 0)
            pixels->alpha_mask = ~bmp->layout->colour_mask;
    } else {
        pixels->bits = mode[0] == '1' ? 1 : mode[0] == 'L' ? 8 : bmp->bits;
    }
    pixels->stride = ((uint64_t)pixels->width * bmp->bits + 31) / 32 * 4;
    pixels->is_mapped = is_mapped(bmp, pixels);
    if (pixels->is_mapped && !bmp->layout)
        return lc_bmp_read_map(pixels);
    return lc_bmp_read_rows(pixels);
}

static void judge_end(struct bmp *bmp, enum lc_bmp_end end)
{
    bool runs = bmp->compression != RAW && bmp->compression != BITFIELDS;

    if (end == LC_BMP_NARROW)
        refuse(bmp, "rows longer than their stride");
    else if (end == LC_BMP_BEYOND)
        lc_image_judge(bmp->info, LC_DECODE_NONE,
                       "not verified: rows extend past the end of the file");
    else if (end == LC_BMP_WIDE)
        refuse(bmp, "the rows are too long");
    else if (!runs)
        lc_image_judge(bmp->info, LC_DECODE_TRUNCATED, "%u of %u rows decoded",
                       bmp->info->rows_decoded, bmp->info->height);
    else
        refuse(bmp, "the runs end before the last pixel");
    if (end == LC_BMP_NARROW || (end == LC_BMP_CUT && !runs))
        bmp->info->lenient = LC_LENIENT_HOLES;
}

static uint64_t later(const struct bmp *bmp, uint64_t end, uint64_t other)
{
    return other > end && other <= bmp->size ? other : end;
}

/* Count the bytes after the image, which ends with the last part that its headers mention
 * and the file contains. */
static void measure_trailing(struct bmp *bmp, const struct lc_bmp_pixels *pixels)
{
    bool has_file_header = bmp->header > bmp->data;
    uint64_t end = later(bmp, bmp->at, pixels->end);

    if (has_file_header)
        end = later(bmp, end, lc_le32(bmp->data + 2));
    end = later(bmp, end, bmp->pixels_at + bmp->data_size);
    if (bmp->header_size == V5_HEADER) { /* a colour profile */
        const uint8_t *p = bmp->header;

        end = later(bmp, end,
                    (uint64_t)(p - bmp->data) + lc_le32(p + 112) + lc_le32(p + 116));
    }
    bmp->info->trailing = bmp->size - end;
}

/* Set the pixels up to be stored. For a layout without masks, Pillow uses the usual
 * order: blue, green, red, alpha. */
static bool begin_samples(struct bmp *bmp, struct lc_bmp_pixels *pixels)
{
    static const uint32_t usual[] = {0xFF0000, 0xFF00, 0xFF, 0};

    bmp->want->width = pixels->width;
    bmp->want->height = pixels->height;
    bmp->status = lc_image_samples_begin(bmp->want, bmp->err);
    if (bmp->status != LC_OK)
        return false;
    pixels->rgba = bmp->want->rgba;
    pixels->from_top = bmp->from_top;
    if (bmp->layout)
        memcpy(pixels->masks, bmp->layout->masks[0] ? bmp->layout->masks : usual,
               sizeof(pixels->masks));
    return true;
}

static void load(struct bmp *bmp)
{
    struct lc_image_info *info = bmp->info;
    uint32_t colours[LC_BMP_COLOURS];
    struct lc_bmp_pixels pixels = {
        .file = {bmp->data, bmp->size},
        .at = bmp->pixels_at,
        .width = info->width,
        .height = info->height,
        .colours = colours,
        .colour_count = LC_BMP_COLOURS,
    };
    enum lc_bmp_end end;

    if (bmp->want && !begin_samples(bmp, &pixels))
        return;
    if (info->mode[0] == 'P' && bmp->palette.size / bmp->colour_size > LC_BMP_COLOURS) {
        refuse(bmp, "palette too large");
        return;
    }
    if ((bmp->compression == RLE8 || bmp->compression == RLE4) && info->mode[0] != 'P' &&
        info->mode[0] != 'L') {
        refuse(bmp, "run-length encoding without 8-bit pixels");
        return;
    }
    if (!bmp->layout)
        fill_colours(bmp, colours);
    if (!bmp->layout && info->mode[0] == 'P')
        pixels.colour_count = (uint32_t)(bmp->palette.size / bmp->colour_size);
    end = read_pixels(bmp, &pixels);
    info->rows_decoded = (uint32_t)(pixels.got / info->width);
    if (end != LC_BMP_DONE) {
        judge_end(bmp, end);
        return;
    }
    measure_trailing(bmp, &pixels);
    if (pixels.is_past_palette)
        bmp->status = lc_fail(bmp->err, LC_ERR_USAGE, 0, "pixels are past the palette");
    lc_image_accept(info);
    info->blank = !pixels.tone.mixed;
    info->transparent = pixels.transparent;
}

static void inspect(struct bmp *bmp, const struct lc_image_limits *limits)
{
    struct lc_image_info *info = bmp->info;

    if (!read_header(bmp) || !check_format(bmp))
        return;
    if (!bmp->layout && !read_palette(bmp))
        return;
    if (bmp->layout) {
        snprintf(info->mode, sizeof(info->mode), "%s", bmp->layout->mode);
        info->depth = (uint8_t)bmp->layout->depth;
    }
    if (bmp->pixels_at == 0)
        bmp->pixels_at = bmp->at;
    info->frames = 1;
    if (info->width == 0 || info->height == 0)
        refuse(bmp, "the width or height is 0");
    else if (!lc_image_over_limit(info, limits))
        load(bmp);
}

/* a DIB is a BMP without a file header */
static bool skip_file_header(struct bmp *bmp)
{
    const uint8_t *file_header;

    if (bmp->data[0] != 'B' || bmp->data[1] != 'M')
        return true;
    if (!read_bytes(bmp, FILE_HEADER_SIZE, &file_header))
        return false;
    bmp->pixels_at = lc_le32(file_header + 10);
    return true;
}

enum lc_status lc_bmp_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    struct bmp bmp = {.data = data, .size = size, .info = out};

    (void)scratch;
    (void)err;
    if (skip_file_header(&bmp))
        inspect(&bmp, limits);
    return LC_OK;
}

enum lc_status lc_bmp_read(struct lc_image_scratch *scratch, const uint8_t *data,
                           size_t size, struct lc_image_samples *out,
                           struct lc_error *err)
{
    struct lc_image_info info = {0};
    struct bmp bmp = {.data = data, .size = size, .info = &info, .want = out, .err = err};

    (void)scratch;
    if (size > 2 && skip_file_header(&bmp))
        inspect(&bmp, &lc_image_limits_default);
    if (bmp.status == LC_OK && info.decode != LC_DECODE_OK)
        return lc_fail(err, LC_ERR_USAGE, 0, "the BMP cannot be decoded");
    return bmp.status;
}
