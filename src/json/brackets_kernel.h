/* brackets_kernel.h - lc_brackets_find, compiled once for each instruction set: LC_ISA
 *
 * Idea. Convert 64 bytes at a time to bit masks (base/block.h): unescaped quotes, opening
 * and closing brackets. The running parity of the quotes marks the bytes inside strings;
 * brackets there are dropped, the others counted.
 *
 * Invariant. At the start of a block, in_string, escaped and depth describe the text
 * before it: inside a string or not, the next byte escaped or not, brackets open.
 *
 * Cost. Most blocks are only counted: while more brackets are open than the block closes,
 * none of its brackets can be the last one, and two popcounts update the depth. Only a
 * block that may close the value is followed bracket by bracket.
 *
 * Brackets of both kinds share one count, so "{]" closes; only for the outermost pair are
 * the kinds compared. Any error inside is left to the parser. */
#ifndef LC_JSON_BRACKETS_KERNEL_H
#define LC_JSON_BRACKETS_KERNEL_H

#include "base/block.h"
#include "json/brackets.h"

#include <stdbool.h>
#include <stdint.h>

/* This pass is the first to touch the file, and hardware prefetchers stop at the end of a
 * page. */
#define AHEAD 4096

lc_brackets_fn LC_ISA_NAME(lc_brackets); /* declared in brackets.c under each of its
                                            names */

/* One bit for each byte of a block. */
struct block_masks {
    uint64_t quotes;
    uint64_t backslashes;
    uint64_t opens;    /* { [ */
    uint64_t closes;   /* } ] */
    uint64_t controls; /* bytes below 0x20 */
    uint64_t newlines;
    uint64_t leads; /* bytes that start a character */
};

struct search {
    uint64_t in_string; /* all ones if the last block ended inside a string */
    uint64_t escaped;   /* 1 if the first byte of the next block is escaped */
    size_t depth;       /* open brackets of either kind */
};

static struct block_masks find_masks(const char *text)
{
    struct lc_block block = lc_block_load(text);
    struct lc_block folded = lc_block_fold(block); /* [ and ] become { and } */

    return (struct block_masks){
        .quotes = lc_block_equal(block, '"'),
        .backslashes = lc_block_equal(block, '\\'),
        .opens = lc_block_equal(folded, '{'),
        .closes = lc_block_equal(folded, '}'),
        .controls = lc_block_below(block, 0x20),
        .newlines = lc_block_equal(block, '\n'),
        .leads = ~lc_block_within(block, 0x80, 0xBF),
    };
}

/* Find the bytes that a backslash escapes. Backslashes are rare, so one at a time is fast
 * enough. */
static uint64_t find_escaped(uint64_t backslashes, uint64_t *carry)
{
    uint64_t escaped = *carry;

    backslashes &= ~escaped;
    *carry = 0;
    while (backslashes) {
        uint64_t bit = backslashes & -backslashes;

        backslashes ^= bit;
        if (bit >> 63)
            *carry = 1;
        escaped |= bit << 1;
        backslashes &= ~(bit << 1);
    }
    return escaped;
}

/* Follow the brackets of a block one by one. Returns whether the first bracket is closed;
 * *end is then the number of bytes up to and including the closing one. */
static bool follow(struct search *s, uint64_t opens, uint64_t closes, size_t *end)
{
    for (uint64_t brackets = opens | closes; brackets; brackets &= brackets - 1) {
        uint64_t bit = brackets & -brackets;

        if (opens & bit) {
            s->depth++;
        } else if (--s->depth == 0) {
            *end = (size_t)__builtin_ctzll(bit) + 1;
            return true;
        }
    }
    return false;
}

/* The same for any block; brackets that cannot close the first one are only counted. */
static inline bool search_block(struct search *s, uint64_t opens, uint64_t closes,
                                size_t *end)
{
    size_t closed = (size_t)__builtin_popcountll(closes);

    if (s->depth <= closed)
        return follow(s, opens, closes, end);
    s->depth += (size_t)__builtin_popcountll(opens) - closed;
    return false;
}

/* Advance over bytes of a block: count newlines, and the characters after the last
 * one. */
static inline void extend(struct lc_extent *extent, const struct block_masks *block,
                          uint64_t inside)
{
    uint64_t newlines = block->newlines & inside;
    uint64_t characters = block->leads & inside;

    if (newlines) {
        unsigned last = 63 - (unsigned)__builtin_clzll(newlines);

        extent->lines += (unsigned)__builtin_popcountll(newlines);
        extent->characters = 0;
        characters &= ~(~UINT64_C(0) >> (63 - last)); /* keep those after it */
    }
    extent->characters += (unsigned)__builtin_popcountll(characters);
}

enum lc_brackets LC_ISA_NAME(lc_brackets)(const char *text, size_t size,
                                          struct lc_extent *out)
{
    struct search s = {0};
    struct lc_extent extent = {0};

    for (size_t at = 0; at < size; at += LC_BLOCK) {
        struct block_masks block = find_masks(text + at);
        uint64_t inside = ~UINT64_C(0), strings;
        size_t found = 0;

        __builtin_prefetch(text + at + AHEAD);
        if (size - at < LC_BLOCK)
            inside = (UINT64_C(1) << (size - at)) - 1;
        if (block.backslashes | s.escaped)
            block.quotes &= ~find_escaped(block.backslashes, &s.escaped);
        strings = lc_running_parity(block.quotes & inside) ^ s.in_string;
        if (search_block(&s, block.opens & ~strings & inside,
                         block.closes & ~strings & inside, &found)) {
            bool fits = (text[at + found - 1] == '}') == (text[0] == '{');
            uint64_t before = found == LC_BLOCK ? inside : (UINT64_C(1) << found) - 1;

            if (!fits || block.controls & strings & before)
                return LC_BRACKETS_UNCLEAR;
            extend(&extent, &block, before);
            extent.size = at + found;
            *out = extent;
            return LC_BRACKETS_CLOSED;
        }
        if (block.controls & strings & inside)
            return LC_BRACKETS_UNCLEAR;
        extend(&extent, &block, inside);
        s.in_string = 0 - (strings >> 63);
    }
    return LC_BRACKETS_OPEN;
}

#endif
