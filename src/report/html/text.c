/* Text on its way into HTML, or into JSON within HTML. */
#include "report/html/page.h"

#include <string.h>

static void put(FILE *to, const char *text, size_t size)
{
    const struct lc_printable value = {.text = {text, size}, .enclosed = true};

    for (size_t i = 0; i < size; i++) {
        switch (text[i]) {
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '&':
            fputs("&amp;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        case '\'':
            fputs("&#39;", to);
            break;
        case ':':
        case '[':
            if (lc_printable_is_command(&value, i))
                fprintf(to, "&#%d;", text[i]);
            else
                fputc(text[i], to);
            break;
        default:
            fputc(text[i], to);
        }
    }
}

void lc_html_own(FILE *to, const char *text)
{
    put(to, text, strlen(text));
}

void lc_html_prose(FILE *to, const char *text)
{
    bool code = false;

    while (*text) {
        size_t size = strcspn(text, "`");

        put(to, text, size);
        text += size;
        if (!*text)
            break;
        fputs(code ? "</code>" : "<code>", to);
        code = !code;
        text++;
    }
}

/* Where a text is cut, and how many characters are left out. */
static size_t cut(struct lc_span text, size_t *left_out)
{
    size_t at = 0;

    *left_out = 0;
    for (size_t i = 0; i < LC_HTML_TEXT_MOST && at < text.size; i++) {
        size_t length = lc_text_utf8_length(text.text + at, text.size - at);

        at += length ? length : 1;
    }
    if (at < text.size)
        *left_out = lc_text_characters(text.text + at, text.size - at);
    return at;
}

/* Put foreign text, made harmless and short, into the buffer. */
static enum lc_status take(struct lc_html *w, struct lc_span text, struct lc_error *err)
{
    size_t left_out;
    size_t size = cut(text, &left_out);
    char count[LC_COUNT_SIZE];
    enum lc_status status;

    w->text.size = 0;
    status = lc_printable_add(&w->text, (struct lc_span){text.text, size},
                              LC_UNPRINTABLE_CHARACTER, err);
    if (status == LC_OK && left_out)
        status =
            lc_buffer_printf(&w->text, err, "… (%s more character%s)",
                             lc_format_count(left_out, count), lc_html_plural(left_out));
    return status;
}

enum lc_status lc_html_foreign(struct lc_html *w, struct lc_span text,
                               struct lc_error *err)
{
    enum lc_status status = take(w, text, err);

    if (status == LC_OK && w->text.size)
        put(w->to, w->text.data, w->text.size);
    return status;
}

enum lc_status lc_html_json(struct lc_html *w, struct lc_span text, struct lc_error *err)
{
    enum lc_status status = take(w, text, err);
    struct lc_printable value = {.enclosed = true};

    if (status != LC_OK)
        return status;
    value.text = (struct lc_span){w->text.data, w->text.size};
    fputc('"', w->to);
    for (size_t i = 0; i < w->text.size; i++) {
        char c = w->text.data[i];

        if (c == '<' || c == '>' || c == '&' || lc_printable_is_command(&value, i))
            fprintf(w->to, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(w->to, "\\%c", c);
        else
            fputc(c, w->to);
    }
    fputc('"', w->to);
    return LC_OK;
}

const char *lc_html_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

const char *lc_html_percent(uint64_t part, uint64_t all, char out[LC_COUNT_SIZE])
{
    double percent = all ? 100.0 * (double)part / (double)all : 0;

    if (part && percent < 0.05)
        snprintf(out, LC_COUNT_SIZE, "under 0.1 %%");
    else if (part < all && percent >= 99.95)
        snprintf(out, LC_COUNT_SIZE, "over 99.9 %%");
    else
        snprintf(out, LC_COUNT_SIZE, "%.1f %%", percent);
    return out;
}

const char *lc_html_level(enum lc_severity severity)
{
    return severity == LC_SEVERITY_INFO ? "note" : lc_severity_name(severity);
}

size_t lc_html_rule_of(const struct lc_finding_record *finding)
{
    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        if (lc_span_is(finding->rule, lc_rules[i].info.code))
            return i;
    return LC_RULE_COUNT;
}
