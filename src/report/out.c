#include "report/out.h"

#include "report/report.h"

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

/* Characters that JSON wants escaped, or a terminal would obey. */
static void put_escape(struct lc_out *out, uint32_t point)
{
    char escape[8];

    if (point == '"' || point == '\\') {
        const char pair[2] = {'\\', (char)point};

        lc_out_bytes(out, pair, sizeof(pair));
        return;
    }
    snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(point & 0xFFFF));
    lc_out_text(out, point == '\n' ? "\\n" : point == '\t' ? "\\t" : escape);
}

/* One character, or one byte that is none: its length, its code point (a byte's value),
 * and whether it may stand in JSON as it is. */
static size_t look_at(struct lc_span text, size_t at, uint32_t *point, bool *plain)
{
    unsigned char c = (unsigned char)text.text[at];
    size_t length = 1;

    *point = c;
    *plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
    if (c >= 0x80) {
        length = lc_text_utf8_length(text.text + at, text.size - at);
        if (length)
            *point = lc_text_character(text.text + at).point;
        *plain = length && !lc_text_is_hidden(*point);
    }
    return length;
}

/* A byte that belongs to no character: its value, to be read by a person. */
static void put_byte(struct lc_out *out, uint32_t byte)
{
    put_escape(out, '\\');
    out->failed |= lc_buffer_printf(&out->bytes, NULL, "x%02x", byte) != LC_OK;
}

void lc_out_json(struct lc_out *out, struct lc_span text)
{
    size_t from = 0; /* of what needs no escape */

    lc_out_bytes(out, "\"", 1);
    for (size_t i = 0; i < text.size;) {
        uint32_t point;
        bool plain;
        size_t length = look_at(text, i, &point, &plain);

        if (!plain)
            lc_out_bytes(out, text.text + from, i - from);
        if (!plain && length)
            put_escape(out, point);
        else if (!plain)
            put_byte(out, point);
        i += length ? length : 1;
        from = plain ? from : i;
    }
    if (text.size)
        lc_out_bytes(out, text.text + from, text.size - from);
    lc_out_bytes(out, "\"", 1);
}

void lc_out_plain(struct lc_out *out, struct lc_span text)
{
    out->failed |= lc_format_text(text, true, &out->bytes, NULL) != LC_OK;
}

void lc_out_cell(struct lc_out *out, struct lc_span text, struct lc_buffer *room)
{
    const char *quote;

    room->size = 0;
    out->failed |= lc_format_text(text, true, room, NULL) != LC_OK;
    if (!room->size)
        return;
    text = (struct lc_span){room->data, room->size};
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
