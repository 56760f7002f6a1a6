/*
 * Blank detection without pixels.
 *
 * The DC term of a block is eight times the mean of its samples minus 128. If all pixels
 * of a picture are equal, so are the means of its luminance blocks, up to rounding: a
 * block whose pixels all have the same value v, with 0 < v < 255, has a mean within 1.5
 * levels of v. So two blocks of a blank picture are at most 3 levels apart. If two are
 * further apart, the picture is not blank (`varied`). Blocks near black or white do not
 * count, because clamping hides how far out of range they are.
 *
 * Conversely, a picture is blank if no block has an AC term and every DC difference after
 * the first is zero (`uniform`): all blocks are then the same constant.
 *
 * Pictures that are neither, such as faint noise in a flat picture, are left to the
 * decoder.
 */
#include "image/jpeg/blank.h"

#include "image/jpeg/bits.h"

enum {
    LEVEL = 8,
    MAX_SPREAD = 3 * LEVEL,
    DARKEST = -126 * LEVEL,
    LIGHTEST = 125 * LEVEL
};

void lc_jpeg_blank_add_block(struct lc_jpeg_blank *blank, int32_t value, uint32_t step,
                             unsigned low)
{
    /* unknown low-order bits make the mean an interval */
    int64_t least = ((int64_t)value * (1 << low)) * step;
    int64_t most = least + (int64_t)((1u << low) - 1) * step;

    if (least < DARKEST || most > LIGHTEST)
        return;
    if (!blank->has_mean) {
        blank->low = (int32_t)most; /* low and high move only as far as is certain */
        blank->high = (int32_t)least;
        blank->has_mean = true;
        return;
    }
    blank->low = most < blank->low ? (int32_t)most : blank->low;
    blank->high = least > blank->high ? (int32_t)least : blank->high;
    blank->varied = blank->high - blank->low > MAX_SPREAD;
}

struct reader {
    const struct lc_jpeg_mcu *mcu;
    const uint8_t *bytes;
    uint64_t at;   /* bit position */
    int32_t value; /* DC term of the first component */
    bool has_ac;   /* whether the last block has an AC term */
};

/* Read the DC difference of the next block and skip its AC terms. */
static int32_t read_block(struct reader *r, uint32_t block)
{
    const struct lc_jpeg_pair *pair = r->mcu->pairs[block];
    uint64_t bits = lc_jpeg_bits_at(r->bytes, r->at);
    struct lc_jpeg_symbol dc = lc_jpeg_code_decode(&pair->dc, bits);
    int32_t difference = lc_jpeg_extend(bits << dc.length, dc.value);
    uint32_t coef = 1;

    r->at += (uint64_t)dc.length + dc.value;
    while (coef < LC_JPEG_BLOCK) {
        uint32_t entry =
            lc_jpeg_pair_decode_one(pair, coef, lc_jpeg_bits_at(r->bytes, r->at));

        r->at += entry & LC_JPEG_BITS;
        if (entry >> LC_JPEG_END_AT)
            break;
        coef += lc_jpeg_advance(entry);
    }
    r->has_ac = coef > 1;
    return difference;
}

/* first: the MCU begins the picture, where the DC prediction is 0. */
static void read_mcu(struct reader *r, struct lc_jpeg_blank *blank, bool first,
                     uint32_t step)
{
    uint32_t block;

    for (block = 0; block < r->mcu->blocks; block++) {
        int32_t difference = read_block(r, block);
        uint32_t number = r->mcu->component[block];
        bool begins = first && (block == 0 || r->mcu->component[block - 1] != number);

        if (number == 0) {
            r->value += difference;
            lc_jpeg_blank_add_block(blank, r->value, step, 0);
        }
        if (r->has_ac || (difference != 0 && !begins))
            blank->uniform = false;
    }
}

void lc_jpeg_blank_add_stream(struct lc_jpeg_blank *blank, const struct lc_jpeg_mcu *mcu,
                              const uint8_t *bytes, const struct lc_jpeg_stream *stream,
                              uint32_t step, bool whole)
{
    struct reader r = {.mcu = mcu, .bytes = bytes, .at = (uint64_t)stream->begin * 8};
    uint64_t i;

    blank->uniform = whole;
    for (i = 0; i < stream->mcus && !blank->varied; i++)
        read_mcu(&r, blank, i == 0, step);
}
