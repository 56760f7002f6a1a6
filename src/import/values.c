#include "import/values.h"

#include "json/json.h"

#include <inttypes.h>
#include <string.h>

/* How deep types may be nested; far more than data have, far less than the stack holds.
 */
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

/* Whether two fields have one name: the object of a struct would lose one of them. */
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

/* Where an item of variable size begins and ends. */
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
    if (begin == end) /* then there may be no data at all */
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

static enum lc_status add(struct lc_buffer *out, const char *text, struct lc_error *err)
{
    return lc_buffer_add(out, text, strlen(text), err);
}

/* Append an escape. Source: CPython Lib/json/encoder.py, ESCAPE_DCT. */
static enum lc_status add_escape(unsigned char byte, struct lc_buffer *out,
                                 struct lc_error *err)
{
    static const char *const named[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
    };

    if (named[byte])
        return add(out, named[byte], err);
    return lc_buffer_printf(out, err, "\\u%04x", byte);
}

enum lc_status lc_value_render_text(struct lc_span text, struct lc_buffer *out,
                                    struct lc_error *err)
{
    size_t plain = 0; /* the beginning of what needs no escape */
    enum lc_status status;

    if (!lc_json_valid_utf8(text.text, text.size))
        return lc_fail(err, LC_ERR_USAGE, 0, "a text is not UTF-8");
    status = add(out, "\"", err);
    for (size_t i = 0; i < text.size && status == LC_OK; i++) {
        unsigned char byte = (unsigned char)text.text[i];

        if (byte >= ' ' && byte != '"' && byte != '\\')
            continue;
        status = lc_buffer_add(out, text.text + plain, i - plain, err);
        if (status == LC_OK)
            status = add_escape(byte, out, err);
        plain = i + 1;
    }
    if (status == LC_OK)
        status = lc_buffer_add(out, text.text + plain, text.size - plain, err);
    return status == LC_OK ? add(out, "\"", err) : status;
}

static enum lc_status render_integer(const struct lc_value *value, struct lc_buffer *out,
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
        return lc_buffer_printf(out, err, "%" PRIu64, ((const uint64_t *)numbers)[at]);
    default: /* l */
        number = ((const int64_t *)numbers)[at];
        break;
    }
    return lc_buffer_printf(out, err, "%" PRId64, number);
}

/* Types are nested MAX_DEPTH deep at most: lc_value_can_render has seen to that. */
static enum lc_status render_list(const struct lc_value *value, struct lc_buffer *out,
                                  struct lc_error *err)
{
    struct lc_value item;
    int64_t left = lc_value_items(value, &item);
    enum lc_status status = add(out, "[", err);

    for (int64_t i = 0; i < left && status == LC_OK; i++, item.index++) {
        if (i > 0)
            status = add(out, ", ", err);
        if (status == LC_OK)
            status = lc_value_render(&item, out, err);
    }
    return status == LC_OK ? add(out, "]", err) : status;
}

static enum lc_status render_struct(const struct lc_value *value, struct lc_buffer *out,
                                    struct lc_error *err)
{
    enum lc_status status = add(out, "{", err);

    for (int64_t i = 0; i < value->type->n_children && status == LC_OK; i++) {
        struct lc_value field = child_at(value, i);
        const char *name = field.type->name;

        if (i > 0)
            status = add(out, ", ", err);
        if (status == LC_OK)
            status = lc_value_render_text((struct lc_span){name, strlen(name)}, out, err);
        if (status == LC_OK)
            status = add(out, ": ", err);
        if (status == LC_OK)
            status = lc_value_render(&field, out, err);
    }
    return status == LC_OK ? add(out, "}", err) : status;
}

enum lc_status lc_value_render(const struct lc_value *value, struct lc_buffer *out,
                               struct lc_error *err)
{
    if (lc_value_is_null(value))
        return add(out, "null", err);
    if (lc_value_is_text(value->type))
        return lc_value_render_text(lc_value_bytes(value), out, err);
    if (is_list(value->type))
        return render_list(value, out, err);
    if (is_format(value->type, "+s"))
        return render_struct(value, out, err);
    if (value->type->format[0] == 'b')
        return add(out, lc_value_bool(value) ? "true" : "false", err);
    return render_integer(value, out, err);
}
