#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

size_t lc_character_size(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t size = c[0] < 0x80   ? 1
                  : c[0] < 0xC2 ? 0
                  : c[0] < 0xE0 ? 2
                  : c[0] < 0xF0 ? 3
                  : c[0] < 0xF5 ? 4
                                : 0;

    for (size_t i = 1; i < size; i++)
        if ((c[i] & 0xC0) != 0x80)
            return 0;
    if ((c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) ||
        (c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] > 0x8F))
        return 0;
    return size;
}

unsigned lc_character_obeyed(const char *text, size_t size)
{
    const unsigned char *c = (const unsigned char *)text;
    unsigned point = size == 1   ? c[0]
                     : size == 2 ? (c[0] & 0x1Fu) << 6 | (c[1] & 0x3Fu)
                     : size == 3
                         ? (c[0] & 0x0Fu) << 12 | (c[1] & 0x3Fu) << 6 | (c[2] & 0x3Fu)
                         : 0; /* none of those beyond */
    bool obeyed =
        size && size < 4 &&
        (point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x061C ||
         (point >= 0x200E && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069));

    return obeyed ? point : 0;
}

void lc_print_plain(const char *text, FILE *to)
{
    while (*text) {
        size_t size = lc_character_size(text);
        unsigned obeyed = lc_character_obeyed(text, size);

        if (!size || (obeyed && size == 1))
            fprintf(to, "\\x%02x", (unsigned char)*text);
        else if (obeyed)
            fprintf(to, "\\u{%04x}", obeyed);
        else
            fwrite(text, 1, size, to);
        text += size ? size : 1;
    }
}

void lc_say(const char *head, const char *line)
{
    fputs(head, stderr);
    lc_print_plain(line, stderr);
    fputc('\n', stderr);
}

void lc_say_caveat(const struct lc_index *index, const struct lc_settings *settings)
{
    const char *caveat = lc_index_caveat(index);

    if (caveat && !settings->quiet)
        lc_say("note: ", caveat);
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
