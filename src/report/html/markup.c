#include "report/html/markup.h"

#include "base/printable.h"

static void put_run(struct lc_out *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        switch (text[i]) {
        case '<':
            lc_out_text(out, "&lt;");
            break;
        case '>':
            lc_out_text(out, "&gt;");
            break;
        case '&':
            lc_out_text(out, "&amp;");
            break;
        case '"':
            lc_out_text(out, "&quot;");
            break;
        case '\'':
            lc_out_text(out, "&#39;");
            break;
        default:
            lc_out_bytes(out, text + i, 1);
        }
}

void lc_markup_text(struct lc_out *out, struct lc_span text)
{
    const struct lc_printable shown = {.text = text, .enclosed = true};
    struct lc_escape found;
    char escape[LC_ESCAPE_SIZE];
    size_t from = 0;

    for (; lc_printable_next(&shown, from, &found); from = found.at + found.size) {
        put_run(out, text.text + from, found.at - from);
        if (found.why == LC_UNPRINTABLE_COMMAND)
            lc_out_text(out, found.point == ':' ? "&#58;" : "&#91;");
        else
            lc_out_bytes(out, escape, lc_escape_visible(&found, escape));
    }
    if (from < text.size)
        put_run(out, text.text + from, text.size - from);
}
