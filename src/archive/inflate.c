/* inflate.c - deflated data, without a container
 *
 * ISA-L inflates one and a half times as fast as zlib, but zlib decides what is valid:
 * gzip, Python and unzip use zlib, so they accept what it accepts. When ISA-L refuses
 * data, zlib therefore inflates them once more from the beginning, up to the same byte,
 * and continues from there. */
#include "archive/inflate.h"

#include <stdlib.h>

#include <libdeflate.h>
#ifdef LC_ISAL
#include <isa-l/igzip_lib.h>
#endif
#define ZLIB_CONST /* zlib does not write to its input */
#include <zlib.h>

/* Bytes passed to a library at once: ISA-L 2.30 overflows near 4 GiB. */
#define PIECE_MAX ((size_t)64 << 20)

/* Bytes read at once when data are inflated again. */
#define AGAIN_PIECE ((size_t)64 << 10)

struct lc_inflater {
    z_stream zlib;
#ifdef LC_ISAL
    bool is_fast; /* true: isal is used; false: zlib */
    struct inflate_state isal;
#endif
};

enum lc_status lc_inflater_new(struct lc_inflater **out, struct lc_error *err)
{
    struct lc_inflater *inflater = calloc(1, sizeof(*inflater));

    if (!inflater)
        return lc_fail_memory(err);
    if (inflateInit2(&inflater->zlib, -MAX_WBITS) != Z_OK) {
        free(inflater);
        return lc_fail_memory(err);
    }
    lc_inflater_reset(inflater);
    *out = inflater;
    return LC_OK;
}

void lc_inflater_free(struct lc_inflater *inflater)
{
    if (!inflater)
        return;
    inflateEnd(&inflater->zlib);
    free(inflater);
}

void lc_inflater_reset(struct lc_inflater *inflater)
{
    inflateReset(&inflater->zlib);
#ifdef LC_ISAL
    isal_inflate_init(&inflater->isal);
    inflater->is_fast = true;
#endif
}

static uint32_t bounded(size_t size)
{
    return size < PIECE_MAX ? (uint32_t)size : (uint32_t)PIECE_MAX;
}

static enum lc_piece_result run_zlib(struct lc_inflater *inflater, struct lc_piece *piece)
{
    z_stream *stream = &inflater->zlib;
    uint32_t from_size = bounded(piece->from_size), to_size = bounded(piece->to_size);
    int code;

    stream->next_in = piece->from;
    stream->avail_in = from_size;
    stream->next_out = piece->to;
    stream->avail_out = to_size;
    code = inflate(stream, piece->stops ? Z_BLOCK : Z_NO_FLUSH);
    piece->used = from_size - stream->avail_in;
    piece->got = to_size - stream->avail_out;
    switch (code) {
    case Z_OK:
    case Z_BUF_ERROR: /* no progress */
        return LC_PIECE_CONTINUES;
    case Z_STREAM_END:
        return LC_PIECE_ENDS;
    case Z_MEM_ERROR:
        return LC_PIECE_NO_MEMORY;
    default:
        return LC_PIECE_BAD_DATA;
    }
}

#ifdef LC_ISAL

static enum lc_piece_result run_isal(struct lc_inflater *inflater, struct lc_piece *piece)
{
    struct inflate_state *state = &inflater->isal;
    uint32_t from_size = bounded(piece->from_size), to_size = bounded(piece->to_size);
    int code;

    state->next_in = (uint8_t *)(uintptr_t)piece->from; /* only read */
    state->avail_in = from_size;
    state->next_out = piece->to;
    state->avail_out = to_size;
    code = isal_inflate(state);
    /* after an error, ISA-L 2.30 may have counted the remaining bytes below zero */
    if (code < 0 || state->avail_in > from_size || state->avail_out > to_size) {
        piece->used = piece->got = 0;
        return LC_PIECE_BAD_DATA;
    }
    piece->used = from_size - state->avail_in;
    piece->got = to_size - state->avail_out;
    if (state->block_state != ISAL_BLOCK_FINISH)
        return LC_PIECE_CONTINUES;
    piece->back = (size_t)state->read_in_length / 8; /* reads ahead 8 bytes at a time */
    return LC_PIECE_ENDS;
}

#endif

enum lc_piece_result lc_inflater_run(struct lc_inflater *inflater, struct lc_piece *piece)
{
    piece->back = 0;
#ifdef LC_ISAL
    if (inflater->is_fast)
        return run_isal(inflater, piece);
#endif
    return run_zlib(inflater, piece);
}

bool lc_inflater_is_at_block(const struct lc_inflater *inflater, unsigned *bits)
{
#ifdef LC_ISAL
    const struct inflate_state *state = &inflater->isal;

    if (inflater->is_fast) {
        *bits = (unsigned)state->tmp_in_size * 8 + (unsigned)state->read_in_length;
        return state->block_state == ISAL_BLOCK_HDR && !state->bfinal &&
               state->avail_out && state->tmp_out_valid == state->tmp_out_processed;
    }
#endif
    *bits = (unsigned)inflater->zlib.data_type & 7;
    return (inflater->zlib.data_type & 0xC0) ==
           0x80; /* zlib.h: at the end of a block that is not the last */
}

bool lc_inflater_begin_at(struct lc_inflater *inflater, uint8_t byte, unsigned bits,
                          const uint8_t *window, size_t size)
{
    z_stream *zlib = &inflater->zlib;

    inflateReset(zlib);
#ifdef LC_ISAL
    inflater->is_fast = false;
#endif
    return (!bits || inflatePrime(zlib, 8 - (int)bits, byte >> bits) == Z_OK) &&
           (!size || inflateSetDictionary(zlib, window, (uInt)size) == Z_OK);
}

bool lc_inflater_is_in_doubt(const struct lc_inflater *inflater)
{
#ifdef LC_ISAL
    return inflater->is_fast;
#else
    (void)inflater;
    return false;
#endif
}

enum lc_status lc_inflater_again(struct lc_inflater *inflater,
                                 const struct lc_input *input,
                                 const struct lc_inflated *known, uint64_t *at,
                                 bool *is_same, struct lc_error *err)
{
    uint8_t *from = malloc(2 * AGAIN_PIECE), *to;
    uint64_t done = 0;
    uint32_t crc = 0;
    enum lc_status status = LC_OK;
    enum lc_piece_result result = LC_PIECE_CONTINUES;

    *at = known->at;
    *is_same = false;
    if (!from)
        return lc_fail_memory(err);
    to = from + AGAIN_PIECE;
    inflateReset(&inflater->zlib);
#ifdef LC_ISAL
    inflater->is_fast = false;
#endif
    while (done < known->size && result == LC_PIECE_CONTINUES) {
        uint64_t left = known->size - done;
        struct lc_piece piece = {
            .from = from,
            .to = to,
            .to_size = left < AGAIN_PIECE ? (size_t)left : AGAIN_PIECE,
        };

        status = lc_input_read_at(input, *at, from, AGAIN_PIECE, &piece.from_size, err);
        if (status != LC_OK)
            break;
        result = run_zlib(inflater, &piece);
        crc = lc_archive_crc(crc, to, piece.got);
        *at += piece.used;
        done += piece.got;
        if (!piece.used && !piece.got)
            break;
    }
    if (status == LC_OK && result == LC_PIECE_NO_MEMORY)
        status = lc_fail_memory(err);
    *is_same = done == known->size && crc == known->crc && result == LC_PIECE_CONTINUES;
    free(from);
    return status;
}

uint32_t lc_archive_crc(uint32_t crc, const void *data, size_t size)
{
    return size ? libdeflate_crc32(crc, data, size) : crc;
}
