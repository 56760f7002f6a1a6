#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_PAGE ((uintptr_t)2 << 20)
#define LARGE_FROM ((size_t)16 << 20) /* bytes: less fits into processor caches */

void lc_memory_use_large_pages(void *memory, size_t size)
{
    uintptr_t from = (uintptr_t)memory, to = from + size;

    from = (from + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    to = to / LARGE_PAGE * LARGE_PAGE;
    if (memory && size >= LARGE_FROM)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

void lc_buffer_clear(struct lc_buffer *buffer)
{
    if (!buffer)
        return;
    free(buffer->data);
    *buffer = (struct lc_buffer){0};
}

enum lc_status lc_buffer_reserve(struct lc_buffer *buffer, size_t more,
                                 struct lc_error *err)
{
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    char *data;

    if (more <= buffer->capacity - buffer->size)
        return LC_OK;
    if (more > SIZE_MAX / 4 - buffer->size)
        return lc_fail_memory(err);
    while (capacity - buffer->size < more)
        capacity *= 2;
    data = realloc(buffer->data, capacity);
    if (!data)
        return lc_fail_memory(err);
    lc_memory_use_large_pages(data, capacity);
    buffer->data = data;
    buffer->capacity = capacity;
    return LC_OK;
}

enum lc_status lc_buffer_add(struct lc_buffer *buffer, const void *data, size_t size,
                             struct lc_error *err)
{
    enum lc_status status = lc_buffer_reserve(buffer, size, err);

    if (status == LC_OK && size) {
        memcpy(buffer->data + buffer->size, data, size);
        buffer->size += size;
    }
    return status;
}

/* Write a number's digits to the end of a field; returns the first one. */
static char *print_digits(char *end, uint64_t number)
{
    do
        *--end = (char)('0' + number % 10);
    while (number /= 10);
    return end;
}

/* Print a format that contains no conversions except %s, %zu and %u, if the text fits.
 * Most formats are like that, and vsnprintf takes several times as long, which matters
 * when millions of findings are printed. Returns false, with nothing added, if it takes
 * vsnprintf. */
static bool print_simply(struct lc_buffer *buffer, const char *format, va_list args)
{
    char *out = buffer->data, *end;

    if (!out)
        return false;
    end = out + buffer->capacity;
    for (out += buffer->size; *format; format++) {
        char digits[20], *digits_end = digits + sizeof(digits);
        const char *text;
        size_t size;

        if (*format != '%') {
            if (out == end)
                return false;
            *out++ = *format;
            continue;
        }
        switch (*++format) {
        case 's':
            text = va_arg(args, const char *);
            size = strlen(text);
            break;
        case 'u':
            text = print_digits(digits_end, va_arg(args, unsigned));
            size = (size_t)(digits_end - text);
            break;
        case 'z':
            if (*++format != 'u')
                return false;
            text = print_digits(digits_end, va_arg(args, size_t));
            size = (size_t)(digits_end - text);
            break;
        default:
            return false;
        }
        if ((size_t)(end - out) < size)
            return false;
        memcpy(out, text, size);
        out += size;
    }
    if (out == end)
        return false;
    *out = '\0';
    buffer->size = (size_t)(out - buffer->data);
    return true;
}

enum lc_status lc_buffer_vprintf(struct lc_buffer *buffer, struct lc_error *err,
                                 const char *format, va_list args)
{
    size_t room = buffer->capacity - buffer->size;
    enum lc_status status = LC_OK;
    va_list again;
    bool printed;
    int length;

    va_copy(again, args);
    printed = print_simply(buffer, format, again);
    va_end(again);
    if (printed)
        return LC_OK;
    /* most texts fit, and are formatted only once */
    va_copy(again, args);
    length = vsnprintf(room ? buffer->data + buffer->size : NULL, room, format, again);
    va_end(again);
    if (length < 0)
        return lc_fail_memory(err);
    if ((size_t)length >= room) {
        status = lc_buffer_reserve(buffer, (size_t)length + 1, err);
        if (status != LC_OK)
            return status;
        vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, args);
    }
    buffer->size += (size_t)length;
    return LC_OK;
}

enum lc_status lc_buffer_printf(struct lc_buffer *buffer, struct lc_error *err,
                                const char *format, ...)
{
    enum lc_status status;
    va_list args;

    va_start(args, format);
    status = lc_buffer_vprintf(buffer, err, format, args);
    va_end(args);
    return status;
}

void *lc_array_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    size_t wanted = *capacity ? *capacity * 2 : 16;
    void *grown;

    if (count < *capacity)
        return items;
    if (wanted > SIZE_MAX / 2 / size)
        return NULL;
    grown = realloc(items, wanted * size);
    if (!grown)
        return NULL;
    lc_memory_use_large_pages(grown, wanted * size);
    *capacity = wanted;
    return grown;
}
