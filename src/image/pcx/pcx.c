/*
 * PCX files as Pillow reads them.
 *
 * A PCX file is a header of 128 bytes followed by runs of bytes. A line consists of its
 * planes, one after the other, each a whole number of bytes long, usually an even one.
 * Pillow calculates the length of a line itself, and every run must end within its line.
 * The 256 colours of 8-bit pixels are at the end of the file, after a byte of value 12;
 * without them, the pixels are gray.
 *
 * Pillow does not notice if pixels reach into these colours or if the colours are cut
 * off, and it reads lines of an unexpected length as if they had the length that it
 * expects. The pixels then differ from those that were written, and we call the picture
 * damaged.
 *
 * Source: Pillow PcxImagePlugin.py and libImaging/PcxDecode.c of 9.4, 11.1, 11.3
 * and 13.0.
 */
#include "image/pcx/pcx.h"

#include "base/bytes.h"
#include "image/common/tone.h"

#include <stdio.h>
#include <string.h>

enum { HEADER_SIZE = 128, PALETTE_SIZE = 769, PALETTE_MARK = 12, RUN = 0xC0 };

struct pcx {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_image_info *info;
    unsigned bits, planes;
    size_t stride;          /* bytes per plane of a line */
    const uint8_t *colours; /* 3 bytes each; NULL if there are none */
    bool crossed;           /* a run crossed the end of a line */
    struct lc_tone tone;
};

static uint32_t pixel_at(const struct pcx *pcx, const uint8_t *line, uint32_t x)
{
    uint32_t value = 0;

    if (pcx->bits == 8 && pcx->planes == 3)
        return (uint32_t)line[x] << 16 | (uint32_t)line[pcx->stride + x] << 8 |
               line[2 * pcx->stride + x];
    if (pcx->bits == 8)
        value = line[x];
    else
        for (unsigned i = 0; i < pcx->planes; i++)
            value |= (uint32_t)(line[i * pcx->stride + x / 8] >> (7 - x % 8) & 1) << i;
    return pcx->colours ? lc_be24(pcx->colours + 3 * (size_t)value) : value;
}

static void add_line(struct pcx *pcx, const uint8_t *line)
{
    for (uint32_t x = 0; x < pcx->info->width && !pcx->tone.mixed; x++)
        lc_tone_add(&pcx->tone, pixel_at(pcx, line, x));
}

/* Decode lines up to the last one or to the end of the file. */
static void read_lines(struct pcx *pcx, uint8_t *line)
{
    struct lc_image_info *info = pcx->info;
    size_t line_size = pcx->planes * pcx->stride, x = 0;

    while (info->rows_decoded < info->height && pcx->at < pcx->size) {
        uint8_t value = pcx->data[pcx->at];
        size_t count = 1;

        if ((value & RUN) == RUN) {
            if (pcx->size - pcx->at < 2)
                return;
            count = value & 0x3F;
            value = pcx->data[++pcx->at];
        }
        pcx->at++;
        if (count > line_size - x) {
            count = line_size - x;
            pcx->crossed = true;
        }
        memset(line + x, value, count);
        x += count;
        if (x == line_size) {
            add_line(pcx, line);
            info->rows_decoded++;
            x = 0;
        }
    }
}

static bool is_gray(const uint8_t *colours, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (colours[i] != i / 3)
            return false;
    return true;
}

/* Find the 256 colours, if the pixels use them. */
static const uint8_t *find_colours(const struct pcx *pcx)
{
    const uint8_t *mark = pcx->data + pcx->size - PALETTE_SIZE;

    if (pcx->bits == 1)
        return pcx->planes > 1 ? pcx->data + 16 : NULL;
    if (pcx->planes > 1 || mark[0] != PALETTE_MARK || is_gray(mark + 1, PALETTE_SIZE - 1))
        return NULL;
    return mark + 1;
}

/* Warn if Pillow reads pixels that differ from those that were written. */
static void warn_if_damaged(struct pcx *pcx)
{
    const uint8_t *p = pcx->data;
    size_t stored = lc_le16(p + 66),
           packed = ((size_t)pcx->info->width * pcx->bits + 7) / 8;
    size_t rest = pcx->size - pcx->at;

    if (stored != packed && stored != pcx->stride)
        lc_image_warn(pcx->info, "lines of %zu bytes, which Pillow reads as lines of %zu",
                      stored, pcx->stride);
    if (pcx->stride > packed && pcx->planes > 1 &&
        (pcx->bits == 1 || pcx->info->width == 1 || pcx->info->width == 3))
        lc_image_warn(pcx->info, "planes with padding, which Pillow 11.1 mixes up");
    if (pcx->bits != 8 || pcx->planes != 1)
        return;
    if (p[pcx->size - PALETTE_SIZE] == PALETTE_MARK) {
        if (rest < PALETTE_SIZE)
            lc_image_warn(pcx->info, "the pixels overlap the palette");
    } else if (!rest || rest >= PALETTE_SIZE || p[pcx->at] != PALETTE_MARK ||
               !is_gray(p + pcx->at + 1, rest - 1)) {
        lc_image_warn(pcx->info, "the colours are missing: Pillow reads it as gray");
    }
}

/* Read the header; the caller has recognised it as PCX. */
static bool read_header(struct pcx *pcx)
{
    struct lc_image_info *info = pcx->info;
    const uint8_t *p = pcx->data;
    size_t packed;

    pcx->bits = p[3];
    pcx->planes = p[65];
    info->width = lc_le16(p + 8) + 1 - lc_le16(p + 4);
    info->height = lc_le16(p + 10) + 1 - lc_le16(p + 6);
    info->depth = (uint8_t)pcx->bits;
    packed = ((size_t)info->width * pcx->bits + 7) / 8;
    pcx->stride = lc_le16(p + 66) == packed ? packed : packed + packed % 2;
    pcx->at = HEADER_SIZE < pcx->size ? HEADER_SIZE : pcx->size;
    if (pcx->bits == 8 && pcx->planes == 1 && pcx->size < PALETTE_SIZE) {
        lc_image_judge(info, LC_DECODE_TRUNCATED,
                       "the file is too short for its colours");
        return false;
    }
    pcx->colours = find_colours(pcx);
    snprintf(info->mode, sizeof(info->mode), "%s",
             pcx->bits == 8 && pcx->planes == 3 ? "RGB"
             : pcx->colours                     ? "P"
             : pcx->bits == 8                   ? "L"
                                                : "1");
    return true;
}

static void judge(struct pcx *pcx)
{
    struct lc_image_info *info = pcx->info;

    if (info->rows_decoded < info->height) {
        lc_image_cut_off(info, info->rows_decoded);
        info->lenient = LC_LENIENT_HOLES;
    } else if (pcx->crossed) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "a run crosses the end of a line");
        info->lenient = LC_LENIENT_HOLES;
    } else {
        warn_if_damaged(pcx);
        lc_image_accept(info);
        info->blank = info->decode == LC_DECODE_OK && !pcx->tone.mixed;
    }
}

enum lc_status lc_pcx_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    struct pcx pcx = {.data = data, .size = size, .info = out};

    if (!read_header(&pcx))
        return LC_OK;
    out->frames = 1;
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    if (!lc_image_reserve(scratch, pcx.planes * pcx.stride))
        return lc_fail_memory(err);
    read_lines(&pcx, scratch->buffer);
    judge(&pcx);
    return LC_OK;
}
