/* PNG: the rows that inflate, whatever the checksums say */
#include "thumb/decode.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST /* next_in may point to constant bytes */
#include <zlib.h>

enum { SIGNATURE_SIZE = 8, HEADER_SIZE = 13, COLOURS = 256 };

/* IHDR's colour types. */
enum { GRAY = 0, RGB = 2, PALETTE = 3, GRAY_ALPHA = 4, RGB_ALPHA = 6 };

/* One pass of an interlaced picture, and the whole of one that is not. */
struct pass {
    uint8_t x, y, x_step, y_step;
};

static const struct pass whole = {0, 0, 1, 1};
static const struct pass passes[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8},
                                     {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2},
                                     {0, 1, 1, 2}};
#define PASS_COUNT (sizeof(passes) / sizeof(passes[0]))

struct png {
    struct lc_painter *painter;
    uint32_t width, height;
    unsigned depth, colour, samples;
    bool interlaced;
    uint8_t palette[COLOURS][LC_CANVAS_BYTES];
    uint8_t alpha[COLOURS]; /* of the palette */
    bool has_key;           /* one colour is transparent */
    unsigned key[LC_CANVAS_BYTES];
    z_stream stream;
    size_t at;     /* of the next chunk */
    uint8_t *room; /* two rows, each behind its filter's byte, and the pixels of one */
    uint8_t *row, *before, *rgb;
};

/* A chunk that is there, or its beginning. */
struct chunk {
    const uint8_t *name;
    const uint8_t *data;
    size_t size; /* of it that is there */
};

static bool next_chunk(struct png *png, struct chunk *out)
{
    const uint8_t *data = png->painter->data;
    size_t left = png->painter->size - png->at;
    uint64_t size;

    if (left < 8)
        return false;
    size = lc_be32(data + png->at);
    left -= 8;
    out->name = data + png->at + 4;
    out->data = out->name + 4;
    out->size = size < left ? (size_t)size : left;
    png->at += 8 + out->size;
    png->at += left - out->size < 4 ? left - out->size : 4; /* the checksum */
    return true;
}

static bool is_named(const struct chunk *chunk, const char *name)
{
    return memcmp(chunk->name, name, 4) == 0;
}

/* ---- what is before the pixels ---- */

static bool read_header(struct png *png, const struct chunk *chunk)
{
    static const uint8_t samples[] = {1, 0, 3, 1, 2, 0, 4};
    const uint8_t *s = chunk->data;
    bool good;

    if (!is_named(chunk, "IHDR") || chunk->size < HEADER_SIZE || s[9] > RGB_ALPHA)
        return false;
    png->width = lc_be32(s);
    png->height = lc_be32(s + 4);
    png->depth = s[8];
    png->colour = s[9];
    png->samples = samples[s[9]];
    png->interlaced = s[12] != 0;
    good = png->depth == 8 || (png->depth == 16 && png->colour != PALETTE);
    if (png->depth == 1 || png->depth == 2 || png->depth == 4)
        good = png->samples == 1;
    return good && png->samples;
}

static void read_palette(struct png *png, const struct chunk *chunk)
{
    size_t room = sizeof(png->palette);

    memcpy(png->palette, chunk->data, chunk->size < room ? chunk->size : room);
}

static void read_transparency(struct png *png, const struct chunk *chunk)
{
    if (png->colour == PALETTE)
        memcpy(png->alpha, chunk->data, chunk->size < COLOURS ? chunk->size : COLOURS);
    png->has_key = (png->colour == GRAY && chunk->size >= 2) ||
                   (png->colour == RGB && chunk->size >= 6);
    for (unsigned i = 0; png->has_key && i < png->samples; i++)
        png->key[i] = lc_be16(chunk->data + (size_t)2 * i);
}

/* Go to the pixels; false when there are none. */
static bool read_head(struct png *png, struct chunk *chunk)
{
    png->at = SIGNATURE_SIZE;
    if (png->painter->size < SIGNATURE_SIZE || !next_chunk(png, chunk) ||
        !read_header(png, chunk))
        return false;
    for (unsigned i = 0; i < COLOURS; i++) {
        memset(png->palette[i], (int)i, LC_CANVAS_BYTES);
        png->alpha[i] = 255;
    }
    while (next_chunk(png, chunk)) {
        if (is_named(chunk, "IDAT"))
            return true;
        if (is_named(chunk, "PLTE"))
            read_palette(png, chunk);
        else if (is_named(chunk, "tRNS"))
            read_transparency(png, chunk);
    }
    return false;
}

/* ---- rows ---- */

/* Bytes of a row of so many pixels, without its filter byte. */
static size_t row_size(const struct png *png, uint32_t pixels)
{
    return (size_t)(((uint64_t)pixels * png->samples * png->depth + 7) / 8);
}

static uint8_t paeth(int left, int up, int corner)
{
    int guess = left + up - corner;
    int a = abs(guess - left), b = abs(guess - up), c = abs(guess - corner);

    return (uint8_t)(a <= b && a <= c ? left : b <= c ? up : corner);
}

/* Undo a row's filter, 0 to 4: PNG specification section 9.2. A loop for each, as most of
 * the time goes here. */
static void unfilter(const struct png *png, unsigned filter, size_t size)
{
    size_t step = png->samples * png->depth < 8 ? 1 : png->samples * png->depth / 8;
    uint8_t *row = png->row;
    const uint8_t *up = png->before;

    for (size_t i = step; filter == 1 && i < size; i++)
        row[i] = (uint8_t)(row[i] + row[i - step]);
    for (size_t i = 0; filter == 2 && i < size; i++)
        row[i] = (uint8_t)(row[i] + up[i]);
    for (size_t i = 0; filter == 3 && i < size; i++)
        row[i] = (uint8_t)(row[i] + ((i < step ? 0 : row[i - step]) + up[i]) / 2);
    for (size_t i = 0; filter == 4 && i < size; i++)
        row[i] =
            (uint8_t)(row[i] +
                      (i < step ? up[i] : paeth(row[i - step], up[i], up[i - step])));
}

static unsigned sample(const struct png *png, size_t index)
{
    unsigned in_byte, shift;

    if (png->depth == 8)
        return png->row[index];
    if (png->depth == 16)
        return lc_be16(png->row + 2 * index);
    in_byte = 8 / png->depth;
    shift = 8 - png->depth * (unsigned)(1 + index % in_byte);
    return (unsigned)png->row[index / in_byte] >> shift & ((1U << png->depth) - 1);
}

/* A sample as 8 bits. */
static uint8_t level(const struct png *png, unsigned value)
{
    if (png->depth == 16 && png->colour == GRAY && !png->painter->seen)
        return (uint8_t)(value < 255 ? value : 255);
    if (png->depth == 16)
        return (uint8_t)(value >> 8);
    return (uint8_t)(value * 255 / ((1U << png->depth) - 1));
}

static void on_white(uint8_t rgb[LC_CANVAS_BYTES], unsigned alpha)
{
    for (size_t i = 0; i < LC_CANVAS_BYTES; i++)
        rgb[i] = (uint8_t)((rgb[i] * alpha + 255 * (255 - alpha)) / 255);
}

static void take_pixel(const struct png *png, size_t index, uint8_t out[LC_CANVAS_BYTES])
{
    unsigned alpha = 255, values[4] = {0};
    bool gray = png->colour == GRAY || png->colour == GRAY_ALPHA;
    bool is_key = png->has_key;

    for (unsigned i = 0; i < png->samples; i++) {
        values[i] = sample(png, index * png->samples + i);
        is_key = is_key && values[i] == png->key[i < LC_CANVAS_BYTES ? i : 0];
    }
    if (png->colour == PALETTE) {
        memcpy(out, png->palette[values[0]], LC_CANVAS_BYTES);
        alpha = png->alpha[values[0]];
    } else {
        for (unsigned i = 0; i < LC_CANVAS_BYTES; i++)
            out[i] = level(png, values[gray ? 0 : i]);
        if (png->colour == GRAY_ALPHA || png->colour == RGB_ALPHA)
            alpha = level(png, values[png->samples - 1]);
    }
    if (png->painter->seen && (is_key || alpha < 255))
        on_white(out, is_key ? 0 : alpha);
}

/* Inflate bytes; how many there were. */
static size_t take(struct png *png, struct chunk *chunk, uint8_t *to, size_t size)
{
    z_stream *stream = &png->stream;
    int code = Z_OK;

    stream->next_out = to;
    stream->avail_out = (uInt)size;
    while (code == Z_OK && stream->avail_out) {
        while (!stream->avail_in) {
            if (!next_chunk(png, chunk) || !is_named(chunk, "IDAT"))
                return size - stream->avail_out;
            stream->next_in = chunk->data;
            stream->avail_in = (uInt)chunk->size;
        }
        code = inflate(stream, Z_NO_FLUSH);
    }
    return size - stream->avail_out;
}

/* Of many pixels that become one, so many each way are looked at. */
enum { SAMPLES = 8 };

static uint32_t stride(uint32_t from, uint32_t to)
{
    return from / to < 2 * SAMPLES ? 1 : from / to / SAMPLES;
}

/* Paint the pixels of a row that is there. */
static void paint_row(struct png *png, const struct pass *pass, uint32_t y,
                      uint32_t pixels)
{
    struct lc_canvas *canvas = png->painter->canvas;
    uint32_t step = stride(png->width, canvas->width), count = 0;

    if (y / pass->y_step % stride(png->height, canvas->height))
        return;
    for (uint32_t i = 0; i < pixels; i += step)
        take_pixel(png, i, png->rgb + (size_t)LC_CANVAS_BYTES * count++);
    lc_canvas_add(canvas, pass->x, y, pass->x_step * step, png->rgb, count);
}

/* Paint the rows of a pass; false when they end too early. */
static bool paint_pass(struct png *png, struct chunk *chunk, const struct pass *pass)
{
    uint32_t pixels;
    size_t size;

    if (png->width <= pass->x)
        return true;
    pixels = (png->width - pass->x + pass->x_step - 1U) / pass->x_step;
    size = row_size(png, pixels);
    memset(png->before, 0, size);
    for (uint32_t y = pass->y; y < png->height; y += pass->y_step) {
        uint8_t *row = png->row;
        uint8_t *filter = row - 1;

        if (take(png, chunk, filter, size + 1) != size + 1 || *filter > 4)
            return false;
        unfilter(png, *filter, size);
        paint_row(png, pass, y, pixels);
        png->row = png->before;
        png->before = row;
    }
    return true;
}

static void paint(struct png *png, struct chunk *chunk)
{
    png->stream.next_in = chunk->data;
    png->stream.avail_in = (uInt)chunk->size;
    if (!png->interlaced) {
        (void)paint_pass(png, chunk, &whole);
        return;
    }
    for (size_t i = 0; i < PASS_COUNT; i++)
        if (!paint_pass(png, chunk, &passes[i]))
            return;
}

enum lc_status lc_paint_png(struct lc_painter *painter, struct lc_error *err)
{
    struct png png = {.painter = painter};
    struct chunk chunk = {NULL, NULL, 0};
    size_t size;

    if (!read_head(&png, &chunk) || !lc_paint_begin(painter, png.width, png.height))
        return LC_OK;
    size = row_size(&png, png.width);
    if (size > LC_THUMB_ROW || (size_t)png.width * LC_CANVAS_BYTES > LC_THUMB_ROW) {
        painter->why = "its rows are too long";
        return LC_OK;
    }
    png.room = calloc(1, 2 * (size + 1) + (size_t)png.width * LC_CANVAS_BYTES);
    if (!png.room || inflateInit(&png.stream) != Z_OK) {
        free(png.room);
        return lc_fail_memory(err);
    }
    png.row = png.room + 1;
    png.before = png.row + size + 1;
    png.rgb = png.before + size;
    paint(&png, &chunk);
    inflateEnd(&png.stream);
    free(png.room);
    return LC_OK;
}
