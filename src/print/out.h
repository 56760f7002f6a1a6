/* out.h - lines on their way to a file; private to src/report, src/query and
 * src/import
 *
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

/** Append foreign text as a JSON string. Control characters, and the openings of CI log
 * commands ("::", "##[…"), are escaped, so that a printed report cannot control a
 * terminal or CI system; base/printable.h has the list. Invalid UTF-8 becomes \xNN.
 */
void lc_out_json(struct lc_out *out, struct lc_span text);

/** The same for bytes that programs want back: a byte that is not UTF-8 becomes the lone
 * surrogate U+DCNN, as Python's error handler surrogateescape writes and reads it. */
void lc_out_json_bytes(struct lc_out *out, struct lc_span bytes);

/** Characters of a foreign text that a page shows. */
#define LC_OUT_PAGE_MOST 400

/**
 * Append text as a JSON string for the script of an HTML page, which shows it to people.
 *
 * What must not be printed becomes a visible escape (lc_escape_visible). No text can end
 * the script element or start another one: "<", ">" and "&" are \u003c, \u003e, \u0026.
 * Long text is truncated, and the number of characters left out is appended.
 *
 * @param most  characters to keep; SIZE_MAX: all
 */
void lc_out_json_page(struct lc_out *out, struct lc_span text, size_t most);

/** Append foreign text for people: as lc_format_text, and as lc_format_quote. */
void lc_out_plain(struct lc_out *out, struct lc_span text);
void lc_out_quote(struct lc_out *out, struct lc_span text);

/** Append foreign text as a cell of CSV has it, but without quotes or an apostrophe, at
 * the start of a line or after a space: it ends at a line's end, or at a colon of ours.
 */
void lc_out_path(struct lc_out *out, struct lc_span text);

/**
 * Append foreign text as a cell of CSV (RFC 4180), in quotes where it must be.
 *
 * What must not be printed is a visible escape, so that a line is a record and no cell
 * holds NUL, which readers do not like; a backslash that reads like the start of an
 * escape is one itself. Text that a spreadsheet would run as a formula gets an
 * apostrophe. The text can be read back: docs/questions.md.
 *
 * @param scratch  empty; its memory is used, and freed by the caller
 */
void lc_out_cell(struct lc_out *out, struct lc_span text, struct lc_buffer *scratch);

/** Pad the text from a place on with spaces to a width in characters; numbers are aligned
 * right. */
void lc_out_pad(struct lc_out *out, size_t from, size_t width, bool right);

/** Write the buffer if it is large. Call it after each line. Errors:
 * LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_out_flush(struct lc_out *out, struct lc_error *err);

/** Write the rest and free what is held; status is returned when it is an error already.
 * Errors: as lc_out_flush. */
LC_MUST_CHECK enum lc_status lc_out_end(struct lc_out *out, enum lc_status status,
                                        struct lc_error *err);

#endif
