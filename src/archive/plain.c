/* plain.c - reads files that are not compressed */
#include "archive/internal.h"

#include <string.h>

static enum lc_status open_plain(struct lc_stream *stream, struct lc_error *err)
{
    (void)stream;
    (void)err;
    return LC_OK;
}

static enum lc_status read_plain(struct lc_stream *stream, uint8_t *to, size_t size,
                                 size_t *got, struct lc_error *err)
{
    struct lc_input *input = &stream->input;
    size_t held = input->end - input->begin;
    enum lc_status status;

    *got = 0;
    if (!held) {
        status = lc_input_read_at(input, input->offset, to, size, got, err);
        input->offset += *got;
        return status;
    }
    *got = held < size ? held : size;
    memcpy(to, input->data + input->begin, *got);
    input->begin += *got;
    return LC_OK;
}

/* Skip by continuing at a later offset of the file. */
static uint64_t skip_plain(struct lc_stream *stream, uint64_t size)
{
    struct lc_input *input = &stream->input;
    uint64_t at = lc_input_position(input);
    uint64_t left = input->size > at ? input->size - at : 0;
    uint64_t skipped = left < size ? left : size;

    if (skipped <= input->end - input->begin) {
        input->begin += (size_t)skipped;
    } else {
        lc_input_seek(input, at + skipped);
    }
    return skipped;
}

static void close_plain(void *state)
{
    (void)state;
}

const struct lc_codec lc_codec_plain = {
    .coding = LC_CODING_PLAIN,
    .open = open_plain,
    .read = read_plain,
    .skip = skip_plain,
    .close = close_plain,
};
