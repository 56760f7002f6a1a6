#include "print/out.h"

#include "print/format.h"

#include <errno.h>
#include <string.h>

#define MUCH 65536

void lc_out_bytes(struct lc_out *out, const void *data, size_t size)
{
    out->failed |= lc_buffer_add(&out->bytes, data, size, NULL) != LC_OK;
}

void lc_out_text(struct lc_out *out, const char *text)
{
    lc_out_bytes(out, text, strlen(text));
}

void lc_out_number(struct lc_out *out, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    lc_out_bytes(out, digits + at, sizeof(digits) - at);
}

void lc_out_signed(struct lc_out *out, int64_t value)
{
    if (value < 0)
        lc_out_bytes(out, "-", 1);
    lc_out_number(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* ---- JSON ---- */

static void put_json_run(struct lc_out *out, const char *text, size_t size)
{
    size_t from = 0;

    if (!size)
        return;
    if (memchr(text, '"', size) || memchr(text, '\\', size)) {
        for (size_t i = 0; i < size; i++) {
            if (text[i] != '"' && text[i] != '\\')
                continue;
            lc_out_bytes(out, text + from, i - from);
            lc_out_bytes(out, "\\", 1);
            from = i;
        }
    }
    lc_out_bytes(out, text + from, size - from);
}

/* Write a JSON string. Bytes that are not UTF-8 become \xNN, or lone surrogates. */
static void put_json(struct lc_out *out, struct lc_span text, bool as_surrogates)
{
    const struct lc_printable string = {.text = text, .enclosed = true};
    struct lc_escape found;
    char escape[LC_ESCAPE_SIZE];
    size_t from = 0;

    lc_out_bytes(out, "\"", 1);
    for (; lc_printable_next(&string, from, &found); from = found.at + found.size) {
        put_json_run(out, text.text + from, found.at - from);
        if (as_surrogates && found.why == LC_UNPRINTABLE_BYTE)
            snprintf(escape, sizeof(escape), "\\udc%02x",
                     (unsigned char)text.text[found.at]);
        else
            (void)lc_escape_json(&found, escape);
        lc_out_text(out, escape);
    }
    if (from < text.size)
        put_json_run(out, text.text + from, text.size - from);
    lc_out_bytes(out, "\"", 1);
}

void lc_out_json(struct lc_out *out, struct lc_span text)
{
    put_json(out, text, false);
}

void lc_out_json_bytes(struct lc_out *out, struct lc_span bytes)
{
    put_json(out, bytes, true);
}

/* ---- JSON in a page ---- */

static void put_page_run(struct lc_out *out, const char *text, size_t size)
{
    static const char *const escapes[] = {
        ['"'] = "\\\"",    ['\\'] = "\\\\",   ['<'] = "\\u003c",
        ['>'] = "\\u003e", ['&'] = "\\u0026",
    };
    size_t from = 0;

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= sizeof(escapes) / sizeof(escapes[0]) || !escapes[c])
            continue;
        lc_out_bytes(out, text + from, i - from);
        lc_out_text(out, escapes[c]);
        from = i + 1;
    }
    lc_out_bytes(out, text + from, size - from);
}

/* The size of a text's first `most` characters. A byte that is not UTF-8 counts as a
 * character. */
static size_t size_of_first(struct lc_span text, size_t most)
{
    size_t at = 0;

    for (size_t i = 0; i < most && at < text.size; i++) {
        size_t length = lc_text_utf8_length(text.text + at, text.size - at);

        at += length ? length : 1;
    }
    return at;
}

void lc_out_json_page(struct lc_out *out, struct lc_span text, size_t most)
{
    size_t size = text.size <= most ? text.size : size_of_first(text, most), from = 0;
    const struct lc_printable string = {.text = {text.text, size}, .enclosed = true};
    struct lc_escape found;
    char escape[LC_ESCAPE_SIZE], count[LC_COUNT_SIZE];

    lc_out_bytes(out, "\"", 1);
    for (; lc_printable_next(&string, from, &found); from = found.at + found.size) {
        put_page_run(out, text.text + from, found.at - from);
        if (found.why == LC_UNPRINTABLE_COMMAND) {
            lc_out_bytes(out, escape, lc_escape_json(&found, escape));
        } else {
            lc_out_bytes(out, "\\", 1); /* JSON's backslash, which escapes that of the
                                           visible escape */
            lc_out_bytes(out, escape, lc_escape_visible(&found, escape));
        }
    }
    if (from < size)
        put_page_run(out, text.text + from, size - from);
    if (size < text.size) {
        size_t left_out = lc_text_characters(text.text + size, text.size - size);

        lc_out_text(out, "… (");
        lc_out_text(out, lc_format_count(left_out, count));
        lc_out_text(out, left_out == 1 ? " more character)" : " more characters)");
    }
    lc_out_bytes(out, "\"", 1);
}

/* ---- lines for people ---- */

void lc_out_plain(struct lc_out *out, struct lc_span text)
{
    out->failed |= lc_format_text(text, &out->bytes, NULL) != LC_OK;
}

void lc_out_quote(struct lc_out *out, struct lc_span text)
{
    out->failed |= lc_format_quote(text, LC_QUOTE_MOST, &out->bytes, NULL) != LC_OK;
}

/* ---- CSV ---- */

/* Whether a spreadsheet would run the text as a formula; full-width signs count, too.
 * Leading apostrophes are skipped, so that a guarded text gets another apostrophe and can
 * be read back. */
static bool is_formula(struct lc_span text)
{
    static const char *const signs[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};

    while (text.size && *text.text == '\'')
        text = (struct lc_span){text.text + 1, text.size - 1};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (text.size >= strlen(signs[i]) &&
            memcmp(text.text, signs[i], strlen(signs[i])) == 0)
            return true;
    return false;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Whether a text begins with something that looks like a visible escape. */
static bool is_like_escape(const char *text, size_t size)
{
    return (size >= 4 && text[1] == 'x' && is_hex(text[2]) && is_hex(text[3])) ||
           (size >= 3 && text[1] == 'u' && text[2] == '{');
}

/* Append a run that needs no escapes, except for backslashes that look like the start of
 * one. */
static enum lc_status add_run(struct lc_buffer *out, const char *text, size_t size)
{
    const char *slash;

    while (size && (slash = memchr(text, '\\', size))) {
        size_t run = (size_t)(slash - text);
        bool like = is_like_escape(slash, size - run);

        if (lc_buffer_add(out, text, run, NULL) != LC_OK ||
            lc_buffer_add(out, "\\x5c", like ? 4 : 1, NULL) != LC_OK)
            return LC_ERR_MEMORY;
        text = slash + 1;
        size -= run + 1;
    }
    return size ? lc_buffer_add(out, text, size, NULL) : LC_OK;
}

/* Append a text, escaped so that it can be read back as docs/questions.md describes. */
static enum lc_status add_escaped(const struct lc_printable *cell, struct lc_buffer *out)
{
    struct lc_span text = cell->text;
    struct lc_escape found;
    char escape[LC_ESCAPE_SIZE];
    enum lc_status status = LC_OK;
    size_t from = 0;

    while (status == LC_OK && lc_printable_next(cell, from, &found)) {
        status = add_run(out, text.text + from, found.at - from);
        if (status == LC_OK)
            status = lc_buffer_add(out, escape, lc_escape_visible(&found, escape), NULL);
        from = found.at + found.size;
    }
    return status == LC_OK && from < text.size
               ? add_run(out, text.text + from, text.size - from)
               : status;
}

static enum lc_status add_cell(struct lc_span text, struct lc_buffer *out)
{
    const struct lc_printable cell = {.text = text, .enclosed = true};

    if (is_formula(text) && lc_buffer_add(out, "'", 1, NULL) != LC_OK)
        return LC_ERR_MEMORY;
    return add_escaped(&cell, out);
}

void lc_out_path(struct lc_out *out, struct lc_span text)
{
    const struct lc_printable path = {.text = text};
    size_t from = out->bytes.size;

    out->failed |= add_escaped(&path, &out->bytes) != LC_OK ||
                   lc_format_start(&out->bytes, from, NULL) != LC_OK;
}

void lc_out_cell(struct lc_out *out, struct lc_span text, struct lc_buffer *scratch)
{
    const char *quote;

    scratch->size = 0;
    out->failed |= add_cell(text, scratch) != LC_OK;
    if (!scratch->size)
        return;
    text = (struct lc_span){scratch->data, scratch->size};
    if (!memchr(text.text, ',', text.size) && !memchr(text.text, '"', text.size)) {
        lc_out_bytes(out, text.text, text.size);
        return;
    }
    lc_out_bytes(out, "\"", 1);
    while ((quote = memchr(text.text, '"', text.size))) {
        size_t size = (size_t)(quote + 1 - text.text);

        lc_out_bytes(out, text.text, size);
        lc_out_bytes(out, "\"", 1);
        text = (struct lc_span){quote + 1, text.size - size};
    }
    lc_out_bytes(out, text.text, text.size);
    lc_out_bytes(out, "\"", 1);
}

/* ---- columns ---- */

void lc_out_pad(struct lc_out *out, size_t from, size_t width, bool right)
{
    static const char spaces[] = "                                        ";
    size_t size = out->bytes.size - from, used, more;

    if (out->failed)
        return;
    used = size ? lc_text_characters(out->bytes.data + from, size) : 0;
    more = used < width ? width - used : 0;
    more = more < sizeof(spaces) - 1 ? more : sizeof(spaces) - 1;
    lc_out_bytes(out, spaces, more);
    if (right && more && size && !out->failed) {
        memmove(out->bytes.data + from + more, out->bytes.data + from, size);
        memset(out->bytes.data + from, ' ', more);
    }
}

static enum lc_status write_all(struct lc_out *out, struct lc_error *err)
{
    if (out->failed)
        return lc_fail_memory(err);
    errno = 0;
    if (out->bytes.size &&
        fwrite(out->bytes.data, 1, out->bytes.size, out->to) != out->bytes.size)
        return lc_fail_errno(err, "write the answer");
    out->bytes.size = 0;
    return LC_OK;
}

enum lc_status lc_out_flush(struct lc_out *out, struct lc_error *err)
{
    if (!out->failed && out->bytes.size < MUCH)
        return LC_OK;
    return write_all(out, err);
}

enum lc_status lc_out_end(struct lc_out *out, enum lc_status status, struct lc_error *err)
{
    if (status == LC_OK)
        status = write_all(out, err);
    lc_buffer_clear(&out->bytes);
    return status;
}
