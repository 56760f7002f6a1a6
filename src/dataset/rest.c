#include "dataset/rest.h"

#include <string.h>

/* The text of a number: tapes have no value for floats. The number is inside an object,
 * so one of these characters ends it. */
static struct lc_span number_text(const struct lc_json_doc *doc, uint32_t at)
{
    const char *text = doc->text + lc_json_offset(doc, at);

    return (struct lc_span){text, strcspn(text, ",]} \t\r\n")};
}

static uint64_t hash_word(const struct lc_json_doc *doc, uint32_t at)
{
    switch (lc_json_type(doc, at)) {
    case LC_JSON_STRING:
        return lc_rest_string(lc_json_string(doc, at));
    case LC_JSON_INTEGER:
    case LC_JSON_UNSIGNED:
    case LC_JSON_BIG:
    case LC_JSON_FLOAT:
        return lc_rest_number(number_text(doc, at));
    default: /* null, true, false, and the brackets of lists and objects */
        return (uint64_t)lc_json_type(doc, at);
    }
}

uint64_t lc_rest_value(const struct lc_json_doc *doc, uint32_t at)
{
    uint32_t end = lc_json_next(doc, at);
    uint64_t hash = 0;

    while (at < end) {
        enum lc_json_type type = lc_json_type(doc, at);

        hash = lc_rest_mix(hash, hash_word(doc, at));
        if (type == LC_JSON_OBJECT || type == LC_JSON_ARRAY)
            at++; /* enter it */
        else
            at = lc_json_next(doc, at);
    }
    return hash;
}

#define ARROW_EXPONENT 308
#define ARROW_DIGITS 17
#define MOST_EXPONENT 1000000

static size_t digits_at(struct lc_span text, size_t at)
{
    size_t end = at;

    while (end < text.size && text.text[end] >= '0' && text.text[end] <= '9')
        end++;
    return end - at;
}

/* Whether an integer without a sign is at least as large as another one. JSON allows no
 * leading zeros. */
static bool is_at_least(const char *digits, size_t size, const char *least)
{
    size_t length = strlen(least);

    return size > length || (size == length && memcmp(digits, least, size) >= 0);
}

/* The number of digits of a fraction that Arrow's parser counts: leading zeros, and then
 * as many digits as a double can hold; none after an integer that does not fit into 64
 * bits.
 *
 * Source: RapidJSON include/rapidjson/reader.h, GenericReader::ParseNumber */
static unsigned counted_fraction(struct lc_span text, size_t begin, size_t point)
{
    size_t size = digits_at(text, point + 1), significant = point - begin;
    unsigned counted = 0;
    uint64_t value = 0;

    if (significant > ARROW_DIGITS)
        return 0;
    for (size_t i = begin; i < point; i++)
        value = value * 10 + (uint64_t)(text.text[i] - '0');
    significant -= significant > 0; /* the first digit is not counted */
    for (size_t i = 0; i < size; i++) {
        if (value >> 53 && significant >= ARROW_DIGITS)
            break;
        if (!(value >> 53))
            value = value * 10 + (uint64_t)(text.text[point + 1 + i] - '0');
        counted++;
        significant += value > 0;
    }
    return counted;
}

/* The exponent whose sign or digits begin at a place, if it is not negative; at most
 * MOST_EXPONENT. *digits is set to the number of its digits. */
static unsigned exponent_at(struct lc_span text, size_t at, size_t *digits)
{
    unsigned value = 0;

    at += at < text.size && text.text[at] == '+';
    *digits = digits_at(text, at);
    for (size_t i = 0; i < *digits && value < MOST_EXPONENT; i++)
        value = value * 10 + (unsigned)(text.text[at + i] - '0');
    return value;
}

unsigned lc_rest_long_number(struct lc_span text)
{
    size_t begin = text.size && text.text[0] == '-', point, at, digits;
    bool negative = begin;
    size_t size = digits_at(text, begin);
    const char *integer = text.text + begin;
    unsigned found = 0, exponent, fraction = 0;

    point = at = begin + size;
    if (at == text.size) /* larger ones are reported by enum lc_json_range */
        return !negative && is_at_least(integer, size, "9223372036854775808")
                   ? LC_LONG_UNSIGNED
                   : 0;
    if (is_at_least(integer, size,
                    negative ? "9223372036854775809" : "18446744073709551616"))
        found |= LC_LONG_WIDE;
    if (text.text[at] == '.') {
        at += 1 + digits_at(text, at + 1);
        fraction = counted_fraction(text, begin, point);
    }
    if (at == text.size)
        return found;
    exponent = exponent_at(text, at + 1, &digits);
    if (digits > 2)
        found |= LC_LONG_EXPONENT;
    if (exponent > ARROW_EXPONENT + fraction)
        found |= LC_LONG_REFUSED;
    return found;
}

unsigned lc_rest_long_numbers(const struct lc_json_doc *doc, uint32_t at)
{
    uint32_t begin = at, end = lc_json_next(doc, at);
    unsigned found = 0;

    while (at < end) {
        enum lc_json_type type = lc_json_type(doc, at);

        if (type == LC_JSON_INTEGER || type == LC_JSON_UNSIGNED || type == LC_JSON_BIG ||
            type == LC_JSON_FLOAT) {
            unsigned one = lc_rest_long_number(number_text(doc, at));

            found |= one & LC_LONG_UNSIGNED && at != begin ? LC_LONG_WITHIN : one;
        }
        at = type == LC_JSON_OBJECT || type == LC_JSON_ARRAY ? at + 1
                                                             : lc_json_next(doc, at);
    }
    return found;
}
