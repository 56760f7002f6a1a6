/* sink.h - a stdio stream that passes what is written to it to a function */
#ifndef LC_BASE_SINK_H
#define LC_BASE_SINK_H

#include "base/error.h"
#include "llava_check/output.h"

#include <stdio.h>

struct lc_sink;

/**
 * Open a sink.
 *
 * @param stream  set on success, to what is to be written to; belongs to the sink
 *
 * Owner:   the caller, lc_sink_close.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_sink_open(lc_write_fn *write, void *context,
                                          struct lc_sink **out, FILE **stream,
                                          struct lc_error *err);

/**
 * Flush and close a sink.
 *
 * @param status  what the writing returned
 * @param own     the error that was filled by it
 * @param err     filled with what the function returned when it failed, else from own
 *
 * @return the status of both: if the function failed, its own, because a write error is
 * then only a consequence
 */
LC_MUST_CHECK enum lc_status lc_sink_close(struct lc_sink *sink, enum lc_status status,
                                           const struct lc_error *own,
                                           struct lc_error *err);

#endif
