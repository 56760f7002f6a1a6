/* frame.h - the text of a rows file between and around its rows; private to src/clean */
#ifndef LC_CLEAN_FRAME_H
#define LC_CLEAN_FRAME_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>

/* Whether a text is what may be before the first row, between two rows or after the last
 * one: of an array a bracket or a comma, and white space; of JSON lines the end of a
 * line, and spaces and tabs. */
bool lc_frame_is_head(struct lc_span text, bool lines);
bool lc_frame_is_gap(struct lc_span text, bool lines);
bool lc_frame_is_tail(struct lc_span text, bool lines);

/** Whether a text has more than what is after the last row: of an array something after
 * its bracket, of JSON lines something on a line. */
bool lc_frame_has_more(struct lc_span text, bool lines);

/** The size of a row of an array that is not JSON, without the comma and the white space
 * that follow it: whether they belong to it depends on what is wrong with it. */
size_t lc_frame_trim_row(struct lc_span text);

/** A text without the byte order mark that it may begin with. */
struct lc_span lc_frame_skip_mark(struct lc_span text);

/** The gaps of a file that has none that fits. */
struct lc_span lc_frame_default_gap(bool lines);

/* Append what is before the first row and after the last one where rows are separated by
 * a gap. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_frame_add_head(struct lc_span gap, bool lines,
                                               struct lc_buffer *out,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_frame_add_tail(struct lc_span gap, bool lines,
                                               struct lc_buffer *out,
                                               struct lc_error *err);

#endif
