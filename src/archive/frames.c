/* frames.c - files that are sequences of compressed frames
 *
 * zstd, xz and bzip2 files consist of frames, each of which is decoded by the format's
 * library. The libraries could decode all frames at once, but they do not say which one
 * is damaged, or what follows the last one. */
#include "archive/frames.h"

#include <stdlib.h>

struct frames {
    const struct lc_frame_format *format;
    void *state;
    bool is_in_frame;
    bool has_frame; /* at least one frame was complete */
    uint64_t begin; /* start of the frame's data within all uncompressed bytes */
};

enum lc_status lc_frames_open(struct lc_stream *stream, struct lc_error *err)
{
    struct frames *frames = calloc(1, sizeof(*frames));
    enum lc_status status;

    if (!frames)
        return lc_fail_memory(err);
    frames->format = (const struct lc_frame_format *)stream->codec; /* its first member */
    status = frames->format->start(&frames->state, stream->limits->window, err);
    if (status != LC_OK) {
        free(frames);
        return status;
    }
    stream->state = frames;
    return LC_OK;
}

void lc_frames_close(void *state)
{
    struct frames *frames = state;

    if (!frames)
        return;
    frames->format->stop(frames->state);
    free(frames);
}

/* Skip the zeros after a frame; *count is their number. */
static enum lc_status skip_zeros(struct lc_input *input, size_t *count,
                                 struct lc_error *err)
{
    enum lc_status status = lc_input_fill(input, err);

    *count = 0;
    while (status == LC_OK && input->begin < input->end && !input->data[input->begin]) {
        input->begin++;
        (*count)++;
        status = lc_input_fill(input, err);
    }
    return status;
}

/* Begin the next frame, or end the stream. */
static enum lc_status begin_frame(struct lc_stream *stream, struct lc_error *err)
{
    struct frames *frames = stream->state;
    const struct lc_frame_format *format = frames->format;
    struct lc_input *input = &stream->input;
    uint64_t at = lc_input_position(input);
    enum lc_status status = LC_OK;
    size_t zeros = 0;

    if (frames->has_frame && format->padding)
        status = skip_zeros(input, &zeros, err);
    if (status == LC_OK)
        status = lc_input_need(input, LC_CODEC_MAGIC, err);
    if (status != LC_OK)
        return status;
    if (input->begin == input->end && zeros % (format->padding + !format->padding) == 0) {
        stream->is_over = true;
    } else if (zeros % (format->padding + !format->padding) != 0 ||
               !format->codec.is_one(input->data + input->begin,
                                     input->end - input->begin)) {
        lc_archive_note(stream->log, LC_ARCHIVE_TRAILING, stream->produced,
                        format->trailing);
        stream->trailing = input->size > at ? input->size - at : 0;
        stream->is_over = true;
    } else if (!format->restart(frames->state)) {
        status = lc_fail_memory(err);
    } else {
        if (zeros)
            lc_archive_note(stream->log, LC_ARCHIVE_AMBIGUOUS, stream->produced,
                            "zeros before more xz data, at which Python stops");
        frames->is_in_frame = true;
        frames->begin = stream->produced;
    }
    return status;
}

/* Report a damaged frame: all of its data are in doubt. */
static void break_frame(struct lc_stream *stream, uint64_t produced,
                        enum lc_archive_fault what, const char *detail)
{
    const struct frames *frames = stream->state;

    lc_archive_note_range(stream->log, what, frames->begin, produced, detail);
    stream->fault = what;
    stream->is_over = true;
}

enum lc_status lc_frames_read(struct lc_stream *stream, uint8_t *to, size_t size,
                              size_t *got, struct lc_error *err)
{
    struct frames *frames = stream->state;
    const struct lc_frame_format *format = frames->format;
    struct lc_input *input = &stream->input;
    enum lc_status status = LC_OK;

    *got = 0;
    while (status == LC_OK && !*got && !stream->is_over) {
        struct lc_piece piece = {.to = to, .to_size = size};
        enum lc_piece_result result;
        uint64_t produced;

        status =
            frames->is_in_frame ? lc_input_fill(input, err) : begin_frame(stream, err);
        if (status != LC_OK || !frames->is_in_frame)
            continue;
        piece.from = input->data + input->begin;
        piece.from_size = input->end - input->begin;
        result = format->decode(frames->state, &piece);
        input->begin += piece.used;
        *got = piece.got;
        produced = stream->produced + piece.got;
        if (result == LC_PIECE_ENDS) {
            frames->is_in_frame = false;
            frames->has_frame = true;
        } else if (result == LC_PIECE_BAD_DATA) {
            break_frame(stream, produced, LC_ARCHIVE_BAD_DATA, format->bad_data);
        } else if (result == LC_PIECE_BAD_CHECKSUM) {
            break_frame(stream, produced, LC_ARCHIVE_BAD_CHECKSUM, format->bad_checksum);
        } else if (result == LC_PIECE_TOO_LARGE) {
            lc_stream_break(stream, produced, LC_ARCHIVE_LIMIT, format->too_large);
        } else if (result == LC_PIECE_NO_MEMORY) {
            status = lc_fail_memory(err);
        } else if (!piece.from_size && !piece.got) {
            lc_stream_break(stream, produced, LC_ARCHIVE_TRUNCATED, format->cut);
        }
    }
    return status;
}
