#include "image/tiff/picture.h"

#include <math.h>
#include <string.h>

/* In the order of enum lc_tiff_tag. */
static const uint16_t tag_numbers[LC_TIFF_TAG_COUNT] = {
    256, 257, 258, 259, 262, 266, 273, 274, 277,   278,   282,   283,
    284, 296, 320, 322, 323, 324, 338, 339, 34665, 34853, 40965, 0xBC01,
};

/* Bytes per value; 0 for types that Pillow skips. */
static const uint8_t type_sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8};

enum { TYPE_RATIONAL = 5, TYPE_SRATIONAL = 10, TYPE_FLOAT = 11, TYPE_DOUBLE = 12 };

static uint64_t read_number(const uint8_t *p, unsigned size, bool big_endian)
{
    uint64_t value = 0;
    unsigned i;

    for (i = 0; i < size; i++)
        value = value << 8 | p[big_endian ? i : size - 1 - i];
    return value;
}

static bool inside(const struct lc_tiff_source *source, uint64_t at, uint64_t size)
{
    return at <= source->bytes.size && size <= source->bytes.size - at;
}

/* Read an entry; false where Pillow stops. An entry of unknown type gets an empty
 * value. */
static bool read_entry(const struct lc_tiff_source *source, const uint8_t *raw,
                       struct lc_tiff_dir *dir, struct lc_tiff_entry *entry)
{
    unsigned word = source->large ? 8 : 4;
    uint64_t count = read_number(raw + 4, word, source->big_endian);
    uint64_t offset = read_number(raw + 4 + word, word, source->big_endian);
    unsigned unit;

    entry->type = (uint16_t)read_number(raw + 2, 2, source->big_endian);
    entry->big_endian = source->big_endian;
    entry->value = (struct lc_bytes){raw + 4 + word, 0};
    unit = entry->type < sizeof(type_sizes) ? type_sizes[entry->type] : 0;
    if (unit == 0 || count == 0)
        return true;
    if (count <= word / unit) {
        entry->value.size = (size_t)count * unit;
        return true;
    }
    if (offset > INT64_MAX)
        dir->state = LC_TIFF_DIR_RAISES;
    if (count > source->bytes.size / unit || !inside(source, offset, count * unit))
        return false;
    entry->value = (struct lc_bytes){source->bytes.data + offset, (size_t)count * unit};
    return true;
}

static void keep_entry(struct lc_tiff_dir *dir, uint64_t tag,
                       const struct lc_tiff_entry *entry)
{
    size_t i;

    for (i = 0; i < LC_TIFF_TAG_COUNT; i++) {
        if (tag_numbers[i] == tag)
            dir->tags[i] = *entry;
    }
}

void lc_tiff_read_dir(const struct lc_tiff_source *source, uint64_t at,
                      struct lc_tiff_dir *out)
{
    unsigned head = source->large ? 8 : 2;
    unsigned size = source->large ? 20 : 12;
    unsigned word = source->large ? 8 : 4;
    uint64_t count;

    memset(out, 0, sizeof(*out));
    out->short_of_entries = true;
    out->state = at > INT64_MAX ? LC_TIFF_DIR_RAISES : LC_TIFF_DIR_CUT;
    if (!inside(source, at, head))
        return;
    count = read_number(source->bytes.data + at, head, source->big_endian);
    at += head;
    for (; out->entries < count; out->entries++, at += size) {
        const uint8_t *raw = source->bytes.data + at;
        struct lc_tiff_entry entry;

        if (!inside(source, at, size) || !read_entry(source, raw, out, &entry))
            return;
        if (entry.value.size > 0)
            keep_entry(out, read_number(raw, 2, source->big_endian), &entry);
    }
    out->short_of_entries = false;
    if (!inside(source, at, word))
        return;
    out->next = read_number(source->bytes.data + at, word, source->big_endian);
    out->state = LC_TIFF_DIR_WHOLE;
}

enum lc_tiff_kind lc_tiff_kind(const struct lc_tiff_entry *entry)
{
    if (entry->value.size == 0)
        return LC_TIFF_NOTHING;
    switch (entry->type) {
    case LC_TIFF_BYTE:
    case LC_TIFF_UNDEFINED:
        return LC_TIFF_BYTES;
    case LC_TIFF_ASCII:
        return LC_TIFF_TEXT;
    case TYPE_RATIONAL:
    case TYPE_SRATIONAL:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return LC_TIFF_REALS;
    default:
        return LC_TIFF_INTEGERS;
    }
}

bool lc_tiff_is_float(const struct lc_tiff_entry *entry)
{
    return entry->type == TYPE_FLOAT || entry->type == TYPE_DOUBLE;
}

size_t lc_tiff_count(const struct lc_tiff_entry *entry)
{
    return entry->value.size == 0 ? 0 : entry->value.size / type_sizes[entry->type];
}

static struct lc_tiff_number real(double value)
{
    struct lc_tiff_number number = {.value = value};

    number.whole = fabs(value) < 0x1p62 && value == trunc(value);
    if (number.whole)
        number.integer = (int64_t)value;
    return number;
}

static struct lc_tiff_number ratio(int64_t numerator, int64_t denominator)
{
    struct lc_tiff_number number = {.value = NAN};

    if (denominator == 0)
        return number;
    number.value = (double)numerator / (double)denominator;
    number.whole = numerator % denominator == 0;
    if (number.whole)
        number.integer = numerator / denominator;
    return number;
}

static struct lc_tiff_number rational(const struct lc_tiff_entry *entry, const uint8_t *p)
{
    uint32_t numerator = (uint32_t)read_number(p, 4, entry->big_endian);
    uint32_t denominator = (uint32_t)read_number(p + 4, 4, entry->big_endian);

    if (entry->type == TYPE_RATIONAL)
        return ratio(numerator, denominator);
    return ratio((int32_t)numerator, (int32_t)denominator);
}

struct lc_tiff_number lc_tiff_number(const struct lc_tiff_entry *entry, size_t i)
{
    size_t unit = type_sizes[entry->type];
    const uint8_t *p = entry->value.data + i * unit;
    struct lc_tiff_entry one = *entry;
    struct lc_tiff_number number = {.whole = true};
    uint32_t bits32;
    uint64_t bits64;
    float single;
    double value;

    switch (entry->type) {
    case TYPE_RATIONAL:
    case TYPE_SRATIONAL:
        return rational(entry, p);
    case TYPE_FLOAT:
        bits32 = (uint32_t)read_number(p, 4, entry->big_endian);
        memcpy(&single, &bits32, sizeof(single));
        return real((double)single);
    case TYPE_DOUBLE:
        bits64 = read_number(p, 8, entry->big_endian);
        memcpy(&value, &bits64, sizeof(value));
        return real(value);
    default:
        one.value = (struct lc_bytes){p, unit};
        if (!lc_tiff_integer(&one, &number.integer))
            number.integer = p[0];
        number.value = (double)number.integer;
        return number;
    }
}

bool lc_tiff_equals(const struct lc_tiff_entry *entry, int64_t number, int64_t absent)
{
    struct lc_tiff_number first;

    switch (lc_tiff_kind(entry)) {
    case LC_TIFF_NOTHING:
        return absent == number;
    case LC_TIFF_INTEGERS:
    case LC_TIFF_REALS:
        first = lc_tiff_number(entry, 0);
        return first.whole && first.integer == number;
    default:
        return false;
    }
}

/* Maximum digits that Python's int() accepts: sys.int_info. */
enum { MAX_DIGITS = 4300 };

/* Whether Python's int() strips this character as white space, from bytes or from a
 * latin-1 text. It strips fewer characters than str.isspace() accepts. */
static bool is_space(uint8_t c, bool text)
{
    if ((c >= '\t' && c <= '\r') || c == ' ')
        return true;
    return text && (c == 0x85 || c == 0xA0);
}

/* Parse a number like Python's int(): digits with an optional sign and single underscores
 * between them. */
static enum lc_tiff_int parse_int(struct lc_bytes s, bool text, int64_t *out)
{
    bool negative = false;
    bool after_digit = false;
    int64_t value = 0;
    int digits = 0;

    while (s.size > 0 && is_space(s.data[s.size - 1], text))
        s.size--;
    for (; s.size > 0 && is_space(s.data[0], text); s.data++)
        s.size--;
    if (s.size > 0 && (s.data[0] == '+' || s.data[0] == '-')) {
        negative = s.data[0] == '-';
        s.data++;
        s.size--;
    }
    for (; s.size > 0; s.data++, s.size--) {
        bool digit = s.data[0] >= '0' && s.data[0] <= '9';

        digits += digit;
        if ((!digit && !(s.data[0] == '_' && after_digit)) || digits > MAX_DIGITS)
            return LC_TIFF_INT_RAISES;
        if (digit && value < INT64_MAX / 10 - 1)
            value = value * 10 + (s.data[0] - '0');
        after_digit = digit;
    }
    *out = negative ? -value : value;
    return after_digit ? LC_TIFF_INT : LC_TIFF_INT_RAISES;
}

enum lc_tiff_int lc_tiff_int(const struct lc_tiff_entry *entry, int64_t *out)
{
    struct lc_tiff_number first;
    struct lc_bytes text = entry->value;

    switch (lc_tiff_kind(entry)) {
    case LC_TIFF_NOTHING:
        return LC_TIFF_INT_REFUSED;
    case LC_TIFF_BYTES:
        return parse_int(text, false, out);
    case LC_TIFF_TEXT:
        text.size -= text.data[text.size - 1] == '\0';
        return parse_int(text, true, out);
    default:
        break;
    }
    first = lc_tiff_number(entry, 0);
    if (!isfinite(first.value))
        return LC_TIFF_INT_RAISES;
    if (first.whole)
        *out = first.integer;
    else if (fabs(first.value) < 0x1p62)
        *out = (int64_t)first.value;
    else
        *out = first.value > 0 ? INT64_MAX : INT64_MIN;
    return LC_TIFF_INT;
}
