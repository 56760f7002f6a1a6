/*
 * Windows Paint files as Pillow reads them: a header of 32 bytes whose 16-bit words must
 * cancel each other out, and a bitmap. For the compressed kind, whose rows Pillow reads
 * differently since version 12, only the header is verified.
 *
 * Source: Pillow MspImagePlugin.py of 9.4, 11.1 and 13.0.
 */
#include "image/msp/msp.h"

#include "base/bytes.h"
#include "image/common/tone.h"

#include <stdio.h>

enum { HEADER_SIZE = 32 };

static bool has_right_checksum(const uint8_t *header)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < HEADER_SIZE; i += 2)
        sum ^= lc_le16(header + i);
    return sum == 0;
}

static void read_bitmap(const uint8_t *data, size_t size, struct lc_image_info *info)
{
    size_t row_size = ((size_t)info->width + 7) / 8, left = size - HEADER_SIZE;
    const uint8_t *row = data + HEADER_SIZE;
    struct lc_tone tone = {0};

    if (left / row_size < info->height) {
        lc_image_cut_off(info, left / row_size);
        info->lenient = LC_LENIENT_HOLES;
        return;
    }
    for (uint32_t y = 0; y < info->height && !tone.mixed; y++, row += row_size)
        for (uint32_t x = 0; x < info->width; x++)
            lc_tone_add(&tone, row[x / 8] >> (7 - x % 8) & 1);
    info->rows_decoded = info->height;
    lc_image_accept(info);
    info->blank = !tone.mixed;
}

enum lc_status lc_msp_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    (void)scratch;
    (void)err;
    if (size < HEADER_SIZE) {
        lc_image_judge(out, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return LC_OK;
    }
    if (!has_right_checksum(data) || !lc_le16(data + 4) || !lc_le16(data + 6)) {
        lc_image_judge(out, LC_DECODE_CORRUPT, "the header is broken");
        return LC_OK;
    }
    out->width = lc_le16(data + 4);
    out->height = lc_le16(data + 6);
    out->depth = 1;
    out->frames = 1;
    snprintf(out->mode, sizeof(out->mode), "1");
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    if (data[0] == 'D')
        read_bitmap(data, size, out);
    else
        lc_image_judge(out, LC_DECODE_NONE, "not verified: compressed");
    return LC_OK;
}
