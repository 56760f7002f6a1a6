#include "print/format.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *lc_format_count(uint64_t value, char out[LC_COUNT_SIZE])
{
    char digits[24];
    int size = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
    char *to = out;

    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

const char *lc_format_bytes(uint64_t value, char out[LC_COUNT_SIZE])
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double scaled = (double)value / 1024;
    size_t unit = 0;

    if (value < 1024) {
        snprintf(out, LC_COUNT_SIZE, "%u byte%s", (unsigned)value, value == 1 ? "" : "s");
        return out;
    }
    while (scaled >= 1024) {
        scaled /= 1024;
        unit++;
    }
    snprintf(out, LC_COUNT_SIZE, "%.1f %s", scaled, units[unit]);
    return out;
}

enum lc_status lc_format_text(struct lc_span text, struct lc_buffer *out,
                              struct lc_error *err)
{
    return lc_printable_add(out, text, LC_UNPRINTABLE_COMMAND, err);
}

enum lc_status lc_format_quote(struct lc_span text, size_t most, struct lc_buffer *out,
                               struct lc_error *err)
{
    char quote[LC_QUOTE_MOST];

    assert(most <= sizeof(quote));
    lc_text_quote(text, quote, most);
    return lc_format_text((struct lc_span){quote, strlen(quote)}, out, err);
}

enum lc_status lc_format_start(struct lc_buffer *out, size_t from, struct lc_error *err)
{
    static const char marks[] = "-+~^";
    const char *line = out->data + from;
    char escape[5];
    enum lc_status status;

    if (out->size - from < 4 || !memchr(marks, line[0], sizeof(marks) - 1) ||
        line[1] != line[0] || line[2] != line[0] || line[3] != ' ')
        return LC_OK;
    snprintf(escape, sizeof(escape), "\\x%02x", (unsigned)line[0]);
    status = lc_buffer_reserve(out, 3, err);
    if (status != LC_OK)
        return status;
    memmove(out->data + from + 4, out->data + from + 1, out->size - from - 1);
    memcpy(out->data + from, escape, 4);
    out->size += 3;
    return LC_OK;
}
