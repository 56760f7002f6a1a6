/* bzip2.c - decompresses bzip2 files */
#include "archive/frames.h"

#ifdef LC_BZIP2

#include <stdlib.h>
#include <string.h>

#include <bzlib.h>

struct bzip2 {
    bz_stream stream;
    bool is_open;
};

static bool is_bzip2(const uint8_t *data, size_t size)
{
    return size >= 4 && memcmp(data, "BZh", 3) == 0 && data[3] >= '1' && data[3] <= '9';
}

static enum lc_status start_bzip2(void **state, uint64_t window, struct lc_error *err)
{
    (void)window; /* at most 4 MB */
    *state = calloc(1, sizeof(struct bzip2));
    return *state ? LC_OK : lc_fail_memory(err);
}

static bool restart_bzip2(void *state)
{
    struct bzip2 *bzip2 = state;

    if (bzip2->is_open)
        BZ2_bzDecompressEnd(&bzip2->stream);
    memset(&bzip2->stream, 0, sizeof(bzip2->stream));
    bzip2->is_open = BZ2_bzDecompressInit(&bzip2->stream, 0, 0) == BZ_OK;
    return bzip2->is_open;
}

static enum lc_piece_result decode_bzip2(void *state, struct lc_piece *piece)
{
    bz_stream *stream = &((struct bzip2 *)state)->stream;
    unsigned size = piece->to_size < UINT32_MAX ? (unsigned)piece->to_size : UINT32_MAX;
    int code;

    stream->next_in = (char *)(uintptr_t)piece->from; /* only read */
    stream->avail_in = (unsigned)piece->from_size;
    stream->next_out = (char *)piece->to;
    stream->avail_out = size;
    code = BZ2_bzDecompress(stream);
    piece->used = piece->from_size - stream->avail_in;
    piece->got = size - stream->avail_out;
    switch (code) {
    case BZ_OK:
        return LC_PIECE_CONTINUES;
    case BZ_STREAM_END:
        return LC_PIECE_ENDS;
    case BZ_MEM_ERROR:
        return LC_PIECE_NO_MEMORY;
    default:
        return LC_PIECE_BAD_DATA; /* the library does not distinguish a wrong checksum */
    }
}

static void stop_bzip2(void *state)
{
    struct bzip2 *bzip2 = state;

    if (bzip2->is_open)
        BZ2_bzDecompressEnd(&bzip2->stream);
    free(bzip2);
}

const struct lc_frame_format lc_format_bzip2 = {
    .codec = {.coding = LC_CODING_BZIP2,
              .is_one = is_bzip2,
              .open = lc_frames_open,
              .read = lc_frames_read,
              .close = lc_frames_close},
    .start = start_bzip2,
    .restart = restart_bzip2,
    .decode = decode_bzip2,
    .stop = stop_bzip2,
    .cut = "it ends within bzip2 data",
    .bad_data = "bzip2 data cannot be decompressed, or differ from their checksum",
    .trailing = "bytes after the bzip2 data",
};

#else

static bool is_bzip2(const uint8_t *data, size_t size)
{
    return size >= 4 && data[0] == 'B' && data[1] == 'Z' && data[2] == 'h';
}

static enum lc_status open_nothing(struct lc_stream *stream, struct lc_error *err)
{
    (void)err;
    lc_stream_break(stream, 0, LC_ARCHIVE_UNSUPPORTED,
                    "this program was built without bzip2");
    return LC_OK;
}

static enum lc_status read_nothing(struct lc_stream *stream, uint8_t *to, size_t size,
                                   size_t *got, struct lc_error *err)
{
    (void)stream;
    (void)to;
    (void)size;
    (void)err;
    *got = 0;
    return LC_OK;
}

static void close_nothing(void *state)
{
    (void)state;
}

const struct lc_frame_format lc_format_bzip2 = {
    .codec = {.coding = LC_CODING_BZIP2,
              .is_one = is_bzip2,
              .open = open_nothing,
              .read = read_nothing,
              .close = close_nothing},
};

#endif
