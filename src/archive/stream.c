/* stream.c - the uncompressed bytes of a file
 *
 * Uncompressed bytes that are looked at go through a buffer; all others are produced
 * where the caller wants them. So the bytes of a member are copied only once. */
#include "archive/internal.h"

#include <assert.h>
#include <string.h>

/* Uncompressed bytes from which the ratio is checked. */
#define FREE_BYTES (UINT64_C(1) << 30)

static bool is_bomb(const struct lc_stream *stream)
{
    uint64_t packed = lc_input_position(&stream->input);
    uint64_t beyond = stream->produced > FREE_BYTES ? stream->produced - FREE_BYTES : 0;

    return beyond / stream->limits->ratio > packed;
}

/* Produce up to size bytes; *got is 0 at the end. */
static enum lc_status produce(struct lc_stream *stream, uint8_t *to, size_t size,
                              size_t *got, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *got = 0;
    if (stream->is_over || !size)
        return LC_OK;
    status = stream->codec->read(stream, to, size, got, err);
    assert(*got <= size);
    stream->produced += *got;
    if (status != LC_OK)
        return status;
    if (!*got)
        stream->is_over = true;
    else if (stream->produced > stream->limits->bytes)
        lc_stream_break(stream, stream->produced, LC_ARCHIVE_LIMIT,
                        "its content is too large");
    else if (is_bomb(stream))
        lc_stream_break(stream, stream->produced, LC_ARCHIVE_LIMIT,
                        "its compressed data expands too much");
    return LC_OK;
}

enum lc_status lc_stream_peek(struct lc_stream *stream, size_t want, const uint8_t **data,
                              size_t *got, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    assert(want <= LC_STREAM_BUFFER);
    if (stream->end - stream->begin < want && stream->begin) {
        memmove(stream->buffer, stream->buffer + stream->begin,
                stream->end - stream->begin);
        stream->end -= stream->begin;
        stream->begin = 0;
    }
    while (status == LC_OK && stream->end - stream->begin < want && !stream->is_over) {
        size_t n;

        status = produce(stream, stream->buffer + stream->end,
                         LC_STREAM_BUFFER - stream->end, &n, err);
        stream->end += n;
    }
    *data = stream->buffer + stream->begin;
    *got = stream->end - stream->begin < want ? stream->end - stream->begin : want;
    return status;
}

enum lc_status lc_stream_read(struct lc_stream *stream, void *to, size_t size,
                              size_t *got, struct lc_error *err)
{
    size_t held = stream->end - stream->begin;
    enum lc_status status = LC_OK;

    *got = held < size ? held : size;
    if (*got)
        memcpy(to, stream->buffer + stream->begin, *got);
    stream->begin += *got;
    while (status == LC_OK && *got < size && !stream->is_over) {
        size_t n;

        if (size - *got >= LC_STREAM_BUFFER / 2) {
            status = produce(stream, (uint8_t *)to + *got, size - *got, &n, err);
        } else { /* use the buffer: a decoder is slow for small pieces */
            const uint8_t *data;

            status = lc_stream_peek(stream, size - *got, &data, &n, err);
            if (n)
                memcpy((uint8_t *)to + *got, data, n);
            stream->begin += n;
        }
        *got += n;
    }
    return status;
}

enum lc_status lc_stream_skip(struct lc_stream *stream, uint64_t size, uint64_t *got,
                              struct lc_error *err)
{
    size_t held = stream->end - stream->begin;
    enum lc_status status = LC_OK;

    *got = held < size ? held : size;
    stream->begin += (size_t)*got;
    if (*got < size && stream->codec->skip) {
        uint64_t n = stream->codec->skip(stream, size - *got);

        stream->produced += n;
        *got += n;
    }
    while (status == LC_OK && *got < size && !stream->is_over) {
        size_t want =
            size - *got < LC_STREAM_BUFFER ? (size_t)(size - *got) : LC_STREAM_BUFFER;
        const uint8_t *data;
        size_t n;

        status = lc_stream_peek(stream, want, &data, &n, err);
        stream->begin += n;
        *got += n;
    }
    return status;
}

enum lc_status lc_stream_seek(struct lc_stream *stream,
                              const struct lc_archive_point *point, uint64_t offset,
                              struct lc_error *err)
{
    uint64_t got;
    bool done = false;
    enum lc_status status = LC_OK;

    if (point && point->offset > lc_stream_offset(stream) && point->offset <= offset &&
        stream->codec->seek)
        status = stream->codec->seek(stream, point, &done, err);
    if (done) {
        stream->produced = point->offset;
        stream->begin = stream->end = 0;
        stream->is_over = false;
    }
    assert(lc_stream_offset(stream) <= offset);
    if (status != LC_OK)
        return status;
    return lc_stream_skip(stream, offset - lc_stream_offset(stream), &got, err);
}
