/* frame.h - the text of a rows file between and around its rows; private to src/clean */
#ifndef LC_CLEAN_FRAME_H
#define LC_CLEAN_FRAME_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>

/* Whether a text may be before the first row, between two rows or after the last row: in
 * an array, a bracket or a comma with white space; in JSON lines, a line end with spaces
 * and tabs. */
bool lc_frame_is_head(struct lc_span text, bool lines);
bool lc_frame_is_gap(struct lc_span text, bool lines);
bool lc_frame_is_tail(struct lc_span text, bool lines);

/** Whether a text has more than what belongs after the last row: in an array, anything
 * after the bracket; in JSON lines, anything but white space. */
bool lc_frame_has_more(struct lc_span text, bool lines);

/** The size of an array's row that is not JSON, without the comma and white space after
 * it: whether they belong to the row depends on its fault. */
size_t lc_frame_trim_row(struct lc_span text);

/** A text without its byte order mark, if it begins with one. */
struct lc_span lc_frame_skip_mark(struct lc_span text);

/** The gap to use if no gap of a file is suitable. */
struct lc_span lc_frame_default_gap(bool lines);

/* Append the text before the first row or after the last row, in the style of the gap
 * between rows. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_frame_add_head(struct lc_span gap, bool lines,
                                               struct lc_buffer *out,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_frame_add_tail(struct lc_span gap, bool lines,
                                               struct lc_buffer *out,
                                               struct lc_error *err);

#endif
