/*
 * QOI files as read by Pillow 9.5 and later. A file that every Pillow refuses gets a
 * verdict; a sound one gets none.
 *
 * A QOI file is a header of 14 bytes followed by chunks: a literal pixel, one of 64
 * pixels seen before, a difference to the last pixel, or a run of it. A run that goes
 * past the last pixel is cut, and nothing after it is read. A file that ends too early is
 * refused even if LOAD_TRUNCATED_IMAGES is set.
 *
 * Source: Pillow QoiImagePlugin.py of 9.5, 11.3 and 13.0.
 */
#include "image/qoi/qoi.h"

#include "base/bytes.h"
#include "image/common/tone.h"

#include <stdio.h>
#include <string.h>

enum { HEADER_SIZE = 13, PIXELS_AT = 14, SEEN = 64 };

/* The kinds of chunks: two are whole bytes; the others are given by the two upper
 * bits. */
enum { OP_RGB = 0xFE, OP_RGBA = 0xFF, OP_INDEX = 0, OP_DIFF = 1, OP_LUMA = 2 };

struct pixel {
    uint8_t red, green, blue, alpha;
};

struct qoi {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_image_info *info;
    struct pixel last;
    struct pixel seen[SEEN];
};

static size_t place_of(struct pixel p)
{
    return (p.red * 3U + p.green * 5U + p.blue * 7U + p.alpha * 11U) % SEEN;
}

static struct pixel moved(struct pixel p, int red, int green, int blue)
{
    return (struct pixel){(uint8_t)(p.red + red), (uint8_t)(p.green + green),
                          (uint8_t)(p.blue + blue), p.alpha};
}

/* Size in bytes of the chunk that begins with this byte. */
static size_t size_of_chunk(uint8_t head)
{
    if (head == OP_RGB)
        return 4;
    if (head == OP_RGBA)
        return 5;
    return head >> 6 == OP_LUMA ? 2 : 1;
}

/* Read the pixel of a chunk that is not a run. */
static struct pixel read_pixel(const struct qoi *qoi, const uint8_t *p)
{
    int green = (p[0] & 63) - 32;

    if (p[0] == OP_RGB)
        return (struct pixel){p[1], p[2], p[3], qoi->last.alpha};
    if (p[0] == OP_RGBA)
        return (struct pixel){p[1], p[2], p[3], p[4]};
    if (p[0] >> 6 == OP_INDEX)
        return qoi->seen[p[0]];
    if (p[0] >> 6 == OP_DIFF)
        return moved(qoi->last, (p[0] >> 4 & 3) - 2, (p[0] >> 2 & 3) - 2, (p[0] & 3) - 2);
    return moved(qoi->last, green + (p[1] >> 4) - 8, green, green + (p[1] & 15) - 8);
}

/* Read the pixels; false if the file ends too early. */
static bool read_pixels(struct qoi *qoi)
{
    struct lc_image_info *info = qoi->info;
    uint64_t pixels = (uint64_t)info->width * info->height, got = 0;
    struct lc_tone tone = {0};
    bool has_alpha = strcmp(info->mode, "RGBA") == 0;

    while (got < pixels) {
        const uint8_t *p = qoi->data + qoi->at;
        size_t left = qoi->size - qoi->at, count = 1;

        info->rows_decoded = (uint32_t)(got / info->width);
        if (!left || left < size_of_chunk(p[0]))
            return false;
        if (p[0] < OP_RGB && p[0] >> 6 == 3) {
            count = (p[0] & 63) + 1U;
        } else {
            qoi->last = read_pixel(qoi, p);
            qoi->seen[place_of(qoi->last)] = qoi->last;
        }
        lc_tone_add(&tone, (uint32_t)qoi->last.red << 16 |
                               (uint32_t)qoi->last.green << 8 | qoi->last.blue);
        if (has_alpha && qoi->last.alpha < 255)
            info->transparent = true;
        qoi->at += size_of_chunk(p[0]);
        got += count;
    }
    info->rows_decoded = info->height;
    info->blank = !tone.mixed;
    return true;
}

enum lc_status lc_qoi_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    struct qoi qoi = {.data = data, .size = size, .info = out, .last.alpha = 255};

    (void)scratch;
    (void)err;
    if (size < HEADER_SIZE) {
        lc_image_judge(out, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return LC_OK;
    }
    if (!lc_be32(data + 4) || !lc_be32(data + 8) || lc_be32(data + 4) > INT32_MAX ||
        lc_be32(data + 8) > INT32_MAX) {
        lc_image_judge(out, LC_DECODE_CORRUPT, "width or height is 0, or too large");
        return LC_OK;
    }
    out->width = lc_be32(data + 4);
    out->height = lc_be32(data + 8);
    out->depth = 8;
    out->frames = 1;
    snprintf(out->mode, sizeof(out->mode), "%s", data[12] == 3 ? "RGB" : "RGBA");
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    qoi.at = PIXELS_AT < size ? PIXELS_AT : size;
    if (read_pixels(&qoi)) /* sound only counts if Pillow 9.4 loads the image, too */
        lc_image_judge(out, LC_DECODE_NONE, "sound, but Pillow 9.4 does not open it");
    else
        lc_image_cut_off(out, out->rows_decoded);
    return LC_OK;
}
