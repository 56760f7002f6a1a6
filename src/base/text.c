#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

bool lc_span_is(struct lc_span span, const char *literal)
{
    size_t size = strlen(literal);

    return span.size == size && memcmp(span.text, literal, size) == 0;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t lc_text_characters(const char *text, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += !continues(text[i]);
    return count;
}

void lc_place_advance(struct lc_place *place, const char *text, size_t size)
{
    size_t lines = 0;
    const char *last;

    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    place->offset += size;
    if (lines) {
        last = (const char *)memrchr(text, '\n', size) + 1;
        place->line += lines;
        place->column = 1 + lc_text_characters(last, size - (size_t)(last - text));
    } else {
        place->column += lc_text_characters(text, size);
    }
}

static bool ascii_space(unsigned char c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
}

/* White space beyond ASCII; at least one byte is left. Returns its length or 0. */
static size_t wide_space(const char *text, size_t left)
{
    const unsigned char *c = (const unsigned char *)text;

    if (left >= 2 && c[0] == 0xC2 && (c[1] == 0x85 || c[1] == 0xA0))
        return 2;
    if (left < 3)
        return 0;
    if (c[0] == 0xE1 && c[1] == 0x9A && c[2] == 0x80)
        return 3; /* U+1680 */
    if (c[0] == 0xE2 && c[1] == 0x80 &&
        (c[2] <= 0x8A || c[2] == 0xA8 || c[2] == 0xA9 || c[2] == 0xAF))
        return 3; /* U+2000-200A, 2028, 2029, 202F */
    if (c[0] == 0xE2 && c[1] == 0x81 && c[2] == 0x9F)
        return 3; /* U+205F */
    if (c[0] == 0xE3 && c[1] == 0x80 && c[2] == 0x80)
        return 3; /* U+3000 */
    return 0;
}

/* Count words byte by byte; *in_word is carried over. */
static size_t count_words(const char *text, size_t size, bool *in_word)
{
    size_t words = 0;

    for (size_t i = 0; i < size;) {
        unsigned char c = (unsigned char)text[i];
        size_t space = c < 0x80 ? ascii_space(c) : wide_space(text + i, size - i);

        words += !space && !*in_word;
        *in_word = !space;
        i += space ? space : 1;
    }
    return words;
}

/* One bit (the highest) for each byte of an all-ASCII word that is white space. */
static uint64_t space_bits(uint64_t word)
{
    /* per byte, exact because every byte is under 0x80: (x + 0x80 - n) has its
     * high bit set iff x >= n */
    uint64_t over_08 = word + (0x80 - 0x09) * ONES;
    uint64_t over_0d = word + (0x80 - 0x0E) * ONES;
    uint64_t over_1b = word + (0x80 - 0x1C) * ONES;
    uint64_t over_20 = word + (0x80 - 0x21) * ONES;

    return ((over_08 & ~over_0d) | (over_1b & ~over_20)) & HIGHS;
}

size_t lc_text_words(const char *text, size_t size)
{
    size_t words = 0;
    bool in_word = false;
    size_t i = 0;

    while (size - i >= 8) {
        uint64_t word, spaces, before;

        memcpy(&word, text + i, 8);
        if (word & HIGHS) {
            size_t step = 8;

            /* keep a character whole: end the step where the next one begins */
            while (i + step < size && continues(text[i + step]))
                step++;
            words += count_words(text + i, step, &in_word);
            i += step;
            continue;
        }
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        spaces = space_bits(word);
        before = spaces << 8 | (in_word ? 0 : 0x80);
        words += (size_t)__builtin_popcountll(~spaces & before & HIGHS);
        in_word = !(spaces >> 63);
        i += 8;
    }
    return words + count_words(text + i, size - i, &in_word);
}

size_t lc_text_count(const char *text, size_t size, const char *needle)
{
    size_t length = strlen(needle);
    const char *end = text + size;
    size_t count = 0;

    assert(length);
    while (size >= length) {
        const char *hit = memmem(text, size, needle, length);

        if (!hit)
            break;
        count++;
        text = hit + length;
        size = (size_t)(end - text);
    }
    return count;
}

size_t lc_text_utf8_length(const char *text, size_t size)
{
    const unsigned char *c = (const unsigned char *)text;
    unsigned char low = 0x80, high = 0xBF;
    size_t length;

    if (c[0] < 0x80)
        return 1;
    if (c[0] < 0xC2 || c[0] > 0xF4)
        return 0;
    length = c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3 : 4;
    if (c[0] == 0xE0)
        low = 0xA0;
    else if (c[0] == 0xED)
        high = 0x9F;
    else if (c[0] == 0xF0)
        low = 0x90;
    else if (c[0] == 0xF4)
        high = 0x8F;
    if (size < length || c[1] < low || c[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!continues(text[i]))
            return 0;
    return length;
}

size_t lc_text_invalid_utf8(const char *text, size_t size)
{
    size_t i = 0;

    while (i < size) {
        uint64_t word;
        size_t length;

        if (size - i >= 8) {
            memcpy(&word, text + i, 8);
            if (!(word & HIGHS)) {
                i += 8;
                continue;
            }
        }
        length = lc_text_utf8_length(text + i, size - i);
        if (!length)
            return i;
        i += length;
    }
    return size;
}

const char *lc_text_quote(struct lc_span span, char *out, size_t out_size)
{
    size_t used = 1;

    assert(out_size >= 16);
    out[0] = '\'';
    for (size_t i = 0; i < span.size;) {
        unsigned char c = (unsigned char)span.text[i];
        size_t length = lc_text_utf8_length(span.text + i, span.size - i);
        bool plain = length > 1 || (length == 1 && c >= 0x20 && c != 0x7F && c != '\'');

        if (used + 9 > out_size) { /* room for \xNN, the ellipsis, quote and NUL */
            memcpy(out + used, "…", 3);
            used += 3;
            break;
        }
        if (plain) {
            memcpy(out + used, span.text + i, length);
            used += length;
            i += length;
        } else {
            used += (size_t)snprintf(out + used, 5, "\\x%02x", (unsigned)c);
            i++;
        }
    }
    out[used++] = '\'';
    out[used] = '\0';
    return out;
}
