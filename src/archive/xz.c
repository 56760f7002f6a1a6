/* xz.c - decompresses xz files */
#include "archive/frames.h"

#include <stdlib.h>
#include <string.h>

#include <lzma.h>

struct xz {
    lzma_stream stream;
    uint64_t window;
};

static bool is_xz(const uint8_t *data, size_t size)
{
    return size >= 6 && memcmp(data,
                               "\xFD"
                               "7zXZ",
                               6) == 0;
}

static enum lc_status start_xz(void **state, uint64_t window, struct lc_error *err)
{
    struct xz *xz = calloc(1, sizeof(*xz));

    if (!xz)
        return lc_fail_memory(err);
    xz->stream = (lzma_stream)LZMA_STREAM_INIT;
    xz->window = window + ((uint64_t)1 << 20); /* plus some for the decoder itself */
    *state = xz;
    return LC_OK;
}

static bool restart_xz(void *state)
{
    struct xz *xz = state;

    return lzma_stream_decoder(&xz->stream, xz->window, 0) == LZMA_OK;
}

static enum lc_piece_result decode_xz(void *state, struct lc_piece *piece)
{
    lzma_stream *stream = &((struct xz *)state)->stream;
    lzma_ret code;

    stream->next_in = piece->from;
    stream->avail_in = piece->from_size;
    stream->next_out = piece->to;
    stream->avail_out = piece->to_size;
    code = lzma_code(stream, LZMA_RUN);
    piece->used = piece->from_size - stream->avail_in;
    piece->got = piece->to_size - stream->avail_out;
    switch (code) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: /* no progress */
        return LC_PIECE_CONTINUES;
    case LZMA_STREAM_END:
        return LC_PIECE_ENDS;
    case LZMA_MEMLIMIT_ERROR:
        return LC_PIECE_TOO_LARGE;
    case LZMA_MEM_ERROR:
        return LC_PIECE_NO_MEMORY;
    default:
        return LC_PIECE_BAD_DATA; /* the library does not distinguish a wrong checksum */
    }
}

static void stop_xz(void *state)
{
    struct xz *xz = state;

    lzma_end(&xz->stream);
    free(xz);
}

const struct lc_frame_format lc_format_xz = {
    .codec = {.coding = LC_CODING_XZ,
              .is_one = is_xz,
              .open = lc_frames_open,
              .read = lc_frames_read,
              .close = lc_frames_close},
    .padding = 4,
    .start = start_xz,
    .restart = restart_xz,
    .decode = decode_xz,
    .stop = stop_xz,
    .cut = "it ends within xz data",
    .bad_data = "xz data cannot be decompressed, or differ from their checksum",
    .too_large = "the dictionary of an xz stream is too large",
    .trailing = "bytes after the xz data",
};
