/* number.c - numbers in tar headers
 *
 * GNU tar and Python's tarfile read most numbers alike: octal digits, perhaps with spaces
 * around them and a NUL at the end, and binary ones. They treat anything else
 * differently, so both are imitated. */
#include "archive/internal.h"

#include <string.h>

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_octal(uint8_t c)
{
    return c >= '0' && c <= '7';
}

/* Read a binary number: the first byte is 0x80 or 0xFF, and a number in two's complement
 * follows. */
static bool read_binary(const uint8_t *field, size_t size, int64_t *value)
{
    uint64_t number = field[0] == 0xFF ? UINT64_MAX : 0;
    uint8_t sign = field[0] == 0xFF ? 0xFF : 0;

    for (size_t i = 1; i < size; i++) {
        if ((uint8_t)(number >> 56) != sign)
            return false; /* out of range */
        number = number << 8 | field[i];
    }
    memcpy(value, &number, sizeof(*value));
    return (*value < 0) == (sign != 0);
}

/* Read a number like GNU tar's from_header: skip a leading NUL, then spaces. */
static bool read_as_gnu(const uint8_t *field, size_t size, int64_t *value)
{
    size_t i = field[0] == 0;
    uint64_t number = 0;

    while (i < size && is_space(field[i]))
        i++;
    if (i == size)
        return false;
    if (i + 2 <= size && (field[i] == 0x80 || field[i] == 0xFF))
        return read_binary(field + i, size - i, value);
    while (i < size && is_octal(field[i])) /* at most 12 digits: 36 bits */
        number = number << 3 | (uint64_t)(field[i++] - '0');
    *value = (int64_t)number;
    return i == size || !field[i] || is_space(field[i]);
}

/* Read a number like tarfile's nti: the text ends at a NUL, and is then stripped. */
static bool read_as_python(const uint8_t *field, size_t size, int64_t *value)
{
    const uint8_t *nul = memchr(field, 0, size);
    size_t i = 0, end = nul ? (size_t)(nul - field) : size;
    uint64_t number = 0;

    if (field[0] == 0x80 || field[0] == 0xFF) {
        (void)read_binary(field, size, value); /* Python's numbers have no limit */
        return true;
    }
    while (i < end && is_space(field[i]))
        i++;
    while (i < end && is_space(field[end - 1]))
        end--;
    while (i < end && is_octal(field[i]))
        number = number << 3 | (uint64_t)(field[i++] - '0');
    *value = (int64_t)number;
    return i == end;
}

struct lc_tar_number lc_tar_number(const uint8_t *field, size_t size)
{
    struct lc_tar_number out = {0};
    out.gnu_reads = read_as_gnu(field, size, &out.value);
    out.python_reads = read_as_python(field, size, &out.python_value);
    out.differs = out.gnu_reads && out.python_reads && out.value != out.python_value;
    return out;
}
