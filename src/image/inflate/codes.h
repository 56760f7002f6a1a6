/* codes.h - deflate's Huffman codes as tables to decode with */
#ifndef LC_IMAGE_INFLATE_CODES_H
#define LC_IMAGE_INFLATE_CODES_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * An entry of a table, from its lowest bit: how many bits to take, with the extra ones
 * (6); LITERAL, SPECIAL; how many of the bits are the code itself (8); what the code says
 * (16): a literal, the least length or distance, or where a second table begins, whose
 * number of bits then stands in place of the code's.
 */
enum { LC_CODE_TAKE = 0x3F, LC_CODE_LITERAL = 0x40, LC_CODE_SPECIAL = 0x80 };

/* A special entry that says this ends a block, or cannot be; others are second tables. */
enum { LC_CODE_SAYS_INVALID = 0xFFFE, LC_CODE_SAYS_END = 0xFFFF };

enum { LC_END_OF_BLOCK = 256, LC_CODE_SYMBOLS = 288, LC_CODE_MOST_BITS = 15 };

/** What a code is for. */
enum lc_code_kind { LC_CODE_LENGTHS, LC_CODE_LITERALS, LC_CODE_DISTANCES };

/** Bits that the first table of each kind is looked up with. */
enum { LC_LENGTH_BITS = 7, LC_LITERAL_BITS = 11, LC_DISTANCE_BITS = 8 };

/** Entries of each kind's tables, with the second ones behind the first. */
enum { LC_LENGTH_ROOM = 128, LC_LITERAL_ROOM = 2400, LC_DISTANCE_ROOM = 512 };

/**
 * Make the table of a code.
 *
 * @param lengths  bits of each symbol's code, at most LC_CODE_MOST_BITS; 0: it has none
 * @param symbols  at most LC_CODE_SYMBOLS
 * @param table    as much room as its kind has
 * @return false: no code has these lengths, or it is incomplete; one of distances may
 *         have a single symbol of one bit, or none
 *
 * Source: RFC 1951 section 3.2; zlib 1.2.13 inftrees.c for what is an error.
 */
LC_MUST_CHECK bool lc_code_build(enum lc_code_kind kind, const uint8_t *lengths,
                                 unsigned symbols, uint32_t *table);

#endif
