#include "report/report.h"

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

const struct lc_rule_info *lc_rule_of(const struct lc_finding_record *finding)
{
    char code[16];

    snprintf(code, sizeof(code), "%.*s", (int)finding->rule.size, finding->rule.text);
    return lc_rule_find(code);
}

/* Whether the character is hidden; it is valid and 2 or 3 bytes long. */
static bool is_hidden(const char *text, unsigned *point)
{
    *point = lc_text_character(text).point;
    return lc_text_is_hidden(*point);
}

enum lc_status lc_format_text(struct lc_span text, bool plain, struct lc_buffer *out,
                              struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < text.size && status == LC_OK;) {
        const unsigned char *c = (const unsigned char *)text.text + i;
        size_t length = lc_text_utf8_length(text.text + i, text.size - i);
        unsigned point;

        if (!length || (plain && length == 1 && (*c < 0x20 || *c == 0x7F)))
            status = lc_buffer_printf(out, err, "\\x%02x", *c);
        else if (plain && (length == 2 || length == 3) &&
                 is_hidden(text.text + i, &point))
            status = lc_buffer_printf(out, err, "\\u{%04x}", point);
        else
            status = lc_buffer_add(out, c, length, err);
        i += length ? length : 1;
    }
    return status;
}

enum lc_status lc_format_start(struct lc_buffer *out, size_t from, struct lc_error *err)
{
    static const char escape[] = "\\x3a";
    enum lc_status status;

    for (size_t i = from; i + 1 < out->size; i++) {
        if (out->data[i] > ' ' && out->data[i] != ':')
            return LC_OK;
        if (out->data[i] != ':')
            continue;
        if (out->data[i + 1] != ':')
            return LC_OK;
        status = lc_buffer_add(out, escape, sizeof(escape) - 2, err);
        if (status != LC_OK)
            return status;
        memmove(out->data + i + sizeof(escape) - 1, out->data + i + 1,
                out->size - i - sizeof(escape) + 1);
        memcpy(out->data + i, escape, sizeof(escape) - 1);
        return LC_OK;
    }
    return LC_OK;
}
