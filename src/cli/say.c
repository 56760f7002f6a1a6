#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

/* The character that a text begins with, and its bytes: 0 when they are no UTF-8. */
static unsigned character(const unsigned char *text, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned size = *text < 0x80   ? 1
                    : *text < 0xC0 ? 0
                    : *text < 0xE0 ? 2
                    : *text < 0xF0 ? 3
                    : *text < 0xF8 ? 4
                                   : 0;

    *point = size > 1 ? *text & 0x7FU >> size : *text;
    for (unsigned i = 1; i < size; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        *point = *point << 6 | (text[i] & 0x3FU);
    }
    return *point < least[size] || *point > 0x10FFFF || *point >> 11 == 0x1B ? 0 : size;
}

/* Whether a terminal would obey a character, or show others in its place: controls, marks
 * and overrides of direction, separators of lines. */
static bool is_obeyed(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x061C ||
           (point >= 0x200E && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

void lc_print_plain(const char *text, FILE *to)
{
    const unsigned char *c = (const unsigned char *)text;

    while (*c) {
        uint32_t point;
        unsigned size = character(c, &point);

        if (size > 1 && is_obeyed(point))
            fprintf(to, "\\u{%04x}", (unsigned)point);
        else if (!size || is_obeyed(point))
            fprintf(to, "\\x%02x", *c);
        else
            fwrite(c, 1, size, to);
        c += size ? size : 1;
    }
}

void lc_say(const char *head, const char *line)
{
    fputs(head, stderr);
    lc_print_plain(line, stderr);
    fputc('\n', stderr);
}

static const char *complaint_place;

void lc_complain_at(const char *place)
{
    complaint_place = place;
}

enum lc_exit lc_complain(const char *format, ...)
{
    char line[2 * 4096 + 512]; /* paths and a message */
    size_t used = 0;
    va_list args;

    if (complaint_place)
        used = (size_t)snprintf(line, sizeof(line) / 2, "%s: ", complaint_place);
    if (used >= sizeof(line) / 2)
        used = sizeof(line) / 2 - 1;
    va_start(args, format);
    vsnprintf(line + used, sizeof(line) - used, format, args);
    va_end(args);
    lc_say("llava-check: ", line);
    return LC_EXIT_ERROR;
}

enum lc_exit lc_complain_about(const char *subject, const struct lc_error *error)
{
    return lc_complain("%s: %s", subject, error->message);
}
