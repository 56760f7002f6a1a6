#include "dataset/sampling.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Parse a text like Python's int(): white space around it, a sign, digits with single
 * underscores between them. A number that does not fit becomes a very large one. */
static bool parse_int(const char *text, size_t size, int64_t *out)
{
    bool negative = false;
    int64_t value = 0;
    size_t at = 0;

    while (at < size && isspace((unsigned char)text[at]))
        at++;
    while (size > at && isspace((unsigned char)text[size - 1]))
        size--;
    if (at < size && (text[at] == '-' || text[at] == '+'))
        negative = text[at++] == '-';
    if (at == size || !is_digit(text[size - 1]) || !is_digit(text[at]))
        return false;
    for (; at < size; at++) {
        if (text[at] == '_' && is_digit(text[at - 1]))
            continue;
        if (!is_digit(text[at]))
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text[at] - '0', &value))
            value = INT64_MAX / 10;
    }
    *out = negative ? -value : value;
    return true;
}

static bool is_word(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

bool lc_sampling_parse(const char *text, struct lc_sampling *out)
{
    const char *colon = strchr(text, ':'), *number, *percent;
    size_t name = colon ? (size_t)(colon - text) : strlen(text);

    *out = (struct lc_sampling){.kind = LC_SAMPLING_ALL};
    if (!colon)
        return true; /* "first" without a number keeps all rows too */
    number = colon + 1;
    percent = strchr(number, '%');
    out->percent = percent != NULL;
    if (strchr(number, ':') ||
        !parse_int(number, percent ? (size_t)(percent - number) : strlen(number),
                   &out->number))
        return false;
    if (is_word(text, name, "first"))
        out->kind = LC_SAMPLING_FIRST;
    else if (is_word(text, name, "end"))
        out->kind = LC_SAMPLING_END;
    else if (is_word(text, name, "random"))
        out->kind = LC_SAMPLING_RANDOM;
    return true;
}

bool lc_sampling_parse_repeat(const char *text, struct lc_sampling *out)
{
    char *end;

    *out = (struct lc_sampling){.kind = LC_SAMPLING_TIMES};
    if (parse_int(text, strlen(text), &out->number))
        return out->number >= 0;
    out->kind = LC_SAMPLING_PART;
    out->part = strtod(text, &end);
    return strspn(text, "0123456789.eE+-") == strlen(text) && end != text && !*end &&
           out->part >= 0 && out->part <= 1;
}

bool lc_sampling_parse_count(const char *text, struct lc_sampling *out)
{
    *out = (struct lc_sampling){.kind = LC_SAMPLING_COUNT};
    return parse_int(text, strlen(text), &out->number) && out->number >= 0;
}

/* A percentage of the rows, rounded up (towards zero if negative). */
static int64_t share_of(int64_t percent, uint64_t rows)
{
    int64_t product;

    if (rows > INT64_MAX || __builtin_mul_overflow(percent, (int64_t)rows, &product))
        return percent < 0 ? -INT64_MAX : INT64_MAX;
    return product / 100 + (product % 100 > 0);
}

/* Python's len(rows[:n]). */
static uint64_t head(int64_t n, uint64_t rows)
{
    if (n >= 0)
        return (uint64_t)n < rows ? (uint64_t)n : rows;
    return (uint64_t)-n < rows ? rows - (uint64_t)-n : 0;
}

uint64_t lc_sampling_rows(const struct lc_sampling *sampling, uint64_t rows)
{
    int64_t n = sampling->percent ? share_of(sampling->number, rows) : sampling->number;
    uint64_t product;

    switch (sampling->kind) {
    case LC_SAMPLING_FIRST:
    case LC_SAMPLING_RANDOM:
        return head(n, rows);
    case LC_SAMPLING_END: /* rows[-n:] is the rest after rows[:-n] */
        return n ? rows - head(-n, rows) : rows;
    case LC_SAMPLING_COUNT:
        return rows ? (uint64_t)n : 0;
    case LC_SAMPLING_TIMES:
        return __builtin_mul_overflow(rows, (uint64_t)n, &product) ? INT64_MAX : product;
    case LC_SAMPLING_PART:
        return (uint64_t)((double)rows * sampling->part);
    case LC_SAMPLING_ALL:
        break;
    }
    return rows;
}
