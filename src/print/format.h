/* format.h - numbers, sizes and foreign text as people read them */
#ifndef LC_PRINT_FORMAT_H
#define LC_PRINT_FORMAT_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/printable.h"

#include <stdint.h>

/** Capacity for a number with its separators. */
#define LC_COUNT_SIZE 32

/** Write a number with commas: 738,590. Returns out. */
const char *lc_format_count(uint64_t value, char out[LC_COUNT_SIZE]);

/** Write a size for people: 0 bytes, 812 bytes, 1.5 KiB, 51.0 GiB. Returns out. */
const char *lc_format_bytes(uint64_t value, char out[LC_COUNT_SIZE]);

/** Append foreign text to a line for people: visible escapes for what a terminal or a CI
 * system would obey (base/printable.h). Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_format_text(struct lc_span text, struct lc_buffer *out,
                                            struct lc_error *err);

/** The largest quotation that lc_format_quote makes, with the NUL. */
#define LC_QUOTE_MOST 160

/** Append foreign text as lc_text_quote writes it, in at most the given number of bytes.
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_format_quote(struct lc_span text, size_t most,
                                             struct lc_buffer *out, struct lc_error *err);

/**
 * Escape the first character of a line that begins with foreign text, if Buildkite would
 * fold what follows: it takes "--- ", "+++ ", "~~~ " and "^^^ " for headings of groups.
 *
 * @param from  where the line begins in the buffer
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_format_start(struct lc_buffer *out, size_t from,
                                             struct lc_error *err);

#endif
