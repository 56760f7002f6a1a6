#include "json/brackets.h"

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK 64
#define MAX_DEPTH 64 /* the bits of the stack word */

/* One bit for each byte of a block. */
struct block {
    uint64_t quotes;
    uint64_t backslashes;
    uint64_t brackets; /* { } [ ] */
    uint64_t controls; /* under 0x20 */
};

struct search {
    uint64_t in_string; /* all ones when the last block ended inside a string */
    uint64_t escaped;   /* 1 when the next block's first byte is escaped */
    uint64_t stack;     /* a bit for each open bracket, 1 for [, the innermost lowest */
    unsigned depth;
};

#ifdef __SSE2__

static uint64_t mask64(__m128i a, __m128i b, __m128i c, __m128i d)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(a) |
           (uint64_t)(uint32_t)_mm_movemask_epi8(b) << 16 |
           (uint64_t)(uint32_t)_mm_movemask_epi8(c) << 32 |
           (uint64_t)(uint32_t)_mm_movemask_epi8(d) << 48;
}

static __m128i is_bracket(__m128i bytes)
{
    /* [ and ] differ from { and } in one bit */
    __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));

    return _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')),
                        _mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
}

static __m128i is_control(__m128i bytes)
{
    return _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x1F)), _mm_set1_epi8(0x1F));
}

static __m128i or4(__m128i a, __m128i b, __m128i c, __m128i d)
{
    return _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
}

/* Backslashes and control characters are rare: their bits are gathered only when there
 * are any. */
static struct block look(const char *text)
{
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(text + 16));
    __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(text + 32));
    __m128i d = _mm_loadu_si128((const __m128i *)(const void *)(text + 48));
    __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    __m128i slash[4] = {_mm_cmpeq_epi8(a, backslash), _mm_cmpeq_epi8(b, backslash),
                        _mm_cmpeq_epi8(c, backslash), _mm_cmpeq_epi8(d, backslash)};
    __m128i lowest = _mm_min_epu8(_mm_min_epu8(a, b), _mm_min_epu8(c, d));
    struct block block = {
        .quotes = mask64(_mm_cmpeq_epi8(a, quote), _mm_cmpeq_epi8(b, quote),
                         _mm_cmpeq_epi8(c, quote), _mm_cmpeq_epi8(d, quote)),
        .brackets = mask64(is_bracket(a), is_bracket(b), is_bracket(c), is_bracket(d)),
    };

    if (_mm_movemask_epi8(or4(slash[0], slash[1], slash[2], slash[3])))
        block.backslashes = mask64(slash[0], slash[1], slash[2], slash[3]);
    if (_mm_movemask_epi8(is_control(lowest)))
        block.controls =
            mask64(is_control(a), is_control(b), is_control(c), is_control(d));
    return block;
}

#else

static struct block look(const char *text)
{
    struct block block = {0};

    for (unsigned i = 0; i < BLOCK; i++) {
        unsigned char c = (unsigned char)text[i];
        uint64_t bit = UINT64_C(1) << i;

        block.quotes |= c == '"' ? bit : 0;
        block.backslashes |= c == '\\' ? bit : 0;
        block.brackets |= (c | 0x20) == '{' || (c | 0x20) == '}' ? bit : 0;
        block.controls |= c < 0x20 ? bit : 0;
    }
    return block;
}

#endif

/* The bytes that a backslash before them escapes. Backslashes are few: one by one. */
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

/* Each bit becomes the parity of the bits up to and with it. */
static uint64_t running_parity(uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* Go over one bracket. Returns false when that needs a parser. */
static inline bool step(struct search *s, char bracket)
{
    uint64_t square = (bracket & 0x20) == 0; /* [ and ] */

    if ((bracket | 0x20) == '{') {
        s->stack = s->stack << 1 | square;
        return s->depth++ < MAX_DEPTH;
    }
    if ((s->stack & 1) != square)
        return false;
    s->stack >>= 1;
    s->depth--;
    return true;
}

/* Follow the brackets of a block. Returns whether the search is over. */
static bool follow(struct search *s, const char *text, uint64_t brackets,
                   enum lc_brackets *result, size_t *end)
{
    for (; brackets; brackets &= brackets - 1) {
        unsigned at = (unsigned)__builtin_ctzll(brackets);

        if (!step(s, text[at])) {
            *result = LC_BRACKETS_DOUBT;
            return true;
        }
        if (!s->depth) {
            *result = LC_BRACKETS_CLOSED;
            *end = at + 1;
            return true;
        }
    }
    return false;
}

enum lc_brackets lc_brackets_find(const char *text, size_t size, size_t *end)
{
    struct search s = {0};

    for (size_t at = 0; at < size; at += BLOCK) {
        struct block block = look(text + at);
        uint64_t inside = ~UINT64_C(0), strings;
        enum lc_brackets result = LC_BRACKETS_CLOSED;
        size_t found = 0;
        bool over;

        if (size - at < BLOCK)
            inside = (UINT64_C(1) << (size - at)) - 1;
        if (block.backslashes | s.escaped)
            block.quotes &= ~find_escaped(block.backslashes, &s.escaped);
        strings = running_parity(block.quotes & inside) ^ s.in_string;
        over = follow(&s, text + at, block.brackets & ~strings & inside, &result, &found);
        if (over && result == LC_BRACKETS_CLOSED) {
            /* only what stands before the end is part of the value */
            uint64_t before = found == BLOCK ? inside : (UINT64_C(1) << found) - 1;

            if (block.controls & strings & before)
                return LC_BRACKETS_DOUBT;
            *end = at + found;
            return LC_BRACKETS_CLOSED;
        }
        if (over || (block.controls & strings & inside))
            return LC_BRACKETS_DOUBT;
        s.in_string = 0 - (strings >> 63);
    }
    return LC_BRACKETS_OPEN;
}
