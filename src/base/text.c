#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define HIGHS UINT64_C(0x8080808080808080)

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

#ifdef __SSE2__

/* Add up bytes of counters that were lowered by one for each hit. */
static size_t sum_lowered(__m128i counters)
{
    __m128i sums =
        _mm_sad_epu8(_mm_sub_epi8(_mm_setzero_si128(), counters), _mm_setzero_si128());

    return (size_t)_mm_cvtsi128_si64(sums) +
           (size_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
}

/* Count newlines, or the bytes that begin a character, 16 at a time. Returns how many
 * bytes were looked at. */
static size_t count_blocks(const char *text, size_t size, bool newlines, size_t *count)
{
    const __m128i newline = _mm_set1_epi8('\n'), lead = _mm_set1_epi8((char)0xBF);
    size_t at = 0;

    while (size - at >= 16) {
        __m128i counters = _mm_setzero_si128();

        /* a counter byte can be lowered 255 times */
        for (int i = 0; i < 255 && size - at >= 16; i++, at += 16) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
            /* as signed bytes, 80-BF are the lowest */
            __m128i hits =
                newlines ? _mm_cmpeq_epi8(bytes, newline) : _mm_cmpgt_epi8(bytes, lead);

            counters = _mm_add_epi8(counters, hits);
        }
        *count += sum_lowered(counters);
    }
    return at;
}

#else

static size_t count_blocks(const char *text, size_t size, bool newlines, size_t *count)
{
    (void)text;
    (void)size;
    (void)newlines;
    (void)count;
    return 0;
}

#endif

size_t lc_text_characters(const char *text, size_t size)
{
    size_t count = 0;

    for (size_t i = count_blocks(text, size, false, &count); i < size; i++)
        count += !continues(text[i]);
    return count;
}

static size_t count_newlines(const char *text, size_t size)
{
    size_t count = 0;

    for (size_t i = count_blocks(text, size, true, &count); i < size; i++)
        count += text[i] == '\n';
    return count;
}

void lc_place_advance(struct lc_place *place, const char *text, size_t size)
{
    /* mostly there is none, and memchr is the fastest way to know */
    size_t lines = memchr(text, '\n', size) ? count_newlines(text, size) : 0;
    const char *last;

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

#ifdef __SSE2__

static __m128i load(const char *text)
{
    return _mm_loadu_si128((const __m128i *)(const void *)text);
}

static __m128i equal(__m128i bytes, unsigned char c)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)c));
}

/* Bytes from low up to high, as unsigned: x - low <= high - low. */
static __m128i between(__m128i bytes, unsigned char low, unsigned char high)
{
    __m128i above = _mm_sub_epi8(bytes, _mm_set1_epi8((char)low));

    return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(high - low))), above);
}

/* Whether white space beyond ASCII begins in 16 bytes; two more must be readable. It may
 * say yes when there is none (U+1690, U+209F …), never the reverse. */
static bool any_wide_space(const char *text)
{
    __m128i first = load(text), second = load(text + 1), third = load(text + 2);
    __m128i latin = _mm_and_si128(equal(first, 0xC2),
                                  _mm_or_si128(equal(second, 0x85), equal(second, 0xA0)));
    __m128i ogham = _mm_and_si128(equal(first, 0xE1), equal(second, 0x9A));
    __m128i ideographic = _mm_and_si128(
        _mm_and_si128(equal(first, 0xE3), equal(second, 0x80)), equal(third, 0x80));
    __m128i marks =
        _mm_or_si128(_mm_or_si128(between(third, 0x80, 0x8A), between(third, 0xA8, 0xA9)),
                     _mm_or_si128(equal(third, 0xAF), equal(third, 0x9F)));
    __m128i general = _mm_and_si128(
        _mm_and_si128(equal(first, 0xE2), between(second, 0x80, 0x81)), marks);

    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(latin, ogham),
                                          _mm_or_si128(ideographic, general))) != 0;
}

/* All ones in the bytes that are ASCII white space. */
static __m128i ascii_spaces(__m128i bytes)
{
    return _mm_or_si128(between(bytes, 0x09, 0x0D), between(bytes, 0x1C, 0x20));
}

/* Whether white space beyond ASCII begins among 16 bytes, or may begin. */
static bool maybe_wide(const char *text, size_t size)
{
    __m128i bytes = load(text);
    __m128i leads = _mm_or_si128(between(bytes, 0xE1, 0xE3), equal(bytes, 0xC2));

    return _mm_movemask_epi8(leads) && (size < 18 || any_wide_space(text));
}

/* All ones in the bytes of 16 where a word begins: no space, and a space before it. The
 * byte before them must be readable, and not end white space beyond ASCII. */
static __m128i word_starts(const char *text)
{
    return _mm_andnot_si128(ascii_spaces(load(text)), ascii_spaces(load(text - 1)));
}

/* Count the words that begin in about 16 bytes, character by character, and go on until
 * the last character is no white space beyond ASCII. Returns how many bytes that took. */
static size_t count_slowly(const char *text, size_t size, bool in_word, size_t *words)
{
    size_t at = 0, end = size < 16 ? size : 16;

    for (;;) {
        while (end < size && continues(text[end]))
            end++;
        *words += count_words(text + at, end - at, &in_word);
        at = end;
        if (at == size || in_word || !continues(text[at - 1]))
            return at;
        end++;
    }
}

/* Count the words that begin in at most 16 bytes, in a copy between spaces. Returns how
 * many bytes were looked at: a character at their end is taken whole. */
static size_t count_short(const char *text, size_t size, char before, size_t *words)
{
    char copy[1 + 16 + 15];
    size_t part = size < 16 ? size : 16;

    memset(copy, ' ', sizeof(copy));
    copy[0] = before;
    memcpy(copy + 1, text, part);
    if (maybe_wide(copy + 1, part))
        return count_slowly(text, size, !ascii_space((unsigned char)before), words);
    *words += sum_lowered(word_starts(copy + 1));
    return part;
}

/* Count the words that begin in blocks of 16 bytes, up to a block with white space beyond
 * ASCII, and at most 255 blocks: a counter byte is lowered once for each. The byte before
 * text must be readable. Returns how many bytes were looked at. */
static size_t count_run(const char *text, size_t size, size_t *words)
{
    __m128i counters = _mm_setzero_si128();
    const size_t most = (size_t)255 * 16;
    size_t at = 0, end = size < most ? size : most;

    for (; end - at >= 16 && !maybe_wide(text + at, size - at); at += 16)
        counters = _mm_add_epi8(counters, word_starts(text + at));
    *words += sum_lowered(counters);
    return at;
}

size_t lc_text_words(const char *text, size_t size)
{
    size_t words = 0, at = count_short(text, size, ' ', &words);

    while (size - at >= 16) {
        size_t run = count_run(text + at, size - at, &words);

        at += run;
        if (!run)
            at += count_slowly(text + at, size - at,
                               !ascii_space((unsigned char)text[at - 1]), &words);
    }
    if (at < size)
        at += count_short(text + at, size - at, text[at - 1], &words);
    assert(at == size);
    return words;
}

#else

size_t lc_text_words(const char *text, size_t size)
{
    bool in_word = false;

    return count_words(text, size, &in_word);
}

#endif

size_t lc_text_count(const char *text, size_t size, const char *needle)
{
    size_t length = strlen(needle), count = 0;
    const char *end = text + size;

    assert(length);
    /* the first byte is rare in what is searched: memchr is the fastest way to it */
    while ((size_t)(end - text) >= length) {
        text = memchr(text, needle[0], (size_t)(end - text) - length + 1);
        if (!text)
            break;
        if (memcmp(text, needle, length) == 0) {
            count++;
            text += length;
        } else {
            text++;
        }
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

/* Whether the text begins with eight ASCII characters. */
static bool ascii_word(const char *text, size_t size)
{
    uint64_t word;

    if (size < sizeof(word))
        return false;
    memcpy(&word, text, sizeof(word));
    return !(word & HIGHS);
}

size_t lc_text_invalid_utf8(const char *text, size_t size)
{
    size_t i = 0;

    while (i < size) {
        size_t length =
            ascii_word(text + i, size - i) ? 8 : lc_text_utf8_length(text + i, size - i);

        if (!length)
            return i;
        i += length;
    }
    return size;
}

bool lc_text_cut_character(const char *text, size_t size)
{
    /* each of them, completed with the lowest and the highest continuation bytes: one of
     * the two is valid when any completion is */
    char low[4], high[4];

    if (!size || size > 3)
        return false;
    memset(low, 0x80, sizeof(low));
    memset(high, 0xBF, sizeof(high));
    memcpy(low, text, size);
    memcpy(high, text, size);
    return lc_text_utf8_length(low, sizeof(low)) > size ||
           lc_text_utf8_length(high, sizeof(high)) > size;
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
