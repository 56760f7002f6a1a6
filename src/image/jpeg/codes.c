/*
 * Decoding tables for the proof. The proof only needs to know where each symbol ends and
 * how many coefficients it covers, never its value, so the effects of consecutive symbols
 * simply add up: one table entry holds the sum for all symbols that fit in a 12-bit
 * window.
 *
 * The table for a window is built from tables for narrower windows. After a symbol of n
 * bits, the rest of a window of w bits is a window of w - n bits of the AC code. That
 * table has been filled before; the entry is the sum of both. Filling goes by increasing
 * width, so every entry is written once: about 12,000 per pair of codes.
 *
 * Adding packed entries never carries from one field into the next:
 *   - bits: every symbol but the last lies inside the window, extra bits included. The
 *     last one's code does too; only its extra bits, at most 15, may reach past it:
 *     12 + 15 = 27 bits.
 *   - advance: a symbol with a run of zeros has an extra bit, so it takes two bits or
 *     more, and at most six fit in a window. Each advances by at most 16, 96 in total,
 *     which is below the 127 that marks an entry without a symbol.
 *   - end: nothing is appended to a symbol that ends its block.
 */
#include "image/jpeg/codes.h"

#include <assert.h>
#include <string.h>

enum { MAX_DC = 15, ZRL = 0xF0, LONG_RUN = 16 };

bool lc_jpeg_code_init(struct lc_jpeg_code *code, const uint8_t *counts,
                       const uint8_t *symbols, bool is_dc)
{
    int32_t next = 0;
    int32_t number = 0;
    int length;
    int i;

    memset(code, 0, sizeof(*code));
    for (length = 1; length <= LC_JPEG_LONGEST; length++) {
        int32_t count = counts[length - 1];

        code->counts[length] = (uint8_t)count;
        code->first[length] = number - next;
        code->limit[length] = count > 0 ? next + count - 1 : -1;
        next += count;
        number += count;
        if (number > 256 || (count > 0 && next >= (int32_t)1 << length))
            return false; /* oversubscribed, or the code of all ones is assigned */
        next <<= 1;
    }
    for (i = 0; i < number; i++) {
        if (is_dc && symbols[i] > MAX_DC)
            return false;
    }
    memcpy(code->symbols, symbols, (size_t)number);
    code->count = (uint16_t)number;
    return number > 0;
}

struct lc_jpeg_symbol lc_jpeg_code_decode(const struct lc_jpeg_code *code, uint64_t bits)
{
    struct lc_jpeg_symbol none = {0, 0};
    int length;

    for (length = 1; length <= LC_JPEG_LONGEST; length++) {
        int32_t prefix = (int32_t)(bits >> (64 - length));

        if (prefix <= code->limit[length])
            return (struct lc_jpeg_symbol){(uint8_t)length,
                                           code->symbols[prefix + code->first[length]]};
    }
    return none;
}

static uint16_t make_entry(unsigned bits, unsigned advance, bool ends)
{
    return (uint16_t)(bits | advance << LC_JPEG_ADVANCE_AT |
                      (unsigned)ends << LC_JPEG_END_AT);
}

/* 0 for a meaningless symbol: a run of zeros, other than sixteen, without a value after
 * it. */
static uint16_t ac_entry(unsigned length, unsigned symbol)
{
    unsigned run = symbol >> 4;
    unsigned extra = symbol & 15;

    if (symbol == 0)
        return make_entry(length, 1, true);
    if (symbol == ZRL)
        return make_entry(length, LONG_RUN, false);
    if (extra == 0)
        return 0;
    return make_entry(length + extra, run + 1, false);
}

static uint16_t dc_entry(unsigned length, unsigned symbol)
{
    return make_entry(length + symbol, 1, false);
}

/*
 * Fill the entries of all windows of `width` bits that start with one symbol.
 *
 * The windows enumerate the bits after the code: the symbol's extra bits, then whatever
 * follows. The values of the extra bits make no difference, so fill the entries for one
 * value from the narrower table, and copy them for the others by doubling. Nothing is
 * appended to the end of a block, nor to a run of 16, which bounds the sum of the
 * advances.
 */
static void fill_symbol(uint16_t *to, unsigned width, unsigned length, uint16_t entry,
                        const uint16_t *const levels[])
{
    unsigned total = entry & LC_JPEG_BITS;
    unsigned advance = lc_jpeg_advance(entry);
    size_t size = (size_t)1 << (width - length);
    bool last = entry >> LC_JPEG_END_AT || advance >= LONG_RUN || total >= width;
    size_t part = last ? size : (size_t)1 << (width - total);
    const uint16_t *follow = last ? NULL : levels[width - total];
    size_t i;

    for (i = 0; i < part; i++)
        to[i] = (uint16_t)(entry + (follow ? follow[i] : 0));
    for (; part < size; part *= 2)
        memcpy(to + part, to, part * sizeof(*to));
}

/* Fill the table of a code for windows of `width` bits; 0 where no symbol fits. The code
 * is canonical, so its symbols in order of length cover the windows in order of value. */
static void fill_level(uint16_t *to, unsigned width, const struct lc_jpeg_code *code,
                       uint16_t (*entry)(unsigned length, unsigned symbol),
                       const uint16_t *const levels[])
{
    const uint8_t *symbol = code->symbols;
    size_t at = 0;
    unsigned length;
    unsigned i;

    for (length = 1; length <= width; length++) {
        for (i = 0; i < code->counts[length]; i++) {
            uint16_t one = entry(length, *symbol++);

            if (one != 0)
                fill_symbol(to + at, width, length, one, levels);
            else
                memset(to + at, 0, sizeof(*to) << (width - length));
            at += (size_t)1 << (width - length);
        }
    }
    memset(to + at, 0, (((size_t)1 << width) - at) * sizeof(*to));
}

void lc_jpeg_pair_build(struct lc_jpeg_pair *pair)
{
    uint16_t small[LC_JPEG_ENTRIES]; /* AC tables of all narrower widths, end to end */
    const uint16_t *levels[LC_JPEG_WINDOW + 1] = {NULL};
    unsigned width;
    size_t i;

    for (width = 1; width < LC_JPEG_WINDOW; width++) {
        uint16_t *level = small + ((size_t)1 << width);

        fill_level(level, width, &pair->ac, ac_entry, levels);
        levels[width] = level;
    }
    fill_level(pair->table, LC_JPEG_WINDOW, &pair->dc, dc_entry, levels);
    fill_level(pair->table + LC_JPEG_ENTRIES, LC_JPEG_WINDOW, &pair->ac, ac_entry,
               levels);
    for (i = 0; i < (size_t)2 * LC_JPEG_ENTRIES; i++)
        pair->table[i] = pair->table[i] ? pair->table[i] : LC_JPEG_NONE;
}

uint32_t lc_jpeg_pair_decode_one(const struct lc_jpeg_pair *pair, unsigned coef,
                                 uint64_t bits)
{
    struct lc_jpeg_symbol symbol =
        lc_jpeg_code_decode(coef > 0 ? &pair->ac : &pair->dc, bits);
    uint32_t entry;

    if (symbol.length == 0)
        return LC_JPEG_NONE;
    if (coef == 0)
        return dc_entry(symbol.length, symbol.value);
    entry = ac_entry(symbol.length, symbol.value);
    if (entry == 0 || coef + lc_jpeg_advance(entry) > LC_JPEG_BLOCK)
        return LC_JPEG_NONE;
    return entry;
}
