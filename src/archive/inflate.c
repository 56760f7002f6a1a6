/* inflate.c - deflated data, without a container */
#include "archive/inflate.h"

#include <stdlib.h>

#define ZLIB_CONST /* what is read is const */
#include <zlib.h>

struct lc_inflater {
    z_stream stream;
};

enum lc_status lc_inflater_new(struct lc_inflater **out, struct lc_error *err)
{
    struct lc_inflater *inflater = calloc(1, sizeof(*inflater));

    if (!inflater)
        return lc_fail_memory(err);
    if (inflateInit2(&inflater->stream, -MAX_WBITS) != Z_OK) {
        free(inflater);
        return lc_fail_memory(err);
    }
    *out = inflater;
    return LC_OK;
}

void lc_inflater_free(struct lc_inflater *inflater)
{
    if (!inflater)
        return;
    inflateEnd(&inflater->stream);
    free(inflater);
}

void lc_inflater_reset(struct lc_inflater *inflater)
{
    inflateReset(&inflater->stream);
}

/* What zlib can count. */
static uInt bounded(size_t size)
{
    return size < UINT32_MAX ? (uInt)size : UINT32_MAX;
}

enum lc_piece_result lc_inflater_run(struct lc_inflater *inflater, struct lc_piece *piece)
{
    z_stream *stream = &inflater->stream;
    uInt from_size = bounded(piece->from_size), to_size = bounded(piece->to_size);
    int code;

    stream->next_in = piece->from;
    stream->avail_in = from_size;
    stream->next_out = piece->to;
    stream->avail_out = to_size;
    code = inflate(stream, Z_NO_FLUSH);
    piece->used = from_size - stream->avail_in;
    piece->got = to_size - stream->avail_out;
    switch (code) {
    case Z_OK:
    case Z_BUF_ERROR: /* nothing was done */
        return LC_PIECE_CONTINUES;
    case Z_STREAM_END:
        return LC_PIECE_ENDS;
    case Z_MEM_ERROR:
        return LC_PIECE_NO_MEMORY;
    default:
        return LC_PIECE_BAD_DATA;
    }
}

uint32_t lc_archive_crc(uint32_t crc, const void *data, size_t size)
{
    return (uint32_t)crc32_z(crc, data, size);
}
