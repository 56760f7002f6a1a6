/* sink.h - a stdio stream that passes everything written to it to a function */
#ifndef LC_BASE_SINK_H
#define LC_BASE_SINK_H

#include "base/error.h"
#include "llava_check/output.h"

#include <stdio.h>

struct lc_sink;

/**
 * Open a sink.
 *
 * @param stream  set on success to the stream to write to, which belongs to the sink
 *
 * Owner:   the caller, who calls lc_sink_close.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_sink_open(lc_write_fn *write, void *context,
                                          struct lc_sink **out, FILE **stream,
                                          struct lc_error *err);

/**
 * Flush and close a sink.
 *
 * @param status  returned by the code that wrote to the stream
 * @param own     the error that this code filled
 * @param err     filled from the function's result if the function failed, else from own
 *
 * @return the status of the function if it failed, since a write error is then only a
 *         consequence; otherwise status
 */
LC_MUST_CHECK enum lc_status lc_sink_close(struct lc_sink *sink, enum lc_status status,
                                           const struct lc_error *own,
                                           struct lc_error *err);

#endif
