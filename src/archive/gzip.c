/* gzip.c - decompresses gzip files
 *
 * A gzip file is a sequence of members, each with a header, deflated data, and a trailer
 * with the CRC-32 and length of the data; zeros may follow the last one. Headers and
 * trailers are read here and not by zlib, so that every fault gets a name and an offset.
 *
 * As in gzip(1), reading ends at the first damaged member, and whatever follows the last
 * member, except zeros, is trailing garbage. */
#include "archive/inflate.h"
#include "archive/internal.h"
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFLATED = 8,
    FLAG_HEADER_CRC = 2,
    FLAG_EXTRA = 4,
    FLAG_NAME = 8,
    FLAG_COMMENT = 16
};

struct gzip {
    struct lc_inflater *inflater;
    bool is_in_member;
    bool has_member; /* at least one member was complete */
    uint64_t at;     /* start of the member's deflated data in the file */
    uint64_t begin;  /* start of the member's data within all uncompressed bytes */
    uint32_t crc;
    uint32_t header_crc;
};

static bool is_gzip(const uint8_t *data, size_t size)
{
    return size >= 2 && data[0] == 0x1F && data[1] == 0x8B;
}

static enum lc_status open_gzip(struct lc_stream *stream, struct lc_error *err)
{
    struct gzip *gzip = calloc(1, sizeof(*gzip));

    if (!gzip)
        return lc_fail_memory(err);
    stream->state = gzip;
    return lc_inflater_new(&gzip->inflater, err);
}

static void close_gzip(void *state)
{
    struct gzip *gzip = state;

    if (!gzip)
        return;
    lc_inflater_free(gzip->inflater);
    free(gzip);
}

/* Get the next byte of the file; *is_there is set to false at its end. */
static enum lc_status next_byte(struct lc_stream *stream, uint8_t *out, bool *is_there,
                                struct lc_error *err)
{
    struct gzip *gzip = stream->state;
    enum lc_status status = lc_input_fill(&stream->input, err);

    *is_there = status == LC_OK && stream->input.begin < stream->input.end;
    if (*is_there) {
        *out = stream->input.data[stream->input.begin++];
        gzip->header_crc = lc_archive_crc(gzip->header_crc, out, 1);
    }
    return status;
}

static enum lc_status next_bytes(struct lc_stream *stream, uint8_t *out, size_t size,
                                 bool *are_there, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *are_there = true;
    for (size_t i = 0; status == LC_OK && *are_there && i < size; i++)
        status = next_byte(stream, out + i, are_there, err);
    return status;
}

/* Skip a text and the NUL that ends it. */
static enum lc_status skip_text(struct lc_stream *stream, bool *is_there,
                                struct lc_error *err)
{
    enum lc_status status;
    uint8_t byte;

    do
        status = next_byte(stream, &byte, is_there, err);
    while (status == LC_OK && *is_there && byte);
    return status;
}

/* Read the rest of a header, after its first two bytes. If it is not a header, or is cut
 * off, end the stream. */
static enum lc_status read_header(struct lc_stream *stream, struct lc_error *err)
{
    struct gzip *gzip = stream->state;
    uint8_t fixed[8], two[2];
    uint32_t crc;
    bool is_there;
    enum lc_status status = next_bytes(stream, fixed, sizeof(fixed), &is_there, err);

    if (status == LC_OK && is_there && (fixed[0] != DEFLATED || fixed[1] & 0xE0)) {
        lc_stream_break(stream, stream->produced, LC_ARCHIVE_BAD_DATA,
                        "a gzip header is not valid");
        return LC_OK;
    }
    if (status == LC_OK && is_there && fixed[1] & FLAG_EXTRA) {
        status = next_bytes(stream, two, sizeof(two), &is_there, err);
        for (size_t n = lc_le16(two); status == LC_OK && is_there && n > 0; n--)
            status = next_byte(stream, fixed, &is_there, err);
    }
    if (status == LC_OK && is_there && fixed[1] & FLAG_NAME)
        status = skip_text(stream, &is_there, err);
    if (status == LC_OK && is_there && fixed[1] & FLAG_COMMENT)
        status = skip_text(stream, &is_there, err);
    crc = gzip->header_crc & 0xFFFF;
    if (status == LC_OK && is_there && fixed[1] & FLAG_HEADER_CRC) {
        status = next_bytes(stream, two, sizeof(two), &is_there, err);
        if (status == LC_OK && is_there && lc_le16(two) != crc) {
            lc_stream_break(stream, stream->produced, LC_ARCHIVE_BAD_CHECKSUM,
                            "the checksum of a gzip header differs");
            return LC_OK;
        }
    }
    if (status != LC_OK)
        return status;
    if (!is_there) {
        lc_stream_break(stream, stream->produced, LC_ARCHIVE_TRUNCATED,
                        "it ends within a gzip header");
        return LC_OK;
    }
    lc_inflater_reset(gzip->inflater);
    gzip->crc = 0;
    gzip->at = lc_input_position(&stream->input);
    gzip->begin = stream->produced;
    gzip->is_in_member = true;
    return LC_OK;
}

/* Skip the zeros after a member, begin the next member, or end the stream. */
static enum lc_status begin_member(struct lc_stream *stream, struct lc_error *err)
{
    struct gzip *gzip = stream->state;
    uint8_t magic[2] = {0};
    enum lc_status status;
    uint64_t at, end = lc_input_position(&stream->input);
    bool is_there;

    do {
        at = lc_input_position(&stream->input);
        gzip->header_crc = 0;
        status = next_byte(stream, magic, &is_there, err);
    } while (status == LC_OK && is_there && gzip->has_member && !magic[0]);
    if (status != LC_OK)
        return status;
    if (!is_there) {
        stream->is_over = true;
        return LC_OK;
    }
    status = next_byte(stream, magic + 1, &is_there, err);
    if (status != LC_OK)
        return status;
    if (magic[0] == 0x1F && is_there && magic[1] == 0x8B) {
        if (at != end)
            lc_archive_note(stream->log, LC_ARCHIVE_AMBIGUOUS, stream->produced,
                            "zeros before more gzip data, at which gzip stops");
        return read_header(stream, err);
    }
    lc_archive_note(stream->log, LC_ARCHIVE_TRAILING, stream->produced,
                    "bytes after the gzip data");
    stream->trailing = stream->input.size > at ? stream->input.size - at : 0;
    stream->is_over = true;
    return LC_OK;
}

static enum lc_status end_member(struct lc_stream *stream, uint64_t produced,
                                 struct lc_error *err)
{
    struct gzip *gzip = stream->state;
    uint8_t trailer[8];
    bool is_there;
    enum lc_status status = next_bytes(stream, trailer, sizeof(trailer), &is_there, err);

    gzip->is_in_member = false;
    gzip->has_member = true;
    if (status != LC_OK)
        return status;
    if (!is_there) {
        lc_stream_break(stream, produced, LC_ARCHIVE_TRUNCATED,
                        "it ends within a gzip trailer");
    } else if (lc_le32(trailer) != gzip->crc) {
        lc_archive_note_range(stream->log, LC_ARCHIVE_BAD_CHECKSUM, gzip->begin, produced,
                              "the CRC-32 of a gzip member differs");
        stream->fault = LC_ARCHIVE_BAD_CHECKSUM;
        stream->is_over = true;
    } else if (lc_le32(trailer + 4) != (uint32_t)(produced - gzip->begin)) {
        lc_archive_note_range(stream->log, LC_ARCHIVE_BAD_LENGTH, gzip->begin, produced,
                              "the length of a gzip member differs");
        stream->fault = LC_ARCHIVE_BAD_LENGTH;
        stream->is_over = true;
    }
    return LC_OK;
}

/* Have zlib decide about data that ISA-L cannot inflate. */
static enum lc_status read_again(struct lc_stream *stream, struct lc_error *err)
{
    struct gzip *gzip = stream->state;
    struct lc_inflated known = {gzip->at, stream->produced - gzip->begin, gzip->crc};
    bool is_same;
    uint64_t at;
    enum lc_status status =
        lc_inflater_again(gzip->inflater, &stream->input, &known, &at, &is_same, err);

    if (status != LC_OK)
        return status;
    lc_input_seek(&stream->input, at);
    if (!is_same) {
        lc_archive_note_range(stream->log, LC_ARCHIVE_BAD_DATA, gzip->begin,
                              stream->produced, "gzip data cannot be inflated");
        stream->fault = LC_ARCHIVE_BAD_DATA;
        stream->is_over = true;
    }
    return LC_OK;
}

/* Keep the last bytes before the next point. */
static void keep_recent(struct lc_collector *collector, const uint8_t *data, size_t size)
{
    size_t keep = collector->recent_size;

    if (size > LC_ARCHIVE_WINDOW) {
        data += size - LC_ARCHIVE_WINDOW;
        size = LC_ARCHIVE_WINDOW;
    }
    if (keep + size > sizeof(collector->recent)) {
        memmove(collector->recent, collector->recent + keep - LC_ARCHIVE_WINDOW,
                LC_ARCHIVE_WINDOW);
        keep = LC_ARCHIVE_WINDOW;
    }
    memcpy(collector->recent + keep, data, size);
    collector->recent_size = keep + size;
}

/* Whether a point is wanted now: then only little is inflated at once, so that the
 * inflater stops at the start of a block. */
static bool wants_point(const struct lc_stream *stream)
{
    return stream->collector && stream->produced >= stream->collector->next;
}

/* Whether output is so close to the next point that the point's window may contain it. */
static bool is_near_point(const struct lc_stream *stream, uint64_t produced)
{
    return stream->collector && produced + ((uint64_t)1 << 20) >= stream->collector->next;
}

/* Bytes of input at once while a point is wanted: fewer than most block headers have. */
#define POINT_PIECE 8

/* Report a point, if a block begins after the bytes inflated so far. */
static enum lc_status report_point(struct lc_stream *stream, uint64_t produced,
                                   struct lc_error *err)
{
    struct lc_collector *collector = stream->collector;
    struct lc_archive_point *point = &collector->point;
    const struct gzip *gzip = stream->state;
    size_t all = collector->recent_size;
    size_t size = all < LC_ARCHIVE_WINDOW ? all : LC_ARCHIVE_WINDOW;
    uint64_t in_member = produced - gzip->begin;
    unsigned bits;

    if (in_member < size)
        size = (size_t)in_member;
    if (!lc_inflater_is_at_block(gzip->inflater, &bits) ||
        (size < LC_ARCHIVE_WINDOW && size < in_member))
        return LC_OK;
    point->offset = produced;
    point->bit = lc_input_position(&stream->input) * 8 - bits;
    point->begin = gzip->begin;
    point->crc = gzip->crc;
    point->window_size = (uint32_t)size;
    memcpy(point->window, collector->recent + all - size, size);
    collector->next = produced + collector->distance;
    collector->recent_size = 0;
    return collector->each(collector->user, point, err);
}

static enum lc_status seek_gzip(struct lc_stream *stream,
                                const struct lc_archive_point *point, bool *done,
                                struct lc_error *err)
{
    struct gzip *gzip = stream->state;
    unsigned bits = point->bit % 8;
    enum lc_status status;
    uint8_t byte = 0;

    if (point->window_size > LC_ARCHIVE_WINDOW)
        return LC_OK;
    lc_input_seek(&stream->input, point->bit / 8);
    status = lc_input_fill(&stream->input, err);
    if (status != LC_OK)
        return status;
    if (bits && stream->input.begin < stream->input.end)
        byte = stream->input.data[stream->input.begin++];
    if (!lc_inflater_begin_at(gzip->inflater, byte, bits, point->window,
                              point->window_size))
        return lc_fail_memory(err);
    gzip->is_in_member = true;
    gzip->begin = point->begin;
    gzip->crc = point->crc;
    *done = true;
    return LC_OK;
}

static enum lc_status read_gzip(struct lc_stream *stream, uint8_t *to, size_t size,
                                size_t *got, struct lc_error *err)
{
    struct gzip *gzip = stream->state;
    struct lc_input *input = &stream->input;
    enum lc_status status = LC_OK;

    *got = 0;
    while (status == LC_OK && !*got && !stream->is_over) {
        struct lc_piece piece = {.to = to, .to_size = size};
        enum lc_piece_result result;
        uint64_t produced;

        status =
            gzip->is_in_member ? lc_input_fill(input, err) : begin_member(stream, err);
        if (status != LC_OK || !gzip->is_in_member)
            continue;
        piece.from = input->data + input->begin;
        piece.from_size = input->end - input->begin;
        piece.stops = wants_point(stream);
        if (piece.stops && piece.from_size > POINT_PIECE)
            piece.from_size = POINT_PIECE;
        result = lc_inflater_run(gzip->inflater, &piece);
        if (result == LC_PIECE_BAD_DATA && lc_inflater_is_in_doubt(gzip->inflater)) {
            status = read_again(stream, err);
            continue;
        }
        input->begin += piece.used - piece.back;
        *got = piece.got;
        produced = stream->produced + piece.got;
        gzip->crc = lc_archive_crc(gzip->crc, to, piece.got);
        if (is_near_point(stream, produced))
            keep_recent(stream->collector, to, piece.got);
        if (piece.stops && result == LC_PIECE_CONTINUES)
            status = report_point(stream, produced, err);
        if (status != LC_OK)
            break;
        if (result == LC_PIECE_ENDS)
            status = end_member(stream, produced, err);
        else if (result == LC_PIECE_NO_MEMORY)
            status = lc_fail_memory(err);
        else if (result != LC_PIECE_CONTINUES)
            lc_stream_break(stream, produced, LC_ARCHIVE_BAD_DATA,
                            "gzip data cannot be inflated");
        else if (!piece.from_size && !piece.got)
            lc_stream_break(stream, produced, LC_ARCHIVE_TRUNCATED,
                            "it ends within gzip data");
    }
    return status;
}

const struct lc_codec lc_codec_gzip = {
    .coding = LC_CODING_GZIP,
    .is_one = is_gzip,
    .open = open_gzip,
    .read = read_gzip,
    .seek = seek_gzip,
    .close = close_gzip,
};
