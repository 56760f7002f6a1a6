/* buffer.h - a growing byte buffer, and growing arrays */
#ifndef LC_BASE_BUFFER_H
#define LC_BASE_BUFFER_H

#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/** Caller's storage; all zero is an empty buffer. */
struct lc_buffer {
    char *data; /* NULL until bytes are added */
    size_t size;
    size_t capacity;
};

/** Free the memory of a buffer; NULL-safe; the buffer is empty and usable afterwards. */
void lc_buffer_clear(struct lc_buffer *buffer);

/**
 * Reserve capacity for more bytes past the current size.
 *
 * Errors:  LC_ERR_MEMORY; the buffer is unchanged.
 */
LC_MUST_CHECK enum lc_status lc_buffer_reserve(struct lc_buffer *buffer, size_t more,
                                               struct lc_error *err);

/**
 * Append bytes.
 *
 * Errors:  LC_ERR_MEMORY; the buffer is unchanged.
 */
LC_MUST_CHECK enum lc_status lc_buffer_add(struct lc_buffer *buffer, const void *data,
                                           size_t size, struct lc_error *err);

/**
 * Append formatted text; the terminating NUL is written but not counted in size.
 *
 * Errors:  LC_ERR_MEMORY; the buffer is unchanged.
 */
__attribute__((format(printf, 3, 4))) LC_MUST_CHECK enum lc_status
lc_buffer_printf(struct lc_buffer *buffer, struct lc_error *err, const char *format, ...);
__attribute__((format(printf, 3, 0))) LC_MUST_CHECK enum lc_status
lc_buffer_vprintf(struct lc_buffer *buffer, struct lc_error *err, const char *format,
                  va_list args);

/**
 * Advise the kernel to back memory with large pages. Random access to a table of many
 * megabytes then takes half as long. Does nothing for small memory or without large
 * pages.
 */
void lc_memory_use_large_pages(void *memory, size_t size);

/**
 * Grow an array of elements to hold at least one more, doubling it.
 *
 * @param items     array from malloc, or NULL
 * @param count     number of elements in use
 * @param capacity  number of elements that fit; updated
 * @param size      bytes per element
 * @return the array, possibly moved; NULL if out of memory (the old one is then still
 *         valid)
 */
void *lc_array_grow(void *items, size_t count, size_t *capacity, size_t size);

#endif
