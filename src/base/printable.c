#include "base/printable.h"

#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Return the byte of the line that is `back` bytes before the text's byte at `at`; NUL if
 * there is none. */
static char byte_before(const struct lc_printable *text, size_t at, size_t back)
{
    if (back <= at)
        return text->text.text[at - back];
    back -= at;
    if (text->enclosed || back > text->before.size)
        return '\0';
    return text->before.text[text->before.size - back];
}

static bool is_double_colon(const struct lc_printable *text, size_t at)
{
    bool at_edge = (!at && !text->before.size) || at + 1 == text->text.size;

    return byte_before(text, at, 1) == ':' || (at_edge && !text->enclosed);
}

static bool is_log_command(const struct lc_printable *text, size_t at)
{
    size_t back = 1;

    while (is_letter(byte_before(text, at, back)))
        back++;
    return byte_before(text, at, back) == '#' && byte_before(text, at, back + 1) == '#';
}

bool lc_printable_is_command(const struct lc_printable *text, size_t at)
{
    char c = text->text.text[at];

    return (c == ':' && is_double_colon(text, at)) ||
           (c == '[' && is_log_command(text, at));
}

bool lc_printable_next(const struct lc_printable *text, size_t from,
                       struct lc_escape *out)
{
    const char *bytes = text->text.text;
    size_t size = text->text.size, length = 1;

    for (size_t i = from; i < size; i += length) {
        unsigned char c = (unsigned char)bytes[i];
        uint32_t point = c;
        enum lc_unprintable why = LC_UNPRINTABLE_CHARACTER;
        bool plain = c >= 0x20 && c != 0x7F;

        length = 1;
        if (c == ':' || c == '[') {
            why = LC_UNPRINTABLE_COMMAND;
            plain = !lc_printable_is_command(text, i);
        } else if (c >= 0x80) {
            length = lc_text_utf8_length(bytes + i, size - i);
            if (length)
                point = lc_text_character(bytes + i).point;
            else
                why = LC_UNPRINTABLE_BYTE;
            plain = length && !lc_text_is_hidden(point);
            length = length ? length : 1;
        }
        if (plain)
            continue;
        *out = (struct lc_escape){why, i, length, point};
        return true;
    }
    return false;
}

size_t lc_escape_visible(const struct lc_escape *escape, char out[LC_ESCAPE_SIZE])
{
    bool is_byte = escape->why == LC_UNPRINTABLE_BYTE || escape->point < 0x80;

    return (size_t)snprintf(out, LC_ESCAPE_SIZE, is_byte ? "\\x%02x" : "\\u{%04x}",
                            (unsigned)escape->point);
}

size_t lc_escape_json(const struct lc_escape *escape, char out[LC_ESCAPE_SIZE])
{
    unsigned point = (unsigned)escape->point;

    if (escape->why == LC_UNPRINTABLE_BYTE)
        return (size_t)snprintf(out, LC_ESCAPE_SIZE, "\\\\x%02x", point);
    if (point == '\n' || point == '\t')
        return (size_t)snprintf(out, LC_ESCAPE_SIZE, point == '\n' ? "\\n" : "\\t");
    if (point < 0x10000)
        return (size_t)snprintf(out, LC_ESCAPE_SIZE, "\\u%04x", point);
    point -= 0x10000; /* a pair of surrogates with ten bits each */
    return (size_t)snprintf(out, LC_ESCAPE_SIZE, "\\u%04x\\u%04x", 0xD800 | point >> 10,
                            0xDC00 | (point & 0x3FF));
}

enum lc_status lc_printable_add(struct lc_buffer *out, struct lc_span text,
                                enum lc_unprintable most, struct lc_error *err)
{
    struct lc_printable line = {.text = text, .before = {NULL, out->size}};
    struct lc_escape found = {0};
    char escape[LC_ESCAPE_SIZE];
    enum lc_status status = LC_OK;
    size_t from = 0, at = 0;

    while (status == LC_OK) {
        line.before.text = out->data; /* data moves when the buffer grows */
        if (!lc_printable_next(&line, at, &found))
            return lc_buffer_add(out, text.text + from, text.size - from, err);
        at = found.at + found.size;
        if (found.why > most)
            continue;
        status = lc_buffer_add(out, text.text + from, found.at - from, err);
        if (status == LC_OK)
            status = lc_buffer_add(out, escape, lc_escape_visible(&found, escape), err);
        from = at;
    }
    return status;
}

void lc_print_text(const char *text, FILE *to)
{
    struct lc_printable line = {.text = {text, strlen(text)}};
    struct lc_escape found;
    char escape[LC_ESCAPE_SIZE] = "";
    size_t from = 0;

    for (; lc_printable_next(&line, from, &found); from = found.at + found.size) {
        fwrite(text + from, 1, found.at - from, to);
        fwrite(escape, 1, lc_escape_visible(&found, escape), to);
    }
    fputs(text + from, to);
}

void lc_print_json(const char *text, FILE *to)
{
    struct lc_printable line = {.text = {text, strlen(text)}, .enclosed = true};
    struct lc_escape found;
    char escape[LC_ESCAPE_SIZE] = "";
    size_t from = 0;
    bool any = true;

    fputc('"', to);
    while (any) {
        size_t end = line.text.size;

        any = lc_printable_next(&line, from, &found);
        for (end = any ? found.at : end; from < end; from++) {
            if (text[from] == '"' || text[from] == '\\')
                fputc('\\', to);
            fputc(text[from], to);
        }
        if (any)
            fwrite(escape, 1, lc_escape_json(&found, escape), to);
        from += any ? found.size : 0;
    }
    fputc('"', to);
}
