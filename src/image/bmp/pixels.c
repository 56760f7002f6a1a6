#include "image/bmp/pixels.h"

#include <limits.h>

/* Past the end of a mapped file, the rest of its page reads as zeros. */
enum { PAGE_SIZE_ASSUMED = 4096 };

/* --- rows */

static uint32_t index_at(const uint8_t *row, unsigned bits, uint32_t x)
{
    if (bits == 1)
        return row[x / 8] >> (7 - x % 8) & 1;
    if (bits == 4)
        return x % 2 ? row[x / 2] & 15 : row[x / 2] >> 4;
    return row[x];
}

/* Return where the pixels of a row are to be stored. */
static uint8_t *row_of(const struct lc_bmp_pixels *pixels, uint64_t y)
{
    if (!pixels->from_top)
        y = pixels->height - 1 - y;
    return pixels->rgba + y * pixels->width * 4;
}

static void put_colour(uint8_t *to, uint32_t colour)
{
    to[0] = (uint8_t)(colour >> 16);
    to[1] = (uint8_t)(colour >> 8);
    to[2] = (uint8_t)colour;
    to[3] = 255;
}

static void put_index(struct lc_bmp_pixels *pixels, uint8_t *to, uint32_t index)
{
    put_colour(to, pixels->colours[index]);
    pixels->is_past_palette |= index >= pixels->colour_count;
}

/* Extract the part of a pixel under a mask, scaled to 8 bits and rounded down, as in
 * Pillow's Unpack.c. */
static uint8_t part_of(uint32_t pixel, uint32_t mask)
{
    unsigned shift = (unsigned)__builtin_ctz(mask);

    return (uint8_t)(((pixel & mask) >> shift) * 255 / (mask >> shift));
}

static void put_row(struct lc_bmp_pixels *pixels, uint64_t y, const uint8_t *row)
{
    uint8_t *to = row_of(pixels, y);

    for (uint32_t x = 0; x < pixels->width; x++, to += 4) {
        uint32_t pixel = 0;

        if (pixels->bits <= 8) {
            put_index(pixels, to, index_at(row, pixels->bits, x));
            continue;
        }
        for (unsigned i = 0; i < pixels->bits / 8; i++)
            pixel |= (uint32_t)row[(size_t)x * (pixels->bits / 8) + i] << (8 * i);
        for (unsigned i = 0; i < 3; i++)
            to[i] = part_of(pixel, pixels->masks[i]);
        to[3] = pixels->alpha_mask ? part_of(pixel, pixels->alpha_mask) : 255;
    }
}

static void add_row(struct lc_bmp_pixels *pixels, const uint8_t *row)
{
    struct lc_tone *tone = &pixels->tone;
    uint32_t x;

    for (x = 0; x < pixels->width && !tone->mixed; x++) {
        if (pixels->bits <= 8)
            lc_tone_add(tone, pixels->colours[index_at(row, pixels->bits, x)]);
        else if (pixels->bits == 16)
            lc_tone_add(tone, lc_le16(row + (size_t)2 * x) & pixels->colour_mask);
        else if (pixels->bits == 24)
            lc_tone_add(tone, lc_le24(row + (size_t)3 * x) & pixels->colour_mask);
        else
            lc_tone_add(tone, lc_le32(row + (size_t)4 * x) & pixels->colour_mask);
    }
}

static bool wants_alpha(const struct lc_bmp_pixels *pixels)
{
    return pixels->alpha_mask != 0 && !pixels->transparent;
}

static void find_alpha(struct lc_bmp_pixels *pixels, const uint8_t *row)
{
    uint32_t mask = pixels->alpha_mask;

    for (uint32_t x = 0; x < pixels->width && wants_alpha(pixels); x++)
        pixels->transparent = (lc_le32(row + (size_t)4 * x) & mask) != mask;
}

enum lc_bmp_end lc_bmp_read_rows(struct lc_bmp_pixels *pixels)
{
    uint64_t size = ((uint64_t)pixels->width * pixels->bits + 7) / 8;
    uint64_t rows = 0;
    uint64_t left;
    uint64_t y;

    if (!pixels->is_mapped && pixels->width > INT_MAX / pixels->bits - 7)
        return LC_BMP_WIDE;
    if (pixels->at >= pixels->file.size)
        return LC_BMP_CUT;
    if (size > pixels->stride)
        return LC_BMP_NARROW;
    left = pixels->file.size - pixels->at;
    if (left >= size)
        rows = (left - size) / pixels->stride + 1;
    if (rows > pixels->height)
        rows = pixels->height;
    for (y = 0; y < rows && (pixels->rgba || !pixels->tone.mixed || wants_alpha(pixels));
         y++) {
        const uint8_t *row = pixels->file.data + pixels->at + y * pixels->stride;

        if (pixels->rgba)
            put_row(pixels, y, row);
        add_row(pixels, row);
        find_alpha(pixels, row);
    }
    pixels->got = rows * pixels->width;
    if (rows < pixels->height)
        return LC_BMP_CUT;
    pixels->end = pixels->at + rows * pixels->stride;
    if (pixels->end > pixels->file.size) /* the last row needs no padding */
        pixels->end = pixels->file.size;
    return LC_BMP_DONE;
}

enum lc_bmp_end lc_bmp_read_map(struct lc_bmp_pixels *pixels)
{
    struct lc_bytes file = pixels->file;
    uint64_t last = pixels->at + (pixels->height - 1) * pixels->stride;
    uint64_t pages = (file.size + PAGE_SIZE_ASSUMED - 1) / PAGE_SIZE_ASSUMED;
    uint64_t y;
    uint32_t x;

    if (last + pixels->width > pages * PAGE_SIZE_ASSUMED)
        return LC_BMP_BEYOND;
    for (y = 0; y < pixels->height && (pixels->rgba || !pixels->tone.mixed); y++) {
        uint64_t at = pixels->at + y * pixels->stride;

        for (x = 0; x < pixels->width && (pixels->rgba || !pixels->tone.mixed); x++) {
            uint8_t index = at + x < file.size ? file.data[at + x] : 0;

            lc_tone_add(&pixels->tone, pixels->colours[index]);
            if (pixels->rgba)
                put_index(pixels, row_of(pixels, y) + (size_t)4 * x, index);
        }
    }
    pixels->got = (uint64_t)pixels->width * pixels->height;
    pixels->end = last + pixels->stride;
    return LC_BMP_DONE;
}

/*
 * --- Run-length encoding, BI_RLE8 and BI_RLE4
 *
 * A pair of bytes (count, value) repeats a value; RLE4 alternates between its two
 * nibbles. After a count of 0, the second byte is an escape: end of line, end of the
 * picture, a jump (delta), or the number of literal pixels that follow, padded to an even
 * number of bytes.
 *
 * Pillow decodes into one long string of pixels, rows end to end, which is complete at
 * width * height pixels. So a position is the number of pixels so far, and a row is
 * completed by padding with index 0. `x` is kept as well, because Pillow clips a run at
 * the right border by an x of its own, which it resets at an end of line and at a jump,
 * but not when a row is full.
 *
 * Cost: constant per run; literal pixels one by one.
 */

enum { END_OF_LINE, END_OF_RUNS, JUMP };

struct runs {
    struct lc_bmp_pixels *pixels;
    uint64_t wanted; /* pixels */
    uint64_t x;      /* Pillow's x: not reset when a row is full */
    bool nibbles;
};

/* Read bytes; false at the end of the file, with out set to the remaining bytes. */
static bool read_bytes(struct lc_bmp_pixels *pixels, size_t size, struct lc_bytes *out)
{
    uint64_t left = pixels->at < pixels->file.size ? pixels->file.size - pixels->at : 0;

    *out = (struct lc_bytes){pixels->file.data, left < size ? (size_t)left : size};
    if (out->size > 0)
        out->data += pixels->at;
    pixels->at += out->size;
    return out->size == size;
}

/* Add equal pixels; colours of pixels past the last one do not count. */
static void add_pixels(struct runs *runs, uint64_t count, uint8_t index)
{
    struct lc_bmp_pixels *pixels = runs->pixels;

    if (count > 0 && pixels->got < runs->wanted)
        lc_tone_add(&pixels->tone, pixels->colours[index]);
    for (uint64_t i = pixels->got;
         pixels->rgba && i < runs->wanted && i - pixels->got < count; i++)
        put_index(pixels, row_of(pixels, i / pixels->width) + i % pixels->width * 4,
                  index);
    pixels->got += count;
}

static void add_run(struct runs *runs, unsigned count, uint8_t value)
{
    uint64_t left = runs->pixels->width > runs->x ? runs->pixels->width - runs->x : 0;

    if (count > left)
        count = (unsigned)left;
    runs->x += count;
    if (!runs->nibbles) {
        add_pixels(runs, count, value);
    } else if (runs->pixels->rgba) {
        for (unsigned i = 0; i < count; i++)
            add_pixels(runs, 1, i % 2 ? value & 15 : value >> 4);
    } else if (count > 0) { /* alternating; the order does not matter */
        add_pixels(runs, 1, value >> 4);
        add_pixels(runs, count - 1, count > 1 ? value & 15 : 0);
    }
}

static bool read_literals(struct runs *runs, unsigned count)
{
    struct lc_bytes bytes;
    size_t size = runs->nibbles ? count / 2 : count;
    bool is_whole = read_bytes(runs->pixels, size, &bytes);
    size_t i;

    for (i = 0; i < bytes.size; i++) {
        if (runs->nibbles)
            add_pixels(runs, 1, bytes.data[i] >> 4);
        add_pixels(runs, 1, runs->nibbles ? bytes.data[i] & 15 : bytes.data[i]);
    }
    runs->x += count;
    if (runs->pixels->at < runs->pixels->file.size)
        runs->pixels->at += runs->pixels->at % 2;
    return is_whole;
}

/* Read a jump: Pillow reads four bytes and uses the last two as the distance. */
static bool jump(struct runs *runs)
{
    struct lc_bmp_pixels *pixels = runs->pixels;
    struct lc_bytes bytes;

    if (!read_bytes(pixels, 2, &bytes) || !read_bytes(pixels, 2, &bytes))
        return false;
    add_pixels(runs, bytes.data[0] + (uint64_t)bytes.data[1] * pixels->width, 0);
    runs->x = pixels->got % pixels->width;
    return true;
}

static bool read_run(struct runs *runs)
{
    struct lc_bmp_pixels *pixels = runs->pixels;
    struct lc_bytes bytes;

    if (!read_bytes(pixels, 2, &bytes))
        return false;
    if (bytes.data[0] > 0) {
        add_run(runs, bytes.data[0], bytes.data[1]);
        return true;
    }
    if (bytes.data[1] == END_OF_RUNS)
        return false;
    if (bytes.data[1] == JUMP)
        return jump(runs);
    if (bytes.data[1] != END_OF_LINE)
        return read_literals(runs, bytes.data[1]);
    if (pixels->got % pixels->width > 0)
        add_pixels(runs, pixels->width - pixels->got % pixels->width, 0);
    runs->x = 0;
    return true;
}

/* Skip the escapes that may follow the last pixel: end of line and end of picture. */
static void skip_end(struct lc_bmp_pixels *pixels)
{
    static const uint8_t marks[] = {END_OF_LINE, END_OF_RUNS};
    struct lc_bytes bytes;
    size_t i;

    for (i = 0; i < sizeof(marks); i++) {
        pixels->end = pixels->at;
        if (read_bytes(pixels, 2, &bytes) && bytes.data[0] == 0 &&
            bytes.data[1] == marks[i])
            pixels->end = pixels->at;
        pixels->at = pixels->end;
    }
}

enum lc_bmp_end lc_bmp_read_runs(struct lc_bmp_pixels *pixels, bool nibbles)
{
    struct runs runs = {.pixels = pixels, .nibbles = nibbles};

    runs.wanted = (uint64_t)pixels->width * pixels->height;
    while (pixels->got < runs.wanted && read_run(&runs))
        ;
    if (pixels->got < runs.wanted)
        return LC_BMP_CUT;
    skip_end(pixels);
    pixels->got = runs.wanted;
    return LC_BMP_DONE;
}
