/* format.h - numbers, sizes and text from the data, formatted for people */
#ifndef LC_PRINT_FORMAT_H
#define LC_PRINT_FORMAT_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/printable.h"

#include <stdint.h>

/** Size of a buffer for a number with its separators. */
#define LC_COUNT_SIZE 32

/** Format a number with commas: 738,590. Returns out. */
const char *lc_format_count(uint64_t value, char out[LC_COUNT_SIZE]);

/** Format a size: 0 bytes, 812 bytes, 1.5 KiB, 51.0 GiB. Returns out. */
const char *lc_format_bytes(uint64_t value, char out[LC_COUNT_SIZE]);

/** Append text from the data to a line for people. Whatever a terminal or a CI system
 * would interpret becomes a visible escape (base/printable.h). Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_format_text(struct lc_span text, struct lc_buffer *out,
                                            struct lc_error *err);

/** Maximum size of a quotation from lc_format_quote, including the NUL. */
#define LC_QUOTE_MOST 160

/** Append text from the data, quoted by lc_text_quote, in at most the given number of
 * bytes. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_format_quote(struct lc_span text, size_t most,
                                             struct lc_buffer *out, struct lc_error *err);

/**
 * Escape the first character of a line that begins with text from the data if Buildkite
 * would treat the line as the heading of a group, as it does with "--- ", "+++ ", "~~~ "
 * and "^^^ ".
 *
 * @param from  where the line begins in the buffer
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_format_start(struct lc_buffer *out, size_t from,
                                             struct lc_error *err);

#endif
