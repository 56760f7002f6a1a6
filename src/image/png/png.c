#include "image/png/png.h"

#include "image/png/chunks.h"

#include <libdeflate.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "image/common/exif.h"
#include "image/png/fast.h"
#include "image/png/picture.h"

/*
 * Pillow feeds its inflater at most this much of a chunk at once and stops in the middle
 * of a block after the last row. So the size decides which faults after that row Pillow
 * notices: a wrong checksum in the same block, but not in the next one.
 */
enum { BLOCK_SIZE = 65536 };

/* How far to follow a stream past the last row in order to verify its checksum. */
enum { TAIL_SIZE = 1 << 20 };

static enum lc_png_result check_crc(struct lc_png *png, const struct lc_png_chunk *chunk,
                                    struct lc_bytes s)
{
    struct lc_bytes stored;
    uint32_t crc = libdeflate_crc32(0, chunk->name, 4);

    if (png->lenient && (chunk->name[0] & 0x20)) { /* an ancillary chunk */
        lc_png_skip(png, 4);
        return LC_PNG_READ;
    }
    if (s.size > 0) /* libdeflate returns the initial value for a NULL buffer */
        crc = libdeflate_crc32(crc, s.data, s.size);
    if (lc_png_read_bytes(png, 4, &stored) != LC_PNG_READ)
        return LC_PNG_RAISES;
    if (lc_be32(stored.data) != crc)
        return lc_png_refuse(png, "wrong checksum in a chunk before the pixels");
    return LC_PNG_READ;
}

/* Read the chunks before the pixels; *last is the first chunk of pixels, or IEND. */
static enum lc_png_result read_head(struct lc_png *png, struct lc_png_chunk *last)
{
    for (;;) {
        struct lc_bytes s = {NULL, 0};
        enum lc_png_result result;

        if (lc_png_next_chunk(png, last) != LC_PNG_READ)
            return LC_PNG_RAISES;
        result = lc_png_read_chunk(png, last);
        if (result == LC_PNG_RAISES || result == LC_PNG_END)
            return result;
        if (result == LC_PNG_UNKNOWN) {
            if (lc_png_read_bytes(png, last->length, &s) != LC_PNG_READ)
                return LC_PNG_RAISES;
        } else {
            s = (struct lc_bytes){png->data + last->at, last->length};
        }
        if (check_crc(png, last, s) != LC_PNG_READ)
            return LC_PNG_RAISES;
    }
}

/* The pixel chunks, read as one stream. */
struct pixels {
    struct lc_png *png;
    uint64_t left;  /* unread bytes of the current chunk */
    uint32_t crc;   /* checksum of the bytes read */
    unsigned wrong; /* chunks with a wrong checksum */
    bool raises;    /* a chunk was refused, rather than missing */
};

static void begin_crc(struct pixels *pixels, const struct lc_png_chunk *chunk)
{
    const struct lc_png *png = pixels->png;

    pixels->crc = libdeflate_crc32(0, chunk->name, 4);
    if (png->at > chunk->at)
        pixels->crc =
            libdeflate_crc32(pixels->crc, png->data + chunk->at, png->at - chunk->at);
}

/* Pillow does not verify the checksums of pixel chunks, so only count the wrong ones. */
static void end_crc(struct pixels *pixels)
{
    struct lc_png *png = pixels->png;

    if (png->size - png->at >= 4 && lc_be32(png->data + png->at) != pixels->crc)
        pixels->wrong++;
    lc_png_skip(png, 4);
}

static enum lc_png_result out_of_pixels(struct lc_png *png)
{
    lc_image_judge(png->info, LC_DECODE_TRUNCATED, "the pixels end too early");
    return LC_PNG_RAISES;
}

/* Advance to the next pixel chunk; any other chunk ends the pixels. */
static enum lc_png_result next_pixel_chunk(struct pixels *pixels)
{
    struct lc_png *png = pixels->png;
    struct lc_png_chunk chunk;
    size_t at;

    end_crc(pixels);
    at = png->at;
    if (lc_png_next_chunk(png, &chunk) != LC_PNG_READ) {
        png->at = at;
        return LC_PNG_RAISES;
    }
    pixels->left = chunk.length;
    if (lc_png_chunk_is(&chunk, "fdAT")) {
        if (png->lenient &&
            chunk.length < 4) { /* Pillow reads the rest of the file then */
            png->at = png->size;
            return out_of_pixels(png);
        }
        pixels->raises = lc_png_read_chunk(png, &chunk) == LC_PNG_RAISES;
        if (pixels->raises)
            return LC_PNG_RAISES;
        pixels->left -= 4;
    } else if (!lc_png_chunk_is(&chunk, "IDAT") && !lc_png_chunk_is(&chunk, "DDAT")) {
        png->at = at; /* Pillow reads it again, as one after the pixels */
        return out_of_pixels(png);
    }
    begin_crc(pixels, &chunk);
    return LC_PNG_READ;
}

static enum lc_png_result next_block(struct pixels *pixels, struct lc_bytes *out)
{
    struct lc_png *png = pixels->png;
    uint64_t size;

    while (pixels->left == 0) {
        if (next_pixel_chunk(pixels) != LC_PNG_READ)
            return LC_PNG_RAISES;
    }
    size = pixels->left < BLOCK_SIZE ? pixels->left : BLOCK_SIZE;
    pixels->left -= size;
    if (size > png->size - png->at)
        size = png->size - png->at;
    if (size == 0)
        return out_of_pixels(png);
    *out = (struct lc_bytes){png->data + png->at, (size_t)size};
    png->at += (size_t)size;
    pixels->crc = libdeflate_crc32(pixels->crc, out->data, out->size);
    return LC_PNG_READ;
}

/* Set up the rows; false if the frame lies outside the picture, or Pillow cannot allocate
 * one of its rows. */
static bool begin_rows(struct lc_png *png, struct lc_png_rows *rows,
                       struct lc_png_blank *blank, struct lc_png_alpha *alpha)
{
    const struct lc_png_area *tile = &png->tile;

    *rows = (struct lc_png_rows){.blank = blank, .alpha = alpha};
    /* each gets half of the buffer, which suffices for every row that it is given */
    lc_png_blank_begin(blank, png, png->scratch->text);
    lc_png_alpha_begin(alpha, png, png->scratch->text + LC_IMAGE_TEXT_SIZE / 2);
    if (tile->kind == LC_PNG_AREA_INVALID)
        return false;
    rows->stream = &png->scratch->stream;
    rows->window = png->scratch->row;
    rows->window_size = sizeof(png->scratch->row);
    rows->width = png->info->width;
    rows->height = png->info->height;
    if (tile->kind == LC_PNG_AREA_FRAME) {
        rows->width = tile->width;
        rows->height = tile->height;
        if (rows->width == 0 || rows->height == 0)
            return false;
        if ((uint64_t)tile->x + tile->width > png->info->width ||
            (uint64_t)tile->y + tile->height > png->info->height)
            return false;
    }
    rows->bits = png->mode->bits;
    if (rows->width > INT_MAX / rows->bits - 7)
        return false;
    rows->interlaced = png->interlaced;
    lc_png_rows_begin(rows);
    if (((uint64_t)rows->width * rows->bits + 7) / 8 >= rows->window_size) {
        blank->possible = false;
        alpha->found = alpha->kind != LC_PNG_ALPHA_NONE; /* do not claim that it is
                                                            opaque */
    }
    if (rows->width < png->info->width || rows->height < png->info->height) {
        lc_png_blank_outside(blank);
        lc_png_alpha_zero(alpha);
    }
    return true;
}

/*
 * Follow the stream past Pillow's last row to the end of its chunk, to verify its
 * checksum. A very long tail is skipped. Returns true if the checksum was reached and is
 * correct: the pixels are then as they were written, even if the checksums of their
 * chunks are wrong.
 */
static bool check_tail(struct lc_png *png, struct lc_png_rows *rows, struct lc_bytes rest)
{
    z_stream *stream = rows->stream;
    size_t left = TAIL_SIZE;
    int code = Z_OK;

    while (code == Z_OK && !rows->ended && left > 0) {
        if (stream->avail_in == 0) {
            stream->next_in = rest.data;
            stream->avail_in = (uInt)(rest.size < TAIL_SIZE ? rest.size : TAIL_SIZE);
            rest.size = 0;
        }
        stream->next_out = rows->window;
        stream->avail_out = BLOCK_SIZE;
        code = inflate(stream, Z_NO_FLUSH);
        left -= BLOCK_SIZE - stream->avail_out;
    }
    if (code == Z_DATA_ERROR)
        lc_image_warn(png->info, "wrong checksum at the end of the pixel data");
    return rows->ended || code == Z_STREAM_END;
}

/* Read the rest of the chunk in which the last row ended. */
static void finish_chunk(struct pixels *pixels, struct lc_png_rows *rows,
                         enum lc_png_rows_state state)
{
    struct lc_png *png = pixels->png;
    size_t left = png->size - png->at;
    struct lc_bytes rest = {png->data + png->at, left};

    if (pixels->left < left)
        rest.size = (size_t)pixels->left;
    pixels->crc = libdeflate_crc32(pixels->crc, rest.data, rest.size);
    png->at += rest.size;
    if (state != LC_PNG_ROWS_DONE) {
        lc_png_skip(png, 4);
        return;
    }
    end_crc(pixels);
    if (!check_tail(png, rows, rest) && pixels->wrong)
        lc_image_warn(png->info, "wrong checksum in a chunk of pixel data");
}

/* Read the chunks after the pixels. Pillow ignores their checksums and a missing IEND. */
static enum lc_png_result read_end(struct lc_png *png, bool animated)
{
    const struct lc_image_info before = *png->info;
    struct lc_png_chunk chunk;

    for (;; lc_png_skip(png, 4)) {
        enum lc_png_result result;
        struct lc_bytes s;

        if (lc_png_next_chunk(png, &chunk) != LC_PNG_READ) {
            *png->info = before;
            return LC_PNG_READ;
        }
        if (lc_png_chunk_is(&chunk, "IEND") ||
            (animated && lc_png_chunk_is(&chunk, "fcTL")))
            return LC_PNG_READ;
        result = lc_png_read_chunk(png, &chunk);
        if (result == LC_PNG_RAISES)
            return result;
        if (result == LC_PNG_READ)
            continue;
        if (lc_png_chunk_is(&chunk, "fdAT"))
            chunk.length -= 4;
        if (lc_png_read_bytes(png, chunk.length, &s) == LC_PNG_READ)
            continue;
        if (!png->lenient || result == LC_PNG_UNKNOWN)
            return LC_PNG_RAISES;
        *png->info = before;
        return LC_PNG_READ;
    }
}

/* Bytes after IEND. `at` is past the last pixels that were read; an animation has more
 * chunks before IEND. */
static uint64_t trailing(struct lc_png *png, size_t at)
{
    while (png->size - at >= 12) {
        uint64_t length = (uint64_t)lc_be32(png->data + at) + 12;
        bool is_end = memcmp(png->data + at + 4, "IEND", 4) == 0;

        if (length > png->size - at)
            return 0;
        at += (size_t)length;
        if (is_end)
            return png->size - at;
    }
    return 0;
}

static enum lc_png_result judge_rows(struct lc_png *png, const struct lc_png_rows *rows,
                                     enum lc_png_rows_state state)
{
    if (png->lenient)
        png->has_holes = rows->y < rows->height;
    else if (state == LC_PNG_ROWS_BROKEN)
        return lc_png_refuse(png, "the pixel data is corrupt");
    else if (state == LC_PNG_ROWS_FILTER)
        return lc_png_refuse(png, "a row has an unknown filter");
    if (rows->y < rows->height)
        lc_image_warn(png->info, "the pixels end after %u of %u rows",
                      (unsigned)lc_png_rows_complete(rows), (unsigned)rows->height);
    return LC_PNG_READ;
}

/* Inflate the pixels. Returns LC_PNG_READ even if they are corrupt, because whatever
 * Pillow finds after them takes precedence; LC_PNG_RAISES if it stops here. */
static enum lc_png_result decode_rows(struct lc_png *png, struct lc_png_rows *rows,
                                      uint32_t length, enum lc_png_rows_state *out)
{
    struct pixels pixels = {.png = png};
    struct lc_png_chunk first = {.at = png->tile_at, .length = length};
    const struct lc_image_info before = *png->info;
    enum lc_png_rows_state state = LC_PNG_ROWS_MORE;
    struct lc_bytes block;

    if (png->picture) {
        if (!lc_png_picture_begin(png->picture, png, rows->width, rows->height))
            return lc_png_refuse(png, "its pixels are not read");
        rows->picture = png->picture;
        rows->window = png->picture->window;
        rows->window_size = png->picture->window_size;
    }
    png->at = png->tile_at;
    memcpy(first.name, png->data + png->tile_at - png->tile_skip - 4, 4);
    first.at -= png->tile_skip;
    pixels.left = length;
    begin_crc(&pixels, &first);
    while (state == LC_PNG_ROWS_MORE) {
        if (next_block(&pixels, &block) != LC_PNG_READ)
            break;
        state = lc_png_rows_feed(rows, block);
    }
    png->no_memory = state == LC_PNG_ROWS_NO_MEMORY;
    if (state == LC_PNG_ROWS_MORE && png->lenient && !pixels.raises) {
        *png->info = before;
        *out = state;
        return LC_PNG_READ;
    }
    if (state == LC_PNG_ROWS_MORE && png->info->decode == LC_DECODE_TRUNCATED)
        lc_image_judge(png->info, LC_DECODE_TRUNCATED, "%u of %u rows decoded",
                       (unsigned)lc_png_rows_complete(rows), (unsigned)rows->height);
    if (state == LC_PNG_ROWS_MORE || state == LC_PNG_ROWS_NO_MEMORY)
        return LC_PNG_RAISES;
    finish_chunk(&pixels, rows, state);
    *out = state;
    return LC_PNG_READ;
}

/* Pillow's load(): the pixels, then the chunks after them, even if the pixels are
 * corrupt. */
static enum lc_png_result read_pixels(struct lc_png *png, uint32_t length, bool animated)
{
    enum lc_png_rows_state state = LC_PNG_ROWS_DONE;
    enum lc_png_result result = LC_PNG_READ;
    struct lc_png_blank blank;
    struct lc_png_alpha alpha;
    struct lc_png_rows rows;
    bool intact;
    size_t end;

    if (png->tile.kind == LC_PNG_AREA_FRAME && png->tile.x == 0 && png->tile.width == 0)
        /* Pillow 9.4 treats it as the whole picture */
        return lc_png_refuse(png, "a frame of width 0 at the left border" LC_PILLOW_11_1);
    if (!begin_rows(png, &rows, &blank, &alpha))
        return lc_png_refuse(png, "the frame does not fit in the picture");
    intact = !png->limits->no_shortcuts && lc_png_prove(png, &rows);
    if (!intact) {
        (void)begin_rows(png, &rows, &blank, &alpha);
        result = decode_rows(png, &rows, length, &state);
    }
    png->info->rows_decoded = lc_png_rows_complete(&rows);
    if (result != LC_PNG_READ)
        return result;
    end = png->at;
    /* check now: pixel chunks found later replace png->tile */
    intact = intact || png->lenient || lc_png_is_intact(png);
    if (read_end(png, animated) != LC_PNG_READ)
        return LC_PNG_RAISES;
    if (judge_rows(png, &rows, state) != LC_PNG_READ)
        return LC_PNG_RAISES;
    if (rows.y < rows.height)
        lc_png_alpha_zero(&alpha);
    png->info->transparent = alpha.found;
    png->info->blank = blank.possible && png->info->warnings == 0;
    png->info->trailing = trailing(png, end);
    if (!intact && png->info->warnings == 0)
        png->info->lenient = LC_LENIENT_WHOLE;
    return LC_PNG_READ;
}

enum palette { PALETTE_NONE, PALETTE_VALID, PALETTE_LARGE };

static enum palette palette_of(const struct lc_png *png)
{
    if (!png->has_palette)
        return PALETTE_NONE;
    return png->palette.size / 3 > 256 ? PALETTE_LARGE : PALETTE_VALID;
}

/*
 * Check whether convert("RGB") raises. Pillow attaches a palette to any picture that has
 * one, even if a second IHDR has changed its mode, and converts the transparent colour
 * too. Mode and palette are those from before the pixels.
 */
static enum lc_png_result check_conversion(struct lc_png *png, enum palette palette)
{
    const char *mode = png->info->mode;
    bool is_palette = strcmp(mode, "P") == 0;
    bool is_gray = strcmp(mode, "L") == 0;

    if (palette != PALETTE_NONE && !is_palette && !is_gray && strcmp(mode, "LA") != 0)
        return lc_png_refuse(png, "a palette in a picture whose mode has none");
    if (palette == PALETTE_LARGE)
        return lc_png_refuse(png, "palette too large");
    if (!is_palette && !is_gray)
        return LC_PNG_READ;
    if (png->transparency == LC_PNG_TRANSPARENT_TEXT)
        return lc_png_refuse(png, "a text replaces the transparent colour");
    if (is_palette && palette == PALETTE_NONE &&
        png->transparency == LC_PNG_TRANSPARENT_INDEX)
        return lc_png_refuse(png, "a transparent colour, but no palette");
    return LC_PNG_READ;
}

static uint8_t orientation(const struct lc_png *png)
{
    int value = png->raw_exif_orientation;

    if (png->exif.data && png->exif_is_text)
        value = png->exif.size > 0 ? LC_EXIF_RAISES : LC_EXIF_ABSENT;
    else if (png->exif.data)
        value = lc_exif_orientation(png->exif);
    if (value == LC_EXIF_ABSENT)
        value = png->xmp_orientation;
    return value > 0 ? (uint8_t)value : 0;
}

static enum lc_png_result inspect(struct lc_png *png)
{
    struct lc_image_info *info = png->info;
    struct lc_png_chunk last;
    enum lc_png_result result = read_head(png, &last);
    uint32_t frames;
    enum palette palette;

    info->width = png->width;
    info->height = png->height;
    if (result == LC_PNG_RAISES)
        return result;
    if (!png->mode)
        return lc_png_refuse(png, "no valid IHDR chunk before the pixels");
    if (png->width == 0 || png->height == 0)
        return lc_png_refuse(png, "the width or height is 0");
    snprintf(info->mode, sizeof(info->mode), "%s", png->mode->name);
    info->depth = png->mode->depth;
    if (lc_image_over_limit(info, png->limits))
        return LC_PNG_RAISES;
    if (!png->has_tile)
        return lc_png_refuse(png, "no pixels");
    palette = palette_of(png);
    if (palette == PALETTE_LARGE && strcmp(info->mode, "P") == 0)
        return lc_png_refuse(png, "palette too large");
    frames = png->has_frames ? png->frames : 1;
    if (png->has_frames && png->has_default_image)
        frames++;
    if (lc_png_chunk_is(&last, "fdAT"))
        last.length -= 4;
    info->frames = frames;
    if (read_pixels(png, last.length, frames > 1) != LC_PNG_READ)
        return LC_PNG_RAISES;
    return check_conversion(png, palette);
}

static bool is_refused(const struct lc_image_info *info)
{
    return info->decode == LC_DECODE_TRUNCATED || info->decode == LC_DECODE_CORRUPT;
}

/* Read a refused file again, as if LOAD_TRUNCATED_IMAGES were set. A warning means pixels
 * with a wrong checksum, which may not be as they were written. */
static enum lc_lenient inspect_leniently(struct lc_png *png)
{
    png->lenient = true;
    if (inspect(png) != LC_PNG_READ)
        return LC_LENIENT_REFUSED;
    return png->has_holes || png->info->warnings > 0 ? LC_LENIENT_HOLES
                                                     : LC_LENIENT_WHOLE;
}

enum lc_status lc_png_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    const struct lc_png start = {
        .data = data,
        .size = size,
        .at = 8,
        .info = out,
        .scratch = scratch,
        .limits = limits,
        .raw_exif_orientation = LC_EXIF_ABSENT,
    };
    struct lc_image_info unused = {0}; /* for the second reading */
    struct lc_png png = start, again = start;

    again.info = &unused;

    if (size < 8) {
        lc_image_judge(out, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return LC_OK;
    }
    if (inspect(&png) == LC_PNG_READ)
        lc_image_accept(out);
    out->blank = out->blank && out->decode == LC_DECODE_OK;
    out->transparent = out->transparent && !is_refused(out);
    if (is_refused(out))
        out->lenient = inspect_leniently(&again);
    if (png.no_memory || again.no_memory)
        return lc_fail_memory(err);
    out->orientation = orientation(&png);
    return LC_OK;
}

enum lc_status lc_png_read(struct lc_image_scratch *scratch, const uint8_t *data,
                           size_t size, const struct lc_image_rows *rows,
                           struct lc_error *err)
{
    static const struct lc_image_limits limits = {.max_pixels = UINT64_MAX,
                                                  .max_stream = UINT64_C(512) << 20,
                                                  .no_shortcuts = true};
    struct lc_image_info info = {0};
    struct lc_png_picture picture = {.rows = rows};
    struct lc_png png = {
        .data = data,
        .size = size,
        .at = 8,
        .info = &info,
        .scratch = scratch,
        .limits = &limits,
        .picture = &picture,
        .raw_exif_orientation = LC_EXIF_ABSENT,
    };
    bool sound = size >= 8 && inspect(&png) == LC_PNG_READ;

    lc_png_picture_end(&picture, &png, sound && info.warnings == 0);
    if (png.no_memory || picture.status == LC_ERR_MEMORY)
        return lc_fail_memory(err);
    return picture.status == LC_OK
               ? LC_OK
               : lc_fail(err, LC_ERR_USAGE, 0,
                         "the PNG is damaged or of an unsupported form");
}
