#include "image/jpeg/blank.h"

#include "image/jpeg/bits.h"

/*
 * A block whose pixels are all the same after clamping and rounding, and not 0 or 255,
 * has a mean within 1.5 levels of them; DC is eight times the mean, less 128. Two blocks
 * of the same pixels are therefore at most 3 levels apart. Means at the ends of the
 * scale are left out: clamping hides what is beyond.
 */
enum { LEVEL = 8, APART = 3 * LEVEL, DARKEST = -126 * LEVEL, LIGHTEST = 125 * LEVEL };

void lc_jpeg_blank_look(struct lc_jpeg_blank *blank, int32_t value, uint32_t step,
                        unsigned low)
{
    int64_t least = ((int64_t)value * (1 << low)) * step;
    int64_t most = least + (int64_t)((1u << low) - 1) * step;

    if (least < DARKEST || most > LIGHTEST)
        return;
    if (!blank->any) {
        blank->low = (int32_t)most; /* the one that is surely not below */
        blank->high = (int32_t)least;
        blank->any = true;
        return;
    }
    blank->low = most < blank->low ? (int32_t)most : blank->low;
    blank->high = least > blank->high ? (int32_t)least : blank->high;
    blank->varied = blank->high - blank->low > APART;
}

struct reader {
    const struct lc_jpeg_mcu *mcu;
    const uint8_t *bytes;
    uint64_t at;
    int32_t value; /* the first component's DC */
    bool plain;    /* the last block had no AC term */
};

/* The DC difference of the next block; what follows in it is skipped. */
static int32_t read_block(struct reader *r, uint32_t block)
{
    const struct lc_jpeg_pair *pair = r->mcu->pairs[block];
    uint64_t bits = lc_jpeg_bits_at(r->bytes, r->at);
    struct lc_jpeg_symbol dc = lc_jpeg_code_read(&pair->dc, bits);
    int32_t difference = lc_jpeg_extend(bits << dc.length, dc.value);
    uint32_t taken = 1;

    r->at += (uint64_t)dc.length + dc.value;
    while (taken < LC_JPEG_BLOCK) {
        uint32_t entry = lc_jpeg_pair_read(pair, taken, lc_jpeg_bits_at(r->bytes, r->at));

        r->at += entry & LC_JPEG_BITS;
        if (entry >> LC_JPEG_END_AT)
            break;
        taken += lc_jpeg_advance(entry);
    }
    r->plain = taken == 1;
    return difference;
}

/* One MCU. first: that of the picture, where DC terms have nothing before them. */
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
            lc_jpeg_blank_look(blank, r->value, step, 0);
        }
        if (!r->plain || (difference != 0 && !begins))
            blank->uniform = false;
    }
}

void lc_jpeg_blank_read(struct lc_jpeg_blank *blank, const struct lc_jpeg_mcu *mcu,
                        const uint8_t *bytes, const struct lc_jpeg_stream *stream,
                        uint32_t step, bool whole)
{
    struct reader r = {.mcu = mcu, .bytes = bytes, .at = (uint64_t)stream->begin * 8};
    uint64_t i;

    blank->uniform = whole;
    for (i = 0; i < stream->mcus && !blank->varied; i++)
        read_mcu(&r, blank, i == 0, step);
}
