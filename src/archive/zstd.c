/* zstd.c - decompresses zstd files */
#include "archive/frames.h"
#include "base/bytes.h"

#include <zstd.h>
#include <zstd_errors.h>

/* Whether a frame begins here, or a skippable one: RFC 8878 3.1. */
static bool is_zstd(const uint8_t *data, size_t size)
{
    return size >= 4 &&
           (lc_le32(data) == 0xFD2FB528U || (lc_le32(data) & ~0xFU) == 0x184D2A50U);
}

static enum lc_status start_zstd(void **state, uint64_t window, struct lc_error *err)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    int log = 10;

    if (!context)
        return lc_fail_memory(err);
    while (log < 31 && UINT64_C(1) << (log + 1) <= window)
        log++;
    (void)ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, log);
    *state = context;
    return LC_OK;
}

static bool restart_zstd(void *state)
{
    return !ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only));
}

static enum lc_piece_result decode_zstd(void *state, struct lc_piece *piece)
{
    ZSTD_inBuffer in = {piece->from, piece->from_size, 0};
    ZSTD_outBuffer out = {piece->to, piece->to_size, 0};
    size_t code = ZSTD_decompressStream(state, &out, &in);

    piece->used = in.pos;
    piece->got = out.pos;
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_no_error:
        return code ? LC_PIECE_CONTINUES : LC_PIECE_ENDS;
    case ZSTD_error_checksum_wrong:
        return LC_PIECE_BAD_CHECKSUM;
    case ZSTD_error_frameParameter_windowTooLarge:
        return LC_PIECE_TOO_LARGE;
    case ZSTD_error_memory_allocation:
        return LC_PIECE_NO_MEMORY;
    default:
        return LC_PIECE_BAD_DATA;
    }
}

static void stop_zstd(void *state)
{
    ZSTD_freeDCtx(state);
}

const struct lc_frame_format lc_format_zstd = {
    .codec = {.coding = LC_CODING_ZSTD,
              .is_one = is_zstd,
              .open = lc_frames_open,
              .read = lc_frames_read,
              .close = lc_frames_close},
    .start = start_zstd,
    .restart = restart_zstd,
    .decode = decode_zstd,
    .stop = stop_zstd,
    .cut = "it ends within zstd data",
    .bad_data = "zstd data cannot be decompressed",
    .bad_checksum = "the checksum of a zstd frame differs",
    .too_large = "the window of a zstd frame is too large",
    .trailing = "bytes after the zstd data",
};
