/*
 * Silicon Graphics images as Pillow reads them.
 *
 * An SGI file is a header of 512 bytes followed by one plane after the other. A
 * compressed file has two tables, which tell where each row of each plane begins and how
 * long it is, and rows of runs. Samples of 16 bits are reduced to their upper 8.
 *
 * A compressed row ends at a count of 0, wherever that is. Pillow fills the rest of the
 * row from the previous row; after a row of a single chunk it stops without an error. We
 * call such pictures damaged.
 *
 * Source: Pillow SgiImagePlugin.py and libImaging/SgiRleDecode.c of 9.4, 11.1 and 13.0.
 */
#include "image/sgi/sgi.h"

#include "base/bytes.h"
#include "image/common/tone.h"

#include <stdio.h>
#include <string.h>

enum { HEADER_SIZE = 512, FIELDS_SIZE = 12, MOST_PLANES = 4, COPY = 0x80 };

struct sgi {
    const uint8_t *data;
    size_t size;
    struct lc_image_info *info;
    unsigned sample; /* bytes per sample */
    unsigned planes;
    struct lc_tone tone;
};

/* Result of decoding a row. */
enum row { ROW_FULL, ROW_SHORT, ROW_STOPPED, ROW_CUT, ROW_LONG };

/* Add a row, given as planes. Of a 16-bit sample only the first byte counts, the more
 * significant one. */
static void add_row(struct sgi *sgi, const uint8_t *const planes[])
{
    for (uint32_t x = 0; x < sgi->info->width; x++) {
        size_t at = (size_t)x * sgi->sample;
        uint32_t colour = planes[0][at];

        if (sgi->planes >= 3)
            colour = colour << 16 | (uint32_t)planes[1][at] << 8 | planes[2][at];
        if (sgi->planes == 4 && planes[3][at] < 255)
            sgi->info->transparent = true;
        lc_tone_add(&sgi->tone, colour);
    }
}

static void accept(struct sgi *sgi)
{
    struct lc_image_info *info = sgi->info;

    info->rows_decoded = info->height;
    lc_image_accept(info);
    info->blank = info->decode == LC_DECODE_OK && !sgi->tone.mixed;
}

static void read_plain(struct sgi *sgi)
{
    struct lc_image_info *info = sgi->info;
    uint64_t row_size = (uint64_t)info->width * sgi->sample;
    uint64_t plane_size = row_size * info->height, total = plane_size * sgi->planes;
    size_t left = sgi->size > HEADER_SIZE ? sgi->size - HEADER_SIZE : 0;
    const uint8_t *planes[MOST_PLANES] = {0};

    if (total > left) {
        uint64_t others = plane_size * (sgi->planes - 1);

        lc_image_cut_off(info, left > others ? (left - others) / row_size : 0);
        /* 8-bit gray is mapped into memory, which is never lenient, unless the file ends
         * before the first pixel */
        if (sgi->sample == 1 && (sgi->planes > 1 || sgi->size < HEADER_SIZE))
            info->lenient = LC_LENIENT_HOLES;
        return;
    }
    for (uint32_t y = 0; y < info->height; y++) {
        for (unsigned i = 0; i < sgi->planes; i++)
            planes[i] = sgi->data + HEADER_SIZE + i * plane_size + y * row_size;
        add_row(sgi, planes);
    }
    accept(sgi);
}

/*
 * Decode a row of one plane, at most `chunks` chunks. A copy of samples must not include
 * the last byte of the file.
 */
static enum row expand(const struct sgi *sgi, uint64_t at, uint32_t chunks, uint8_t *out)
{
    const uint8_t *p = sgi->data;
    size_t unit = sgi->sample, last = sgi->size - 1;
    uint32_t x = 0;

    for (; chunks; chunks--) {
        uint8_t head;
        uint32_t count;

        if (at + unit - 1 > last)
            return ROW_CUT;
        head = p[at + unit - 1];
        at += unit;
        if (chunks == 1 && head)
            return ROW_STOPPED;
        count = head & 0x7F;
        if (!count)
            break;
        if (x + count > sgi->info->width)
            return ROW_LONG;
        if (head & COPY ? at + count * unit > last
            : unit == 1 ? at > last
                        : at + unit > last)
            return ROW_CUT;
        for (uint32_t i = 0; i < count; i++, x++) {
            memcpy(out + x * unit, p + at, unit);
            at += head & COPY ? unit : 0;
        }
        at += head & COPY ? 0 : unit;
    }
    return x < sgi->info->width ? ROW_SHORT : ROW_FULL;
}

/* Judge a row that is not full; true if Pillow goes on. */
static bool judge_row(struct sgi *sgi, enum row row, uint32_t y)
{
    struct lc_image_info *info = sgi->info;

    switch (row) {
    case ROW_FULL:
        return true;
    case ROW_SHORT:
        lc_image_warn(info, "row %u ends early, and gets pixels of another", y + 1);
        return true;
    case ROW_STOPPED:
        lc_image_warn(info, "row %u and all after it are missing", y + 1);
        info->transparent = info->transparent || sgi->planes == 4;
        return false;
    case ROW_CUT:
        info->rows_decoded = y;
        lc_image_judge(info, LC_DECODE_TRUNCATED, "%u of %u rows decoded", y,
                       (unsigned)info->height);
        return false;
    default:
        info->rows_decoded = y;
        lc_image_judge(info, LC_DECODE_CORRUPT,
                       "row %u is longer than the picture is wide", y + 1);
        return false;
    }
}

/* Decode all planes of a row into the buffer; false where Pillow stops. */
static bool read_row(struct sgi *sgi, uint8_t *buffer, uint32_t y)
{
    const struct lc_image_info *info = sgi->info;
    size_t plane_size = (size_t)info->width * sgi->sample;
    const uint8_t *planes[MOST_PLANES] = {0};

    for (unsigned i = 0; i < sgi->planes; i++) {
        const uint8_t *entry =
            sgi->data + HEADER_SIZE + 4 * ((size_t)i * info->height + y);
        uint64_t at = lc_be32(entry);
        uint32_t size = lc_be32(entry + (size_t)4 * sgi->planes * info->height);

        planes[i] = buffer + i * plane_size;
        if (at < HEADER_SIZE) {
            sgi->info->rows_decoded = y;
            lc_image_judge(sgi->info, LC_DECODE_CORRUPT, "row %u begins in the header",
                           y + 1);
            return false;
        }
        if (!judge_row(sgi, expand(sgi, at, size, buffer + i * plane_size), y))
            return false;
    }
    add_row(sgi, planes);
    return true;
}

static enum lc_status read_packed(struct sgi *sgi, struct lc_image_scratch *scratch,
                                  struct lc_error *err)
{
    struct lc_image_info *info = sgi->info;
    uint64_t tables = (uint64_t)8 * sgi->planes * info->height;
    size_t row_size = (size_t)info->width * sgi->planes * sgi->sample;

    if (sgi->size < HEADER_SIZE || sgi->size - HEADER_SIZE < tables) {
        lc_image_judge(info, LC_DECODE_TRUNCATED, "the tables of rows are cut off");
        info->lenient = LC_LENIENT_HOLES;
        return LC_OK;
    }
    if (!lc_image_reserve(scratch, row_size))
        return lc_fail_memory(err);
    memset(scratch->buffer, 0, row_size);
    for (uint32_t y = 0; y < info->height; y++)
        if (!read_row(sgi, scratch->buffer, y))
            break;
    if (info->decode == LC_DECODE_NONE)
        accept(sgi);
    else
        info->lenient = LC_LENIENT_HOLES;
    return LC_OK;
}

/* Judge the header; false if the verdict is final. */
static bool read_header(struct sgi *sgi)
{
    static const char *const modes[] = {[1] = "L", [3] = "RGB", [4] = "RGBA"};
    struct lc_image_info *info = sgi->info;
    const uint8_t *p = sgi->data;
    uint32_t dimensions, planes;

    if (sgi->size < FIELDS_SIZE) {
        lc_image_judge(info, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return false;
    }
    dimensions = lc_be16(p + 4);
    planes = lc_be16(p + 10);
    if (dimensions < 1 || dimensions > 3 ||
        (dimensions == 3 ? planes != 3 && planes != 4 : planes != 1)) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "%u dimensions and %u planes",
                       (unsigned)dimensions, (unsigned)planes);
        return false;
    }
    if (!lc_be16(p + 6) || !lc_be16(p + 8)) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "width or height is 0");
        return false;
    }
    sgi->sample = p[3];
    sgi->planes = planes;
    info->width = lc_be16(p + 6);
    info->height = lc_be16(p + 8);
    info->depth = (uint8_t)(8 * sgi->sample);
    snprintf(info->mode, sizeof(info->mode), "%s", modes[planes]);
    return true;
}

enum lc_status lc_sgi_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    struct sgi sgi = {.data = data, .size = size, .info = out};

    if (!read_header(&sgi))
        return LC_OK;
    out->frames = 1;
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    if (data[2])
        return read_packed(&sgi, scratch, err);
    read_plain(&sgi);
    return LC_OK;
}
