/* codes.h - a JPEG's Huffman codes as tables that take several symbols a look-up */
#ifndef LC_IMAGE_JPEG_CODES_H
#define LC_IMAGE_JPEG_CODES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Bits that one look-up sees: two pairs of tables and the stream fit in 48 KiB. */
    LC_JPEG_WINDOW = 12,
    LC_JPEG_ENTRIES = 1 << LC_JPEG_WINDOW,
    /* Coefficients of a block. */
    LC_JPEG_BLOCK = 64,
    /* Bits of a code, at most. */
    LC_JPEG_LONGEST = 16,
};

/**
 * One entry: what the symbols that lie in a window do.
 *
 *   bits 0..4   bits taken, the last symbol's extra bits included, which may lie beyond
 *               the window; at most 27, or 31 of a code longer than the window
 *   bits 5..11  coefficients advanced; the end of a block counts as one, so that a block
 *               that is ended has come to 64 at most if all is well
 *   bit 15      the last symbol ends the block (EOB)
 *
 * An entry that takes no symbol (no code of so few bits, or one without a meaning)
 * advances by 127: more than any block has.
 */
enum {
    LC_JPEG_BITS = 0x1F,
    LC_JPEG_ADVANCE_AT = 5,
    LC_JPEG_ADVANCE = 0x7F,
    LC_JPEG_END_AT = 15,
    LC_JPEG_NONE = LC_JPEG_ADVANCE << LC_JPEG_ADVANCE_AT,
};

static inline uint32_t lc_jpeg_advance(uint32_t entry)
{
    return entry >> LC_JPEG_ADVANCE_AT & LC_JPEG_ADVANCE;
}

/** A code as DHT defines it, and what finds a symbol of any length. */
struct lc_jpeg_code {
    uint8_t counts[17]; /* codes of each length, 1..16 */
    uint8_t symbols[256];
    uint16_t count;    /* symbols; 0: not defined */
    int32_t limit[17]; /* the last code of a length, -1 without one */
    int32_t first[17]; /* what to add to a code of that length for its symbol's number */
};

/** The codes of a component's DC and AC, as tables. */
struct lc_jpeg_pair {
    struct lc_jpeg_code dc;
    struct lc_jpeg_code ac;
    /* a block's first look-up, a DC symbol and what follows it; then those of AC */
    uint16_t table[2 * LC_JPEG_ENTRIES];
};

/** One symbol of a code, with its extra bits left where they are. */
struct lc_jpeg_symbol {
    uint8_t length; /* bits of the code; 0: no code begins so */
    uint8_t value;
};

/**
 * Define a code.
 *
 * @param counts   codes of each length, 16 bytes
 * @param symbols  as many as counts say
 * @param is_dc    symbols over 15 are then refused
 * @return false: the code is empty, or one that libjpeg refuses
 *
 * Source: ITU-T T.81 annex C; libjpeg-turbo's jdhuff.c, jpeg_make_d_derived_tbl.
 */
LC_MUST_CHECK bool lc_jpeg_code_define(struct lc_jpeg_code *code, const uint8_t *counts,
                                       const uint8_t *symbols, bool is_dc);

/**
 * Make a pair's tables of its two codes.
 *
 * Threads: one pair per thread.
 */
void lc_jpeg_pair_build(struct lc_jpeg_pair *pair);

/** Find the symbol that 64 bits begin with. */
struct lc_jpeg_symbol lc_jpeg_code_read(const struct lc_jpeg_code *code, uint64_t bits);

/**
 * The entry of the one symbol that 64 bits begin with, whatever its length.
 *
 * @param behind  coefficients of the block that were taken: 0 reads a DC symbol
 * @return an entry as in the tables; LC_JPEG_NONE when there is none, or when the block
 *         would have more than 64 coefficients
 */
uint32_t lc_jpeg_pair_read(const struct lc_jpeg_pair *pair, unsigned behind,
                           uint64_t bits);

#endif
