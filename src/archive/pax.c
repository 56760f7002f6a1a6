/* pax.c - the records of pax headers
 *
 * A pax header consists of records "LENGTH KEYWORD=VALUE\n", where LENGTH counts the
 * whole record. Programs differ in the errors that they tolerate. Here a record is good
 * only if all programs read it alike, and reading ends at the first record that is not
 * good. */
#include "archive/internal.h"
#include "base/text.h"

#include <string.h>

struct record {
    struct lc_span keyword;
    struct lc_span value;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Take the first record from the front of a text; return false if it is not a record. */
static bool next_record(struct lc_span *text, struct record *out)
{
    size_t length = 0, digits = 0;
    const char *equals;

    while (digits < text->size && is_digit(text->text[digits])) {
        length = length * 10 + (size_t)(text->text[digits++] - '0');
        if (length > text->size)
            return false;
    }
    if (!digits || length < digits + 4 || text->text[digits] != ' ' ||
        text->text[length - 1] != '\n')
        return false;
    out->keyword.text = text->text + digits + 1;
    equals = memchr(out->keyword.text, '=', length - digits - 2);
    if (!equals || equals == out->keyword.text)
        return false;
    out->keyword.size = (size_t)(equals - out->keyword.text);
    out->value.text = equals + 1;
    out->value.size = (size_t)(text->text + length - 1 - out->value.text);
    text->text += length;
    text->size -= length;
    return true;
}

static bool parse_size(struct lc_span text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.text[i]) || *out > (uint64_t)INT64_MAX / 10)
            return false;
        *out = *out * 10 + (uint64_t)(text.text[i] - '0');
    }
    return text.size && *out <= (uint64_t)INT64_MAX;
}

/* Parse seconds with a fraction. An invalid time is ignored, because nothing depends on
 * it. */
static bool parse_time(struct lc_span text, int64_t *out)
{
    bool is_negative = text.size && text.text[0] == '-';
    size_t i = is_negative, digits = 0;
    uint64_t seconds = 0, nanoseconds = 0;

    for (; i < text.size && is_digit(text.text[i]); i++) {
        seconds = seconds * 10 + (uint64_t)(text.text[i] - '0');
        if (seconds > INT64_MAX / 1000000000 - 1)
            return false;
    }
    if (i < text.size && text.text[i] == '.')
        for (i++; i < text.size && is_digit(text.text[i]); i++)
            if (digits < 9) {
                nanoseconds = nanoseconds * 10 + (uint64_t)(text.text[i] - '0');
                digits++;
            }
    for (; digits < 9; digits++)
        nanoseconds *= 10;
    *out = (int64_t)(seconds * 1000000000 + nanoseconds);
    *out = is_negative ? -*out : *out;
    return i == text.size && text.size > is_negative;
}

static bool has_nul(struct lc_span text)
{
    return memchr(text.text, 0, text.size) != NULL;
}

static void use_record(const struct record *record, struct lc_pax *out)
{
    static const char sparse[] = "GNU.sparse.";
    bool is_sparse = record->keyword.size >= sizeof(sparse) - 1 &&
                     memcmp(record->keyword.text, sparse, sizeof(sparse) - 1) == 0;
    bool is_path = lc_span_is(record->keyword, "path") ||
                   lc_span_is(record->keyword, "GNU.sparse.name");
    bool is_link = lc_span_is(record->keyword, "linkpath");

    out->is_sparse = out->is_sparse || is_sparse;
    if (has_nul(record->keyword))
        out->fault = "a pax keyword has a NUL";
    if ((is_path || is_link) && has_nul(record->value))
        out->ambiguity = "a name in a pax header has a NUL, where some programs end it";
    if (is_path) {
        if (out->path.text && !lc_span_equal(out->path, record->value) && !is_sparse)
            out->ambiguity = "a pax header has several names";
        out->path = record->value;
    } else if (is_link) {
        out->link = record->value;
    } else if (lc_span_is(record->keyword, "size")) {
        if (parse_size(record->value, &out->size))
            out->has_size = true;
        else
            out->ambiguity = "a size in a pax header that is not a number, 0 to Python";
    } else if (lc_span_is(record->keyword, "mtime")) {
        out->has_mtime = parse_time(record->value, &out->mtime_ns);
    }
}

void lc_pax_parse(struct lc_span text, struct lc_pax *out)
{
    struct record record;

    *out = (struct lc_pax){0};
    while (text.size) {
        if (!next_record(&text, &record)) {
            out->fault = "a record of a pax header is malformed";
            return;
        }
        use_record(&record, out);
    }
}
