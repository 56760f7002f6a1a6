#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#ifdef __aarch64__
#include <arm_neon.h>
#endif

#define HIGHS UINT64_C(0x8080808080808080)

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

#ifdef __SSE2__

/* Add up byte counters that were decremented for each hit. */
static size_t sum_lowered(__m128i counters)
{
    __m128i sums =
        _mm_sad_epu8(_mm_sub_epi8(_mm_setzero_si128(), counters), _mm_setzero_si128());

    return (size_t)_mm_cvtsi128_si64(sums) +
           (size_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
}

/* Count newlines, or the bytes that start a character, 16 bytes at a time. A comparison
 * yields -1 for each hit, and adding that decrements 16 byte counters at once. Returns
 * the number of bytes examined. */
static size_t count_blocks(const char *text, size_t size, bool newlines, size_t *count)
{
    const __m128i newline = _mm_set1_epi8('\n'), lead = _mm_set1_epi8((char)0xBF);
    size_t at = 0;

    while (size - at >= 16) {
        __m128i counters = _mm_setzero_si128();

        /* a byte counter can be decremented 255 times */
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

#elif defined(__aarch64__)

/* The same with NEON, where subtracting a hit counts up. */
static size_t count_blocks(const char *text, size_t size, bool newlines, size_t *count)
{
    size_t at = 0;

    while (size - at >= 16) {
        uint8x16_t counters = vdupq_n_u8(0);

        for (int i = 0; i < 255 && size - at >= 16; i++, at += 16) {
            uint8x16_t bytes = vld1q_u8((const uint8_t *)text + at);
            uint8x16_t hits = newlines ? vceqq_u8(bytes, vdupq_n_u8('\n'))
                                       : vcgtq_s8(vreinterpretq_s8_u8(bytes),
                                                  vdupq_n_s8((signed char)0xBF));

            counters = vsubq_u8(counters, hits);
        }
        *count += vaddlvq_u8(counters);
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
    /* usually there is no newline, and memchr is the fastest way to find out */
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

size_t lc_text_encode(uint32_t point, char out[4])
{
    uint32_t c = point;

    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

int32_t lc_text_hex4(const char text[4])
{
    int32_t value = 0;

    for (int i = 0; i < 4; i++) {
        char c = text[i];

        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            value = value * 16 + ((c | 32) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

bool lc_text_is_wide_space(uint32_t point)
{
    switch (point) {
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
        return true;
    default:
        return point >= 0x2000 && point <= 0x200A;
    }
}

enum lc_script lc_text_script(uint32_t point)
{
    static const struct {
        uint32_t end; /* end of the range, which starts at the end of the previous one */
        enum lc_script script;
    } ranges[] = {
        {0x41, LC_SCRIPT_NONE},     {0x5B, LC_SCRIPT_LATIN},   {0x61, LC_SCRIPT_NONE},
        {0x7B, LC_SCRIPT_LATIN},    {0xAA, LC_SCRIPT_NONE},    {0xAB, LC_SCRIPT_LATIN},
        {0xBA, LC_SCRIPT_NONE},     {0xBB, LC_SCRIPT_LATIN},   {0xC0, LC_SCRIPT_NONE},
        {0xD7, LC_SCRIPT_LATIN},    {0xD8, LC_SCRIPT_NONE},    {0xF7, LC_SCRIPT_LATIN},
        {0xF8, LC_SCRIPT_NONE},     {0x2B0, LC_SCRIPT_LATIN},  {0x370, LC_SCRIPT_NONE},
        {0x1E00, LC_SCRIPT_OTHER},  {0x1F00, LC_SCRIPT_LATIN}, {0x2000, LC_SCRIPT_OTHER},
        {0x3040, LC_SCRIPT_NONE},   {0x3400, LC_SCRIPT_OTHER}, {0xA000, LC_SCRIPT_HAN},
        {0xD800, LC_SCRIPT_OTHER},  {0xF900, LC_SCRIPT_NONE},  {0xFB00, LC_SCRIPT_HAN},
        {0xFE00, LC_SCRIPT_OTHER},  {0xFE70, LC_SCRIPT_NONE},  {0xFEFF, LC_SCRIPT_OTHER},
        {0xFF66, LC_SCRIPT_NONE},   {0xFFDD, LC_SCRIPT_OTHER}, {0x10000, LC_SCRIPT_NONE},
        {0x1D000, LC_SCRIPT_OTHER}, {0x1F000, LC_SCRIPT_NONE}, {0x20000, LC_SCRIPT_OTHER},
        {0x40000, LC_SCRIPT_HAN},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (point < ranges[i].end)
            return ranges[i].script;
    return LC_SCRIPT_NONE;
}

static bool ascii_space(char c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
}

size_t lc_text_leading_space(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size) {
        struct lc_character c = {(unsigned char)text[at], 1};

        if ((unsigned char)text[at] < 0x80) {
            if (!ascii_space(text[at]))
                break;
        } else {
            c = lc_text_character(text + at);
            if (!lc_text_is_wide_space(c.point))
                break;
        }
        at += c.size;
    }
    return at;
}

/* Return the size of the white space character at the beginning of a text; 0 if there is
 * none. */
static size_t space_first(const char *text, size_t size)
{
    if (!size)
        return 0;
    if ((unsigned char)*text < 0x80)
        return ascii_space(*text);
    size = lc_text_utf8_length(text, size);
    return size && lc_text_is_wide_space(lc_text_character(text).point) ? size : 0;
}

/* Return the size of the white space character that ends at an offset; 0 if there is
 * none. */
static size_t space_last(const char *text, size_t end)
{
    size_t at = end;

    do {
        if (!at--)
            return 0;
    } while (continues(text[at]) && end - at < 4);
    return space_first(text + at, end - at) == end - at ? end - at : 0;
}

struct lc_span lc_text_strip(struct lc_span span)
{
    for (size_t n = 0; (n = space_first(span.text, span.size)) > 0;) {
        span.text += n;
        span.size -= n;
    }
    for (size_t n = 0; (n = space_last(span.text, span.size)) > 0;)
        span.size -= n;
    return span;
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

bool lc_text_is_truncated_character(const char *text, size_t size)
{
    /* complete the bytes with the lowest and with the highest continuation bytes: if any
     * completion is valid, one of these two is */
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

bool lc_text_is_hidden(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x80, 0x9F},     {0xAD, 0xAD},       {0x61C, 0x61C},   {0x180E, 0x180E},
        {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
        {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (point <= ranges[i].last)
            return point >= ranges[i].first;
    return false;
}

const char *lc_text_quote(struct lc_span span, char *out, size_t out_size)
{
    size_t used = 1;

    assert(out_size >= 16);
    out[0] = '\'';
    for (size_t i = 0; i < span.size;) {
        unsigned char c = (unsigned char)span.text[i];
        size_t length = lc_text_utf8_length(span.text + i, span.size - i);
        uint32_t point = length ? lc_text_character(span.text + i).point : 0;
        bool plain =
            length && c >= 0x20 && c != 0x7F && c != '\'' && !lc_text_is_hidden(point);
        size_t shown = length;
        char escape[16];

        if (!plain)
            shown = (size_t)snprintf(escape, sizeof(escape),
                                     length > 1 ? "\\u{%04x}" : "\\x%02x",
                                     length > 1 ? (unsigned)point : (unsigned)c);
        /* leave capacity for an escape, the ellipsis, the quote and NUL */
        if (used + (shown > 8 ? shown : 8) + 5 > out_size) {
            memcpy(out + used, "…", 3);
            used += 3;
            break;
        }
        memcpy(out + used, plain ? span.text + i : escape, shown);
        used += shown;
        i += length ? length : 1;
    }
    out[used++] = '\'';
    out[used] = '\0';
    return out;
}
