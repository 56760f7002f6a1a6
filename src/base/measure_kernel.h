/* measure_kernel.h - lc_text_measure, compiled once for each instruction set: LC_ISA
 *
 * Idea. Convert 64 bytes at a time to bit masks (base/block.h). A word starts at a byte
 * that is not white space and follows white space: ~spaces & (spaces << 1 | carry),
 * counted by popcount. Characters are all bytes minus UTF-8 continuation bytes. One more
 * mask has the bytes that could mean more (controls, < [ : and bytes beyond ASCII): a
 * block without any costs a dozen instructions, and only the others reach inspect_rare.
 * There, characters beyond ASCII are decoded one by one, except for Han: their lead bytes
 * alone identify them, and they come in long runs.
 *
 * Invariant. Between blocks, was_space says whether the last byte was white space, and
 * spill marks the bytes of a wide white space character that continues in the next block.
 * So the result does not depend on where block boundaries fall.
 *
 * Reading past the end. The last block may extend past the text, into its padding; the
 * mask `inside` removes those bytes from every count. */
#ifndef LC_BASE_MEASURE_KERNEL_H
#define LC_BASE_MEASURE_KERNEL_H

#include "base/block.h"
#include "base/measure.h"
#include "base/text.h"

#include <stdbool.h>
#include <string.h>

/* declared in measure.c under each of their names */
lc_measure_fn LC_ISA_NAME(lc_measure);
lc_measure_string_fn LC_ISA_NAME(lc_measure_string), LC_ISA_NAME(lc_measure_question);

/* The part of the state that few blocks change. The part that every block changes is in
 * struct sums, so that it can stay in registers. */
struct pass {
    const char *text;
    size_t size;
    struct lc_measure *out; /* its letters and marks are updated directly */
    uint64_t spill;         /* bytes of this block that belong to wide white space from
                               the last one */
    uint64_t continued;     /* UTF-8 continuation bytes so far */
};

struct sums {
    uint64_t words;
    uint64_t was_space; /* 1 if the last block ended with white space */
    uint64_t was_s;     /* 1 if the last block ended with s */
    uint64_t doubled;   /* positions, in any block, of an s after an s */
};

/* Record where an s follows another. Compiled only into callers that need it, as it costs
 * a fifth of the loop. */
static inline void note_doubled(struct sums *sums, struct lc_block block, uint64_t inside)
{
    uint64_t s = lc_block_equal(block, 's');

    sums->doubled |= s & (s << 1 | sums->was_s) & inside;
    sums->was_s = s >> (LC_BLOCK - 1);
}

static uint64_t count(uint64_t bits)
{
    return (uint64_t)__builtin_popcountll(bits);
}

static bool follows(const struct pass *pass, size_t at, const char *what)
{
    size_t size = strlen(what);

    return pass->size - at >= size && memcmp(pass->text + at, what, size) == 0;
}

/* Whether UTF-8 was decoded in another encoding and encoded again; at points to a C3. */
static bool is_mojibake(const struct pass *pass, size_t at)
{
    const unsigned char *c = (const unsigned char *)pass->text + at;

    if (pass->size - at >= 4 && (c[1] == 0x82 || c[1] == 0x83) && c[2] == 0xC2)
        return c[3] >= 0xA0;                            /* Â or Ã before U+00A0-00BF */
    return follows(pass, at, "\xC3\xA2\xE2\x82\xAC") || /* â€ */
           follows(pass, at, "\xC3\xB0\xC5\xB8") ||     /* ðŸ */
           follows(pass, at, "\xC3\xAF\xC2\xBF\xC2\xBD") || /* ï¿½ */
           follows(pass, at, "\xC3\xAF\xC2\xBB\xC2\xBF");   /* ï»¿ */
}

/* Measure one character beyond ASCII. Returns its size if it is white space, else 0. */
static unsigned measure_character(struct pass *pass, size_t at)
{
    struct lc_character c = lc_text_character(pass->text + at);
    enum lc_script script = lc_text_script(c.point);

    if (script != LC_SCRIPT_NONE)
        pass->out->letters[script]++;
    if ((c.point >= 0x80 && c.point <= 0x9F) || c.point == 0xFFFD ||
        ((unsigned char)pass->text[at] == 0xC3 && is_mojibake(pass, at)))
        pass->out->marks |= LC_MARK_DAMAGED;
    return lc_text_is_wide_space(c.point) ? c.size : 0;
}

/* Measure a block's characters beyond ASCII. Returns the bytes of white space among them;
 * bytes past the block's end go to spill. */
static uint64_t measure_wide(struct pass *pass, struct lc_block block, size_t at,
                             uint64_t inside)
{
    uint64_t han = lc_block_within(block, 0xE4, 0xE9) & inside; /* U+4000-9FFF */
    uint64_t leads = lc_block_within(block, 0xC0, 0xFF) & inside & ~han;
    uint64_t spaces = 0;

    pass->out->letters[LC_SCRIPT_HAN] += count(han);
    for (; leads; leads &= leads - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(leads);
        unsigned size = measure_character(pass, at + bit);
        uint64_t bytes = (UINT64_C(1) << size) - 1;

        spaces |= bytes << bit;
        if (bit + size > LC_BLOCK)
            pass->spill = bytes >> (LC_BLOCK - bit);
    }
    return spaces;
}

/* Inspect a block that contains more than ASCII words, blanks and newlines. Returns its
 * other white space. */
static __attribute__((noinline)) uint64_t
inspect_rare(struct pass *pass, struct lc_block block, size_t at, uint64_t inside)
{
    uint64_t controls = lc_block_below(block, 0x20) & inside;
    uint64_t colons = lc_block_equal(block, ':') & inside, spaces = pass->spill;

    if (controls & ~(lc_block_equal(block, '\t') | lc_block_equal(block, '\n') |
                     lc_block_equal(block, '\r')))
        pass->out->marks |= LC_MARK_DAMAGED;
    if (lc_block_equal(block, '<') & inside)
        pass->out->marks |= LC_MARK_TAG;
    if (lc_block_equal(block, '[') & inside)
        pass->out->marks |= LC_MARK_SQUARE;
    if (lc_block_equal(block, '_') & inside)
        pass->out->marks |= LC_MARK_UNDERSCORE;
    if (colons & ((lc_block_equal(block, 'T') | lc_block_equal(block, 'R')) << 1 | 1))
        pass->out->marks |= LC_MARK_ROLE;
    pass->spill = 0;
    if (lc_block_high(block) & inside) {
        pass->out->marks |= LC_MARK_WIDE;
        pass->continued += count(lc_block_within(block, 0x80, 0xBF) & inside);
        spaces |= measure_wide(pass, block, at, inside);
    }
    return spaces | (controls &
                     (lc_block_within(block, 0x09, 0x0D) | ~lc_block_below(block, 0x1C)));
}

/* Return a mask of the lowest bits. */
static inline uint64_t low_bits(size_t wanted)
{
    return wanted < LC_BLOCK ? (UINT64_C(1) << wanted) - 1 : ~UINT64_C(0);
}

/* Measure the lowest bytes of a block. */
static inline void measure_block(struct pass *pass, struct sums *sums,
                                 struct lc_block block, size_t at, size_t wanted,
                                 bool doubled)
{
    uint64_t inside = low_bits(wanted);
    uint64_t newlines = lc_block_equal(block, '\n');
    uint64_t spaces = lc_block_equal(block, ' ') | newlines;
    uint64_t rare = (lc_block_below(block, 0x20) & ~newlines) | lc_block_high(block) |
                    lc_block_equal(block, '<') | lc_block_within(block, '[', '_') |
                    lc_block_equal(block, ':');

    if ((rare & inside) | pass->spill)
        spaces |= inspect_rare(pass, block, at, inside);
    sums->words += count(~spaces & (spaces << 1 | sums->was_space) & inside);
    sums->was_space = spaces >> (LC_BLOCK - 1);
    if (doubled)
        note_doubled(sums, block, inside);
}

/* Store the totals of all blocks. */
static inline void end_pass(const struct sums *sums, uint64_t characters,
                            struct lc_measure *out)
{
    out->words = sums->words;
    out->characters = characters;
    if (sums->doubled)
        out->marks |= LC_MARK_SS;
}

static inline struct pass begin_pass(const char *text, size_t size,
                                     struct lc_measure *out)
{
    out->marks = 0;
    for (int i = 0; i < LC_SCRIPT_COUNT; i++)
        out->letters[i] = 0;
    return (struct pass){.text = text, .size = size, .out = out};
}

void LC_ISA_NAME(lc_measure)(const char *text, size_t size, struct lc_measure *out)
{
    struct pass pass = begin_pass(text, size, out);
    struct sums sums = {.was_space = 1};

    for (size_t at = 0; at < size; at += LC_BLOCK)
        measure_block(&pass, &sums, lc_block_load(text + at), at,
                      size - at < LC_BLOCK ? size - at : LC_BLOCK, true);
    end_pass(&sums, size - pass.continued, out);
}

/* Measure a string that contains more than ASCII words, or has no end. */
static __attribute__((noinline)) size_t
measure_string_slowly(const char *text, size_t size, bool doubled, struct lc_measure *out)
{
    struct pass pass = begin_pass(text, size, out);
    struct sums sums = {.was_space = 1};
    size_t at = 0, end = size;

    for (; at < size; at += LC_BLOCK) {
        struct lc_block block = lc_block_load(text + at);
        size_t wanted = size - at < LC_BLOCK ? size - at : LC_BLOCK;
        uint64_t stops = (lc_block_equal(block, '"') | lc_block_equal(block, '\\') |
                          lc_block_below(block, 0x20)) &
                         low_bits(wanted);

        if (stops) {
            wanted = (size_t)__builtin_ctzll(stops);
            end = at + wanted;
            pass.size = end; /* the bytes after it are not part of the string */
        }
        measure_block(&pass, &sums, block, at, wanted, doubled);
        if (stops)
            break;
    }
    end_pass(&sums, end - pass.continued, out);
    return end;
}

/* Most strings contain only ASCII words: use a tight loop for these. At the first byte
 * that may mean more, the general loop starts over: that is at most twice the work, for
 * few strings. */
static inline size_t measure_string(const char *text, size_t size, bool doubled,
                                    struct lc_measure *out)
{
    struct sums sums = {.was_space = 1};
    uint64_t stops = 0, spaces, inside;
    size_t at = 0;

    while (!stops) {
        struct lc_block block = lc_block_load(text + at);

        stops = lc_block_equal(block, '"') | lc_block_equal(block, '\\') |
                lc_block_below(block, 0x20);
        spaces = lc_block_equal(block, ' ');
        inside = stops ? (stops & -stops) - 1 : ~UINT64_C(0);
        if (inside & (lc_block_high(block) | lc_block_equal(block, '<') |
                      lc_block_within(block, '[', '_') | lc_block_equal(block, ':')))
            return measure_string_slowly(text, size, doubled, out);
        sums.words += count(~spaces & (spaces << 1 | sums.was_space) & inside);
        sums.was_space = spaces >> (LC_BLOCK - 1);
        if (doubled)
            note_doubled(&sums, block, inside);
        at += LC_BLOCK;
        if (at >= size && !stops)
            return measure_string_slowly(text, size, doubled,
                                         out); /* no end within size */
    }
    at += (size_t)__builtin_ctzll(stops) - LC_BLOCK;
    if (at > size)
        return measure_string_slowly(text, size, doubled, out);
    out->marks = 0;
    end_pass(&sums, at, out);
    for (int i = 0; i < LC_SCRIPT_COUNT; i++)
        out->letters[i] = 0;
    return at;
}

size_t LC_ISA_NAME(lc_measure_string)(const char *text, size_t size,
                                      struct lc_measure *out)
{
    return measure_string(text, size, false, out);
}

size_t LC_ISA_NAME(lc_measure_question)(const char *text, size_t size,
                                        struct lc_measure *out)
{
    return measure_string(text, size, true, out);
}

#endif
