/* codes.h - deflate's Huffman codes as decoding tables */
#ifndef LC_IMAGE_INFLATE_CODES_H
#define LC_IMAGE_INFLATE_CODES_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A table entry:
 *
 *   bits 0..5    bits to consume, including extra bits
 *   bit 6        LITERAL
 *   bit 7        SPECIAL: the entry is LC_ENTRY_END, LC_ENTRY_INVALID or a subtable
 *   bits 8..15   length of the code alone; of a subtable, the bits that index it
 *   bits 16..31  value: a literal, or the base of a length or distance; for a special
 *                entry, LC_ENTRY_END, LC_ENTRY_INVALID or the index of a subtable
 */
enum { LC_ENTRY_BITS = 0x3F, LC_ENTRY_LITERAL = 0x40, LC_ENTRY_SPECIAL = 0x80 };

/* Values of special entries that are not subtables. */
enum { LC_ENTRY_INVALID = 0xFFFE, LC_ENTRY_END = 0xFFFF };

enum { LC_END_OF_BLOCK = 256, LC_CODE_SYMBOLS = 288, LC_CODE_MAX_BITS = 15 };

/** What a code encodes: the lengths of the other two codes; literals and lengths;
 * distances. */
enum lc_code_kind { LC_CODE_LENGTHS, LC_CODE_LITERALS, LC_CODE_DISTANCES };

/** Width in bits of the main table's index, for each kind. */
enum { LC_LENGTH_BITS = 7, LC_LITERAL_BITS = 11, LC_DISTANCE_BITS = 8 };

/**
 * Table entries for each kind, subtables included. No code needs more: among all complete
 * codes of 288 symbols, the largest tables with an 11-bit main table have 2,342 entries;
 * among those of 32 symbols with an 8-bit one, 402 (zlib's examples/enough.c). Building
 * checks anyway.
 */
enum { LC_LENGTH_ENTRIES = 128, LC_LITERAL_ENTRIES = 2400, LC_DISTANCE_ENTRIES = 512 };

/**
 * Build the decoding table of a code.
 *
 * @param lengths  bits of each symbol's code, at most LC_CODE_MAX_BITS; 0: unused
 * @param symbols  at most LC_CODE_SYMBOLS
 * @param table    has as many entries as the kind requires
 * @return false: the code is oversubscribed or incomplete; only a distance code may have
 *         a single symbol of one bit, or none
 *
 * Source: RFC 1951 section 3.2; zlib 1.2.13 inftrees.c for what counts as an error.
 */
LC_MUST_CHECK bool lc_code_build(enum lc_code_kind kind, const uint8_t *lengths,
                                 unsigned symbols, uint32_t *table);

#endif
