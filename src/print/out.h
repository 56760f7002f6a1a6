/* out.h - a buffer of output on its way to a file; private to src/report, src/query and
 * src/import
 * A failed allocation is recorded, so callers need not check each step: lc_out_flush and
 * lc_out_end report it.
 * A failed allocation is remembered, so callers need not check each step: lc_out_flush
 * and lc_out_end report it.
 */
#ifndef LC_PRINT_OUT_H
#define LC_PRINT_OUT_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdio.h>

struct lc_out {
    FILE *to;
    struct lc_buffer bytes; /* not written yet */
    bool failed;            /* an allocation failed; later output is lost */
};

/** Append bytes, a trusted text, or a number. */
void lc_out_bytes(struct lc_out *out, const void *data, size_t size);
void lc_out_text(struct lc_out *out, const char *text);
void lc_out_number(struct lc_out *out, uint64_t value);
void lc_out_signed(struct lc_out *out, int64_t value);

/** Append text from the data as a JSON string. Control characters, and the openings of CI
 * log commands ("::", "##[…"), are escaped, so that a printed report cannot control a
 * terminal or CI system; base/printable.h has the list. Invalid UTF-8 becomes \xNN. */
void lc_out_json(struct lc_out *out, struct lc_span text);

/** The same for bytes that programs need to recover: a byte that is not UTF-8 becomes the
 * lone surrogate U+DCNN, as Python's error handler surrogateescape writes and reads
 * it. */
void lc_out_json_bytes(struct lc_out *out, struct lc_span bytes);

/** Maximum number of characters of a text from the data that a page shows. */
#define LC_OUT_PAGE_MOST 400

/**
 * Append text as a JSON string for the script of an HTML page, which shows it to people.
 *
 * Unprintable characters become visible escapes (lc_escape_visible). No text can end the
 * script element or start another one: "<", ">" and "&" become \u003c, \u003e and \u0026.
 * Long text is truncated, and the number of omitted characters is appended.
 *
 * @param most  number of characters to keep; SIZE_MAX: all
 */
void lc_out_json_page(struct lc_out *out, struct lc_span text, size_t most);

/** Append text from the data for people, like lc_format_text or like lc_format_quote. */
void lc_out_plain(struct lc_out *out, struct lc_span text);
void lc_out_quote(struct lc_out *out, struct lc_span text);

/** Append text from the data, escaped as in a CSV cell, but without quotes or a leading
 * apostrophe. It must begin at the start of a line or after a space, and is followed by a
 * line end or by our own colon. */
void lc_out_path(struct lc_out *out, struct lc_span text);

/**
 * Append text from the data as a CSV cell (RFC 4180), quoted if necessary.
 *
 * Unprintable characters become visible escapes, so that each line is a record and no
 * cell contains NUL, which many readers reject. A backslash that looks like the start of
 * an escape is escaped itself. Text that a spreadsheet would run as a formula gets an
 * apostrophe. The text can be read back: docs/questions.md.
 *
 * @param scratch  empty; its memory is used, and the caller frees it
 */
void lc_out_cell(struct lc_out *out, struct lc_span text, struct lc_buffer *scratch);

/** Pad the text that begins at `from` with spaces to a width in characters; `right`
 * aligns it on the right, as for numbers. */
void lc_out_pad(struct lc_out *out, size_t from, size_t width, bool right);

/** Write the buffer if it is large. Call this after each line. Errors: LC_ERR_MEMORY,
 * LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_out_flush(struct lc_out *out, struct lc_error *err);

/** Write the rest and free the buffer. If status is already an error, it is returned.
 * Errors: as lc_out_flush. */
LC_MUST_CHECK enum lc_status lc_out_end(struct lc_out *out, enum lc_status status,
                                        struct lc_error *err);

#endif
