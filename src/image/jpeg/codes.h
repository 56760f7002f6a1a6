/* codes.h - a JPEG's Huffman codes as tables that decode several symbols per lookup */
#ifndef LC_IMAGE_JPEG_CODES_H
#define LC_IMAGE_JPEG_CODES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Width of a lookup in bits: two pairs of tables and the stream fit in 48 KiB. */
    LC_JPEG_WINDOW = 12,
    LC_JPEG_ENTRIES = 1 << LC_JPEG_WINDOW,
    /* Coefficients of a block. */
    LC_JPEG_BLOCK = 64,
    /* Longest code, in bits. */
    LC_JPEG_LONGEST = 16,
};

/**
 * A table entry: the combined effect of all symbols that fit in the window.
 *
 *   bits 0..4   bits to consume, including the last symbol's extra bits, which may reach
 *               past the window; at most 27, or 31 for a code longer than the window
 *   bits 5..11  coefficients to advance; an end of block counts as one, so that a valid
 *               block never advances past 64
 *   bit 15      the last symbol ends the block (EOB)
 *
 * An entry without a symbol (the code is longer than the window, unassigned, or
 * meaningless) advances by 127. That is more than any block has, so the check for "past
 * 64", which the decoder needs anyway, also catches these.
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

/** A canonical Huffman code as defined by a DHT, in a form that can decode any length. */
struct lc_jpeg_code {
    uint8_t counts[17]; /* number of codes of each length, 1..16 */
    uint8_t symbols[256];
    uint16_t count;    /* number of symbols; 0: not defined */
    int32_t limit[17]; /* last code of each length; -1: none */
    int32_t first[17]; /* add to a code of this length to get its index in symbols */
};

/** The DC and AC codes of a component, with their tables. */
struct lc_jpeg_pair {
    struct lc_jpeg_code dc;
    struct lc_jpeg_code ac;
    /* for the first lookup in a block (a DC symbol and the AC symbols after it), then for
     * all others (AC symbols) */
    uint16_t table[2 * LC_JPEG_ENTRIES];
};

/** One decoded symbol; its extra bits are not consumed. */
struct lc_jpeg_symbol {
    uint8_t length; /* bits of the code; 0: the bits match no code */
    uint8_t value;
};

/**
 * Set up a code from its DHT segment.
 *
 * @param counts   number of codes of each length, 16 bytes
 * @param symbols  as many bytes as the sum of counts
 * @param is_dc    reject symbols greater than 15
 * @return false: the code is empty, or libjpeg refuses it
 *
 * Source: ITU-T T.81 annex C; libjpeg-turbo's jdhuff.c, jpeg_make_d_derived_tbl.
 */
LC_MUST_CHECK bool lc_jpeg_code_init(struct lc_jpeg_code *code, const uint8_t *counts,
                                     const uint8_t *symbols, bool is_dc);

/**
 * Build a pair's tables from its two codes.
 *
 * Threads: one pair per thread.
 */
void lc_jpeg_pair_build(struct lc_jpeg_pair *pair);

/** Decode the symbol at the top of 64 bits. */
struct lc_jpeg_symbol lc_jpeg_code_decode(const struct lc_jpeg_code *code, uint64_t bits);

/**
 * Decode exactly one symbol, of any length, at the top of 64 bits.
 *
 * @param coef  coefficients decoded so far in the block; 0 expects a DC symbol
 * @return an entry as in the tables; LC_JPEG_NONE if the bits match no symbol, or if it
 *         would take the block past 64 coefficients
 */
uint32_t lc_jpeg_pair_decode_one(const struct lc_jpeg_pair *pair, unsigned coef,
                                 uint64_t bits);

#endif
