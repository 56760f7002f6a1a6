/* text.h - UTF-8 text as Python defines it: white space, words, characters, places */
#ifndef LC_BASE_TEXT_H
#define LC_BASE_TEXT_H

#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Whether a span equals a literal. Inline, so that the compiler knows the literal's
 * length and compares it in a few instructions. */
static inline bool lc_span_is(struct lc_span span, const char *literal)
{
    size_t size = strlen(literal);

    return span.size == size && (!size || memcmp(span.text, literal, size) == 0);
}

/** Whether a span begins with a literal. */
static inline bool lc_span_starts(struct lc_span span, const char *literal)
{
    size_t size = strlen(literal);

    return span.size >= size && memcmp(span.text, literal, size) == 0;
}

/** Whether a span ends with a literal. */
static inline bool lc_span_ends(struct lc_span span, const char *literal)
{
    size_t size = strlen(literal);

    return span.size >= size && memcmp(span.text + span.size - size, literal, size) == 0;
}

/** Whether two spans have the same bytes. */
static inline bool lc_span_equal(struct lc_span a, struct lc_span b)
{
    return a.size == b.size &&
           (!a.size || (a.text && b.text && memcmp(a.text, b.text, a.size) == 0));
}

/** Compare spans byte by byte; a prefix comes first. Returns <0, 0 or >0. */
static inline int lc_span_compare(struct lc_span a, struct lc_span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.text, b.text, common) : 0;

    return order ? order : (a.size > b.size) - (a.size < b.size);
}

/** A place in a text file. */
struct lc_place {
    uint64_t offset; /* bytes from the start of the file, from 0 */
    uint64_t line;   /* from 1; only \n ends a line, but in JSON lines \r and \r\n do so
                        too */
    uint64_t column; /* characters (code points) from 1, as Python's json counts them */
};

/**
 * Advance a place over text in which only \n ends a line.
 *
 * @param place  the place of text[0]; set to the place of text[size]
 * @param text   UTF-8; in other text, each byte that is not a continuation byte counts as
 *               a character
 *
 * Threads: any.
 */
void lc_place_advance(struct lc_place *place, const char *text, size_t size);

/** A code point and its size in bytes. */
struct lc_character {
    uint32_t point;
    unsigned size;
};

/** Decode the character at the beginning of a text: valid UTF-8, or a lone surrogate in
 * three bytes; this is not checked. */
static inline struct lc_character lc_text_character(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    struct lc_character out = {c[0], 1};

    if (c[0] < 0x80)
        return out;
    if (c[0] < 0xE0) {
        out.point = (c[0] & 0x1FU) << 6 | (c[1] & 0x3FU);
        out.size = 2;
    } else if (c[0] < 0xF0) {
        out.point = (c[0] & 0xFU) << 12 | (c[1] & 0x3FU) << 6 | (c[2] & 0x3FU);
        out.size = 3;
    } else {
        out.point = (c[0] & 7U) << 18 | (c[1] & 0x3FU) << 12 | (c[2] & 0x3FU) << 6 |
                    (c[3] & 0x3FU);
        out.size = 4;
    }
    return out;
}

/** Write a code point as UTF-8 (a surrogate in three bytes). Returns its size. */
size_t lc_text_encode(uint32_t point, char out[4]);

/** Return the value of four hexadecimal digits; -1 if they are not digits. */
int32_t lc_text_hex4(const char text[4]);

/** Whether Python's str.isspace counts a code point beyond ASCII as white space. */
bool lc_text_is_wide_space(uint32_t point);

/** Return the script of a code point, for estimating a text's language. Whole Unicode
 * blocks count as the script of most of their characters. Pictographs count as another
 * script: they take as many tokens as its letters. */
enum lc_script lc_text_script(uint32_t point);

/**
 * Count the bytes of white space (Python's str.isspace) at the beginning of a text. If
 * all bytes are white space, the text is blank.
 *
 * @param text  valid UTF-8
 */
size_t lc_text_leading_space(const char *text, size_t size);

/**
 * Remove the white space around a text, like Python's str.strip.
 *
 * @param span  any bytes; invalid UTF-8 does not count as white space
 */
struct lc_span lc_text_strip(struct lc_span span);

/** Count code points: all bytes except UTF-8 continuation bytes. */
size_t lc_text_characters(const char *text, size_t size);

/**
 * Find the first byte that Python's UTF-8 decoder rejects.
 *
 * @return its offset, or size if all bytes are valid
 * Source: Unicode 15 table 3-7: no overlong forms, no surrogates, nothing over U+10FFFF.
 */
size_t lc_text_invalid_utf8(const char *text, size_t size);

/**
 * Return the size of the UTF-8 character at the beginning of a text: 1 to 4, or 0 if the
 * bytes are not valid UTF-8. size must be at least 1.
 */
size_t lc_text_utf8_length(const char *text, size_t size);

/** Whether bytes are the beginning of a single UTF-8 character, with its end missing. */
bool lc_text_is_truncated_character(const char *text, size_t size);

/** Whether a character changes how others are displayed, or is invisible: C1 controls,
 * direction marks and overrides, line separators, zero-width characters (including emoji
 * joiners), byte order marks, annotations, tags. */
bool lc_text_is_hidden(uint32_t point);

/**
 * Write text as a short printable quotation: in single quotes, with control bytes, quotes
 * and invalid bytes as \xNN, and hidden characters as \u{NNNN}; if it does not fit, it is
 * truncated with an ellipsis.
 *
 * @param out       set to a NUL-terminated text
 * @param out_size  its size, at least 16
 * @return out
 */
const char *lc_text_quote(struct lc_span span, char *out, size_t out_size);

#endif
