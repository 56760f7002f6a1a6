#include "base/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define PIECE_BYTES 65536

struct lc_sink {
    lc_write_fn *write;
    void *context;
    FILE *stream;
    int result; /* from the call that failed; 0 if none did */
    char buffer[PIECE_BYTES];
};

static ssize_t write_piece(void *cookie, const char *data, size_t size)
{
    struct lc_sink *sink = cookie;

    for (size_t done = 0; done < size && !sink->result;) {
        size_t piece = size - done < PIECE_BYTES ? size - done : PIECE_BYTES;

        sink->result = sink->write(sink->context, data + done, piece);
        done += piece;
    }
    if (!sink->result)
        return (ssize_t)size;
    errno = sink->result > 0 ? sink->result : ECANCELED;
    return 0; /* means an error: fopencookie(3) */
}

enum lc_status lc_sink_open(lc_write_fn *write, void *context, struct lc_sink **out,
                            FILE **stream, struct lc_error *err)
{
    struct lc_sink *sink = calloc(1, sizeof(*sink));

    if (!sink)
        return lc_fail_memory(err);
    sink->write = write;
    sink->context = context;
    sink->stream = fopencookie(sink, "w", (cookie_io_functions_t){.write = write_piece});
    if (!sink->stream) {
        free(sink);
        return lc_fail_memory(err);
    }
    setvbuf(sink->stream, sink->buffer, _IOFBF, sizeof(sink->buffer));
    *stream = sink->stream;
    *out = sink;
    return LC_OK;
}

enum lc_status lc_sink_close(struct lc_sink *sink, enum lc_status status,
                             const struct lc_error *own, struct lc_error *err)
{
    char text[128];
    int result;

    fclose(sink->stream);
    result = sink->result;
    free(sink);
    if (result > 0) /* glibc's strerror_r returns the text, which may not be in our
                       buffer */
        return lc_fail(err, LC_ERR_IO, result, "the caller's function failed: %s",
                       strerror_r(result, text, sizeof(text)));
    if (result < 0)
        return lc_fail(err, LC_ERR_STOPPED, 0, "the caller asked to stop");
    if (status != LC_OK && err && err->status == LC_OK)
        *err = *own;
    return status;
}
