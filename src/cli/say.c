#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

void lc_say(const char *head, const char *line)
{
    fputs(head, stderr);
    for (const unsigned char *c = (const unsigned char *)line; *c; c++) {
        if (*c < 0x20 || *c == 0x7F) /* a terminal would obey it */
            fprintf(stderr, "\\x%02x", *c);
        else
            fputc(*c, stderr);
    }
    fputc('\n', stderr);
}

enum lc_exit lc_complain(const char *format, ...)
{
    char line[4096 + 512]; /* a path and a message */
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    lc_say("llava-check: ", line);
    return LC_EXIT_ERROR;
}

enum lc_exit lc_complain_about(const char *subject, const struct lc_error *error)
{
    return lc_complain("%s: %s", subject, error->message);
}
