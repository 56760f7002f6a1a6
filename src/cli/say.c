#include "base/printable.h"
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

void lc_say(const char *head, const char *line)
{
    fputs(head, stderr);
    lc_print_text(line, stderr);
    fputc('\n', stderr);
}

void lc_say_caveat(const struct lc_index *index, const struct lc_settings *settings)
{
    const char *caveat = lc_index_caveat(index);

    if (caveat && !settings->quiet)
        lc_say("note: ", caveat);
}

static const char *complaint_place;
static bool complaint_hides; /* text from there must not be quoted */

void lc_complain_at(const char *place, bool is_own)
{
    complaint_place = place;
    complaint_hides = place && !is_own;
}

const char *lc_quotable(const char *text)
{
    return complaint_hides ? "…" : text;
}

enum lc_exit lc_complain(const char *format, ...)
{
    char line[2 * 4096 + 512]; /* two paths and a message */
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
