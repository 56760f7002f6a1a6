/* The exact parser's strings, numbers and words. */
#include "json/exact.h"

#include <string.h>

#define MAX_DIGITS 4300 /* sys.get_int_max_str_digits() */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Return the value of the four digits of an escape at text[at], or -1. */
static int32_t hex4(const struct lc_reader *r, size_t at)
{
    return r->size - at < 4 ? -1 : lc_text_hex4(r->text + at);
}

static bool add_decoded(struct lc_reader *r, const char *bytes, size_t size)
{
    if (!r->skip && lc_buffer_add(&r->parser->strings, bytes, size, NULL) != LC_OK)
        return lc_reader_no_memory(r);
    return true;
}

/* Decode \uXXXX, including the low surrogate after a high one; r->at is at the u. */
static bool unicode_escape(struct lc_reader *r)
{
    size_t start = r->at - 1;
    int32_t point = hex4(r, r->at + 1), low;
    char utf8[4];

    if (point < 0 && r->size - r->at < 5 &&
        !memchr(r->text + r->at, '"', r->size - r->at))
        return lc_reader_refuse(r, LC_JSON_CUT_OFF, r->at,
                                "the text ends inside an escape");
    if (point < 0)
        return lc_reader_refuse(r, LC_JSON_SYNTAX, r->at, "invalid \\uXXXX escape");
    r->at += 5;
    if (point >= 0xD800 && point <= 0xDBFF && r->size - r->at >= 6 &&
        r->text[r->at] == '\\' && r->text[r->at + 1] == 'u') {
        low = hex4(r, r->at + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
            r->at += 6;
        }
    }
    if (point >= 0xD800 && point <= 0xDFFF && r->surrogate_offset < 0)
        r->surrogate_offset = (int64_t)start;
    return add_decoded(r, utf8, lc_text_encode((uint32_t)point, utf8));
}

/* Decode an escape; r->at is just after the backslash. */
static bool escape(struct lc_reader *r, size_t quote)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found;

    if (r->at == r->size)
        return lc_reader_refuse(r, LC_JSON_CUT_OFF, quote, "unterminated string");
    if (r->text[r->at] == 'u')
        return unicode_escape(r);
    found = r->text[r->at] ? strchr(from, r->text[r->at]) : NULL;
    if (!found)
        return lc_reader_refuse(r, LC_JSON_SYNTAX, r->at - 1, "invalid \\escape");
    r->at++;
    return add_decoded(r, &to[found - from], 1);
}

/* Skip to the quote or backslash that ends a run of plain bytes. Parsers that tolerate
 * other control characters end the text at a NUL. */
static bool skip_plain(struct lc_reader *r, size_t quote)
{
    while (r->at < r->size && r->text[r->at] != '"' && r->text[r->at] != '\\' &&
           ((unsigned char)r->text[r->at] >= 0x20 || (r->lenient && r->text[r->at])))
        r->at++;
    if (r->at == r->size)
        return lc_reader_refuse(r, LC_JSON_CUT_OFF, quote, "unterminated string");
    if (r->text[r->at] == '"' || r->text[r->at] == '\\')
        return true;
    lc_reader_refuse(r, LC_JSON_SYNTAX, r->at, "raw control character in a string");
    r->problem.detail = LC_JSON_CONTROL;
    return false;
}

/* Decode a string from its first escape, at r->at; the plain text before it begins at
 * run. */
static bool decode(struct lc_reader *r, size_t quote, size_t run)
{
    size_t begin = r->parser->strings.size;
    uint32_t size = 0;

    if (!add_decoded(r, (const char *)&size, sizeof(size)))
        return false;
    while (r->text[r->at] == '\\') {
        if (!add_decoded(r, r->text + run, r->at - run))
            return false;
        r->at++;
        if (!escape(r, quote))
            return false;
        run = r->at;
        if (!skip_plain(r, quote))
            return false;
    }
    if (!add_decoded(r, r->text + run, r->at - run) || !add_decoded(r, "", 1))
        return false;
    if (!r->skip) {
        size = (uint32_t)(r->parser->strings.size - begin - sizeof(size) - 1);
        memcpy(r->parser->strings.data + begin, &size, sizeof(size));
    }
    r->at++;
    return lc_reader_put(r, LC_JSON_STRING, begin, quote);
}

/* Read a string; r->at is at the opening quote. */
bool lc_reader_string(struct lc_reader *r)
{
    size_t quote = r->at++, run = r->at;

    if (!skip_plain(r, quote))
        return false;
    if (r->text[r->at] == '\\')
        return decode(r, quote, run);
    r->at++;
    return lc_reader_put2(r, LC_JSON_IN_TEXT, run, r->at - 1 - run, quote);
}

static size_t digits_at(const struct lc_reader *r, size_t at)
{
    size_t start = at;

    while (at < r->size && is_digit(r->text[at]))
        at++;
    return at - start;
}

/* Append an integer: its value if it fits, otherwise the offset and size of its
 * digits. */
static bool put_integer(struct lc_reader *r, size_t at, size_t size)
{
    const char *text = r->text + at;
    bool negative = text[0] == '-';
    int64_t value = 0;

    for (size_t i = negative; i < size; i++) {
        int digit = text[i] - '0';

        /* accumulate below zero: INT64_MIN has no positive counterpart */
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return lc_reader_put2(r, LC_JSON_BIG, at, size, at);
    }
    if (!negative && value == INT64_MIN)
        return lc_reader_put2(r, LC_JSON_BIG, at, size, at);
    return lc_reader_put2(r, LC_JSON_INTEGER, 0, (uint64_t)(negative ? value : -value),
                          at);
}

/* Return the offset after a decimal point, or after an exponent's letter and sign, if
 * digits follow or the text ends there. Otherwise return the given offset: it is not part
 * of the number. */
static size_t part_begin(const struct lc_reader *r, size_t at, bool exponent)
{
    size_t begin = at + 1;

    if (at == r->size || (exponent ? (r->text[at] | 32) != 'e' : r->text[at] != '.'))
        return at;
    if (exponent && begin < r->size && (r->text[begin] == '+' || r->text[begin] == '-'))
        begin++;
    return begin == r->size || is_digit(r->text[begin]) ? begin : at;
}

/* Skip the fraction and the exponent after an integer. Returns where they end; *cut is
 * set if the text ends inside them. */
static size_t read_parts(const struct lc_reader *r, size_t at, bool *cut)
{
    for (int exponent = 0; exponent < 2; exponent++) {
        size_t begin = part_begin(r, at, exponent);

        if (begin == at)
            continue;
        *cut |= begin == r->size;
        at = begin + digits_at(r, begin);
    }
    return at;
}

/* Whether an integer, given as digits without leading zeros, is at least as large as a
 * limit. */
static bool reaches(const char *digits, size_t size, const char *limit, size_t limit_size)
{
    size_t common = strlen(limit) < size ? strlen(limit) : size;

    if (size != limit_size)
        return size > limit_size;
    return memcmp(digits, limit, common) >= 0;
}

/* Return the exponent of a number, truncated if it has more than 6 digits. */
static int64_t read_exponent(const char *text, size_t size)
{
    bool negative = size && text[0] == '-';
    int64_t value = 0;

    for (size_t i = size && !is_digit(text[0]); i < size && value < 1000000; i++)
        value = value * 10 + (text[i] - '0');
    return negative ? -value : value;
}

/* Doubles end at 2^1024 - 2^970: from there on, numbers are rounded to infinity. That
 * limit has 309 digits, and these are the first of them. */
#define INFINITE "179769313486231580793728971405"
#define INFINITE_SIZE 309

/* Whether a number with a fraction or an exponent exceeds a double. */
static bool is_infinite(const char *text, size_t size)
{
    char digits[sizeof(INFINITE) - 1] = "";
    size_t count = 0, end = 0;
    int64_t point = 0; /* digits before the point, not counting leading zeros */
    bool fraction = false;

    while (end < size && (text[end] | 32) != 'e') {
        char c = text[end++];

        fraction |= c == '.';
        if (!is_digit(c))
            continue;
        if (c == '0' && !count) {
            point -= fraction;
            continue;
        }
        if (count < sizeof(digits))
            digits[count] = c;
        count++;
        point += !fraction;
    }
    if (!count)
        return false;
    if (end < size)
        point += read_exponent(text + end + 1, size - end - 1);
    if (point != INFINITE_SIZE)
        return point > INFINITE_SIZE;
    for (; count < sizeof(digits); count++)
        digits[count] = '0';
    return memcmp(digits, INFINITE, sizeof(digits)) >= 0;
}

/* Record a number that does not fit into 64 bits. */
static void note_range(struct lc_reader *r, size_t start, bool is_float)
{
    static const char least[] = "9223372036854775809", most[] = "18446744073709551616";
    bool negative = r->text[start] == '-';
    const char *digits = r->text + start + negative;
    size_t size = r->at - start - negative;
    enum lc_json_range range = LC_JSON_HUGE_FLOAT;

    if (is_float) {
        if (!is_infinite(digits, size))
            return;
        if (!memchr(digits, 'e', size) && !memchr(digits, 'E', size))
            range = LC_JSON_HUGE_FRACTION;
    } else {
        if (!reaches(digits, size, negative ? least : most,
                     strlen(negative ? least : most)))
            return;
        range = reaches(digits, size, INFINITE, INFINITE_SIZE) ? LC_JSON_HUGE_INTEGER
                                                               : LC_JSON_BIG_INTEGER;
    }
    if (!(r->ranges >> range & 1))
        r->range_offsets[range] = (uint32_t)start;
    r->ranges |= 1U << range;
}

/* Whether a number is followed by digits that must not follow it, as in 007, or by a
 * point without digits. */
static bool has_odd_digits(const struct lc_reader *r, size_t begin, size_t end)
{
    if (!r->depth || end == r->size)
        return false;
    if (r->text[end] == '.')
        return !memchr(r->text + begin, '.', end - begin);
    return is_digit(r->text[end]);
}

/* Skip these digits, or this point. */
static size_t skip_odd_digits(const struct lc_reader *r, size_t at)
{
    bool cut = false;

    if (r->text[at] == '.')
        return at + 1;
    return read_parts(r, at + digits_at(r, at), &cut);
}

bool lc_reader_number(struct lc_reader *r)
{
    size_t start = r->at, at = r->at, digits, end;
    bool cut = false;

    at += r->text[at] == '-';
    digits = digits_at(r, at);
    if (!digits && at == r->size)
        return lc_reader_refuse(r, LC_JSON_CUT_OFF, start,
                                "the text ends inside a number");
    if (!digits)
        return lc_reader_refuse(r, LC_JSON_SYNTAX, start, "expecting value");
    at += r->text[at] == '0' ? 1 : digits; /* 01 is a 0 followed by extra data */
    end = read_parts(r, at, &cut);
    if (cut)
        return lc_reader_refuse(r, LC_JSON_CUT_OFF, start,
                                "the text ends inside a number");
    if (has_odd_digits(r, start, end)) {
        if (r->odd_digits) {
            r->at = skip_odd_digits(r, end);
            return lc_reader_put2(r, LC_JSON_FLOAT, 0, 0, start);
        }
        lc_reader_refuse(r, LC_JSON_SYNTAX, end, "expecting ',' delimiter");
        r->problem.detail = LC_JSON_DIGITS;
        return false;
    }
    if (end > at) {
        r->at = end;
        note_range(r, start, true);
        return lc_reader_put2(r, LC_JSON_FLOAT, 0, 0, start);
    }
    if (at - start - (r->text[start] == '-') > MAX_DIGITS)
        return lc_reader_refuse(
            r, LC_JSON_SYNTAX, start,
            "an integer of more than 4,300 digits, which Python refuses");
    r->at = at;
    note_range(r, start, false);
    return put_integer(r, start, at - start);
}

/* Whether the text continues with this word; *cut is set if it ends inside the word. */
static bool word_here(const struct lc_reader *r, const char *word, bool *cut)
{
    size_t size = strlen(word), left = r->size - r->at;

    if (left < size) {
        *cut |= memcmp(r->text + r->at, word, left) == 0;
        return false;
    }
    return memcmp(r->text + r->at, word, size) == 0;
}

bool lc_reader_word(struct lc_reader *r)
{
    static const struct {
        const char *word;
        enum lc_json_type type;
    } words[] = {
        {"null", LC_JSON_NULL}, {"true", LC_JSON_TRUE},      {"false", LC_JSON_FALSE},
        {"NaN", LC_JSON_FLOAT}, {"Infinity", LC_JSON_FLOAT}, {"-Infinity", LC_JSON_FLOAT},
    };
    bool cut = false;
    size_t start;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!word_here(r, words[i].word, &cut))
            continue;
        start = r->at;
        r->at += strlen(words[i].word);
        if (words[i].type != LC_JSON_FLOAT)
            return lc_reader_put(r, words[i].type, 0, start);
        if (r->nan_offset < 0)
            r->nan_offset = (int64_t)start;
        return lc_reader_put2(r, LC_JSON_FLOAT, 0, 0, start);
    }
    if (r->text[r->at] == '-' && !cut)
        return lc_reader_number(r);
    return lc_reader_refuse(r, cut ? LC_JSON_CUT_OFF : LC_JSON_SYNTAX, r->at,
                            lc_json_has_bom(r->text + r->at, r->size - r->at)
                                ? "a byte order mark where a value is expected"
                                : "expecting value");
}
