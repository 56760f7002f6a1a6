#include "dataset/rest.h"

#include <string.h>

/* The text of a number, since tapes have no value for floats. It is inside an object, so
 * one of these characters ends it. */
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

bool lc_rest_is_long_number(struct lc_span text)
{
    static const char most[] = "9223372036854775807";
    const char *p = text.text, *end = text.text + text.size, *begin;
    size_t digits, exponent = 0;
    int order;

    p += p < end && *p == '-';
    for (begin = p; p < end && *p >= '0' && *p <= '9';)
        p++;
    digits = (size_t)(p - begin);
    order = digits == sizeof(most) - 1 ? memcmp(begin, most, digits) : 0;
    if (digits >= sizeof(most) || (order > 0 && p == end))
        return true;
    while (p < end && *p != 'e' && *p != 'E')
        p++;
    p += p < end;
    p += p < end && *p == '+';
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        exponent++;
    return exponent > 2;
}

bool lc_rest_has_long_number(const struct lc_json_doc *doc, uint32_t at)
{
    uint32_t end = lc_json_next(doc, at);

    while (at < end) {
        enum lc_json_type type = lc_json_type(doc, at);

        if ((type == LC_JSON_INTEGER || type == LC_JSON_UNSIGNED || type == LC_JSON_BIG ||
             type == LC_JSON_FLOAT) &&
            lc_rest_is_long_number(number_text(doc, at)))
            return true;
        at = type == LC_JSON_OBJECT || type == LC_JSON_ARRAY ? at + 1
                                                             : lc_json_next(doc, at);
    }
    return false;
}
