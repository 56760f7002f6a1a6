#include "import/values.h"

#include "json/json.h"

#include <string.h>

/* Maximum depth of nested types: far more than real data has, far less than the stack
 * allows. */
#define MAX_DEPTH 64

/* ---- types: the format strings of Arrow's C data interface ---- */

static bool is_one_of(const struct ArrowSchema *type, const char *letters)
{
    return !type->dictionary && type->format[0] && !type->format[1] &&
           strchr(letters, type->format[0]) != NULL;
}

static bool is_format(const struct ArrowSchema *type, const char *format)
{
    return !type->dictionary && strcmp(type->format, format) == 0;
}

bool lc_value_is_text(const struct ArrowSchema *type)
{
    return is_one_of(type, "uU");
}

bool lc_value_is_binary(const struct ArrowSchema *type)
{
    return is_one_of(type, "zZ");
}

static bool is_list(const struct ArrowSchema *type)
{
    return (is_format(type, "+l") || is_format(type, "+L")) && type->n_children == 1;
}

/* Whether two fields have the same name: a JSON object would lose one of them. */
static bool has_twins(const struct ArrowSchema *type)
{
    for (int64_t i = 0; i < type->n_children; i++)
        for (int64_t k = i + 1; k < type->n_children; k++)
            if (strcmp(type->children[i]->name, type->children[k]->name) == 0)
                return true;
    return false;
}

static bool can_render(const struct ArrowSchema *type, unsigned depth)
{
    if (is_one_of(type, "nbcCsSiIlLuU"))
        return true;
    if (depth == MAX_DEPTH || !(is_list(type) || is_format(type, "+s")) ||
        (is_format(type, "+s") && has_twins(type)))
        return false;
    for (int64_t i = 0; i < type->n_children; i++)
        if (!can_render(type->children[i], depth + 1))
            return false;
    return true;
}

bool lc_value_can_render(const struct ArrowSchema *type)
{
    return can_render(type, 0);
}

/* ---- values ---- */

static bool bit_at(const void *bits, int64_t at)
{
    return ((const uint8_t *)bits)[at >> 3] >> (at & 7) & 1;
}

bool lc_value_is_null(const struct lc_value *value)
{
    const struct ArrowArray *array = value->array;

    if (value->type->format[0] == 'n')
        return true;
    return array->null_count != 0 && array->buffers[0] &&
           !bit_at(array->buffers[0], array->offset + value->index);
}

bool lc_value_bool(const struct lc_value *value)
{
    return bit_at(value->array->buffers[1], value->array->offset + value->index);
}

/* Get where an item of variable size begins and ends. */
static void bounds_of(const struct lc_value *value, bool is_large, int64_t *begin,
                      int64_t *end)
{
    const void *offsets = value->array->buffers[1];
    int64_t at = value->array->offset + value->index;

    if (is_large) {
        *begin = ((const int64_t *)offsets)[at];
        *end = ((const int64_t *)offsets)[at + 1];
    } else {
        *begin = ((const int32_t *)offsets)[at];
        *end = ((const int32_t *)offsets)[at + 1];
    }
}

struct lc_span lc_value_bytes(const struct lc_value *value)
{
    char letter = value->type->format[0];
    const char *data = value->array->buffers[2];
    int64_t begin, end;

    bounds_of(value, letter == 'U' || letter == 'Z', &begin, &end);
    if (begin == end) /* there may be no data at all */
        return (struct lc_span){"", 0};
    return (struct lc_span){data + begin, (size_t)(end - begin)};
}

int64_t lc_value_items(const struct lc_value *value, struct lc_value *first)
{
    int64_t begin, end;

    bounds_of(value, value->type->format[1] == 'L', &begin, &end);
    *first =
        (struct lc_value){value->type->children[0], value->array->children[0], begin};
    return end - begin;
}

static struct lc_value child_at(const struct lc_value *value, int64_t number)
{
    return (struct lc_value){value->type->children[number],
                             value->array->children[number],
                             value->array->offset + value->index};
}

bool lc_value_field(const struct lc_value *value, const char *name, struct lc_value *out)
{
    for (int64_t i = 0; i < value->type->n_children; i++) {
        if (strcmp(value->type->children[i]->name, name) == 0) {
            *out = child_at(value, i);
            return true;
        }
    }
    return false;
}

/* ---- as JSON ---- */

/* Append a few bytes. There usually is capacity for them, and then no function is
 * called. */
static inline enum lc_status add(struct lc_buffer *out, const char *text, size_t size,
                                 struct lc_error *err)
{
    if (size > out->capacity - out->size)
        return lc_buffer_add(out, text, size, err);
    if (size)
        memcpy(out->data + out->size, text, size);
    out->size += size;
    return LC_OK;
}

#define ADD(out, literal, err) add((out), (literal), sizeof(literal) - 1, (err))

/* Append an escape. Source: CPython Lib/json/encoder.py, ESCAPE_DCT. */
static enum lc_status add_escape(unsigned char byte, struct lc_buffer *out,
                                 struct lc_error *err)
{
    static const char *const named[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
    };

    if (named[byte])
        return add(out, named[byte], 2, err);
    return lc_buffer_printf(out, err, "\\u%04x", byte);
}

static bool is_escaped(unsigned char byte)
{
    return byte < ' ' || byte == '"' || byte == '\\';
}

/* A number whose 8 bytes are all equal to `byte`. */
#define EIGHT(byte) (0x0101010101010101u * (byte))

/* Whether any of 8 bytes may need an escape. A subtraction borrows from the next byte
 * only at a byte that needs an escape. So a byte is flagged wrongly only if another is
 * flagged rightly. */
static bool may_have_escaped(const char *text)
{
    uint64_t bytes, quotes, slashes;

    memcpy(&bytes, text, sizeof(bytes));
    quotes = bytes ^ EIGHT('"');
    slashes = bytes ^ EIGHT('\\');
    return (((bytes - EIGHT(' ')) & ~bytes) | ((quotes - EIGHT(1)) & ~quotes) |
            ((slashes - EIGHT(1)) & ~slashes)) &
           EIGHT(0x80);
}

/* Count the bytes before the next one that needs an escape. */
static size_t plain_size(const char *text, size_t size)
{
    size_t at = 0;

    while (size - at >= 8 && !may_have_escaped(text + at))
        at += 8;
    while (at < size && !is_escaped((unsigned char)text[at]))
        at++;
    return at;
}

/* Append a text as a JSON string, whether or not it is valid UTF-8. */
static enum lc_status add_string(struct lc_span text, struct lc_buffer *out,
                                 struct lc_error *err)
{
    size_t at = 0;
    enum lc_status status = lc_buffer_reserve(out, text.size + 2, err);

    if (status == LC_OK)
        status = ADD(out, "\"", err);
    while (at < text.size && status == LC_OK) {
        size_t plain = plain_size(text.text + at, text.size - at);

        status = add(out, text.text + at, plain, err);
        at += plain;
        if (status == LC_OK && at < text.size)
            status = add_escape((unsigned char)text.text[at++], out, err);
    }
    return status == LC_OK ? ADD(out, "\"", err) : status;
}

/* Append a number in decimal. */
static enum lc_status add_number(uint64_t number, bool is_negative, struct lc_buffer *out,
                                 struct lc_error *err)
{
    char digits[24];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    if (is_negative)
        digits[--at] = '-';
    return add(out, digits + at, sizeof(digits) - at, err);
}

static enum lc_status add_integer(const struct lc_value *value, struct lc_buffer *out,
                                  struct lc_error *err)
{
    const void *numbers = value->array->buffers[1];
    int64_t at = value->array->offset + value->index;
    int64_t number;

    switch (value->type->format[0]) {
    case 'c':
        /* NOLINTNEXTLINE(bugprone-signed-char-misuse): a number, no character */
        number = ((const int8_t *)numbers)[at];
        break;
    case 'C':
        number = ((const uint8_t *)numbers)[at];
        break;
    case 's':
        number = ((const int16_t *)numbers)[at];
        break;
    case 'S':
        number = ((const uint16_t *)numbers)[at];
        break;
    case 'i':
        number = ((const int32_t *)numbers)[at];
        break;
    case 'I':
        number = ((const uint32_t *)numbers)[at];
        break;
    case 'L':
        return add_number(((const uint64_t *)numbers)[at], false, out, err);
    default: /* l */
        number = ((const int64_t *)numbers)[at];
        break;
    }
    return add_number(number < 0 ? -(uint64_t)number : (uint64_t)number, number < 0, out,
                      err);
}

static enum lc_status add_value(const struct lc_value *value, struct lc_buffer *out,
                                struct lc_error *err);

/* lc_value_can_render has ensured that types are nested at most MAX_DEPTH levels deep. */
static enum lc_status add_list(const struct lc_value *value, struct lc_buffer *out,
                               struct lc_error *err)
{
    struct lc_value item;
    int64_t left = lc_value_items(value, &item);
    enum lc_status status = ADD(out, "[", err);

    for (int64_t i = 0; i < left && status == LC_OK; i++, item.index++) {
        if (i > 0)
            status = ADD(out, ", ", err);
        if (status == LC_OK)
            status = add_value(&item, out, err);
    }
    return status == LC_OK ? ADD(out, "]", err) : status;
}

static enum lc_status add_struct(const struct lc_value *value, struct lc_buffer *out,
                                 struct lc_error *err)
{
    enum lc_status status = ADD(out, "{", err);

    for (int64_t i = 0; i < value->type->n_children && status == LC_OK; i++) {
        struct lc_value field = child_at(value, i);
        const char *name = field.type->name;

        if (i > 0)
            status = ADD(out, ", ", err);
        if (status == LC_OK)
            status = add_string((struct lc_span){name, strlen(name)}, out, err);
        if (status == LC_OK)
            status = ADD(out, ": ", err);
        if (status == LC_OK)
            status = add_value(&field, out, err);
    }
    return status == LC_OK ? ADD(out, "}", err) : status;
}

static enum lc_status add_value(const struct lc_value *value, struct lc_buffer *out,
                                struct lc_error *err)
{
    if (lc_value_is_null(value))
        return ADD(out, "null", err);
    if (lc_value_is_text(value->type))
        return add_string(lc_value_bytes(value), out, err);
    if (is_list(value->type))
        return add_list(value, out, err);
    if (is_format(value->type, "+s"))
        return add_struct(value, out, err);
    if (value->type->format[0] == 'b')
        return lc_value_bool(value) ? ADD(out, "true", err) : ADD(out, "false", err);
    return add_integer(value, out, err);
}

/* Check that the appended bytes are UTF-8. The bytes between texts are ASCII, so the
 * whole is valid exactly if each text is. */
static enum lc_status check_utf8(const struct lc_buffer *out, size_t from,
                                 struct lc_error *err)
{
    if (!lc_json_valid_utf8(out->data + from, out->size - from))
        return lc_fail(err, LC_ERR_USAGE, 0, "a text is not UTF-8");
    return LC_OK;
}

enum lc_status lc_value_render_text(struct lc_span text, struct lc_buffer *out,
                                    struct lc_error *err)
{
    size_t from = out->size;
    enum lc_status status = add_string(text, out, err);

    return status == LC_OK ? check_utf8(out, from, err) : status;
}

enum lc_status lc_value_render(const struct lc_value *value, struct lc_buffer *out,
                               struct lc_error *err)
{
    size_t from = out->size;
    enum lc_status status = add_value(value, out, err);

    return status == LC_OK ? check_utf8(out, from, err) : status;
}
