#include "image/jpeg/codes.h"

#include <assert.h>
#include <string.h>

enum { MAX_DC = 15, ZRL = 0xF0, LONG_RUN = 16 };

bool lc_jpeg_code_define(struct lc_jpeg_code *code, const uint8_t *counts,
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
            return false; /* no code is all ones */
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

struct lc_jpeg_symbol lc_jpeg_code_read(const struct lc_jpeg_code *code, uint64_t bits)
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

static uint16_t entry_of(unsigned bits, unsigned advance, bool ends)
{
    return (uint16_t)(bits | advance << LC_JPEG_ADVANCE_AT |
                      (unsigned)ends << LC_JPEG_END_AT);
}

/* What one AC symbol does, or 0 for one that has no meaning: a run of zeros that ends
 * with no value, but for sixteen. */
static uint16_t ac_entry(unsigned length, unsigned symbol)
{
    unsigned run = symbol >> 4;
    unsigned extra = symbol & 15;

    if (symbol == 0)
        return entry_of(length, 1, true);
    if (symbol == ZRL)
        return entry_of(length, LONG_RUN, false);
    if (extra == 0)
        return 0;
    return entry_of(length + extra, run + 1, false);
}

static uint16_t dc_entry(unsigned length, unsigned symbol)
{
    return entry_of(length + symbol, 1, false);
}

/*
 * Fill the windows that begin with one symbol: whatever its extra bits are, what follows
 * is what the table of the AC code for the bits that are left says. A long run is not
 * followed, so that the advance of an entry stays below 127.
 */
static void fill_symbol(uint16_t *to, unsigned width, unsigned length, uint16_t entry,
                        const uint16_t *const levels[])
{
    unsigned total = entry & LC_JPEG_BITS;
    unsigned advance = lc_jpeg_advance(entry);
    size_t room = (size_t)1 << (width - length);
    bool last = entry >> LC_JPEG_END_AT || advance >= LONG_RUN || total >= width;
    size_t part = last ? room : (size_t)1 << (width - total);
    const uint16_t *follow = last ? NULL : levels[width - total];
    size_t i;

    for (i = 0; i < part; i++)
        to[i] = (uint16_t)(entry + (follow ? follow[i] : 0));
    for (; part < room; part *= 2)
        memcpy(to + part, to, part * sizeof(*to));
}

/* The table of a code for windows of so many bits; 0 where no symbol fits. */
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
    uint16_t small[LC_JPEG_ENTRIES]; /* the levels below the window, one after another */
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

uint32_t lc_jpeg_pair_read(const struct lc_jpeg_pair *pair, unsigned behind,
                           uint64_t bits)
{
    struct lc_jpeg_symbol symbol =
        lc_jpeg_code_read(behind > 0 ? &pair->ac : &pair->dc, bits);
    uint32_t entry;

    if (symbol.length == 0)
        return LC_JPEG_NONE;
    if (behind == 0)
        return dc_entry(symbol.length, symbol.value);
    entry = ac_entry(symbol.length, symbol.value);
    if (entry == 0 || behind + lc_jpeg_advance(entry) > LC_JPEG_BLOCK)
        return LC_JPEG_NONE;
    return entry;
}
