/* PNG, with libpng: rows as far as they inflate, ignoring checksums */
#include "thumb/decode.h"

#include "base/bytes.h"
#include "transcode/libpng.h"

#include <stdlib.h>
#include <string.h>

enum { COLOURS = 256 };

/* libpng's progressive reader gets the whole file at once and calls back for each
 * complete row, so a truncated file has delivered its rows when decoding fails. Errors
 * jump out; all state is here, so that nothing depends on a local variable after the
 * jump. */
struct job {
    struct lc_libpng libpng;
    struct lc_painter *painter;
    bool interlaced;
    unsigned depth, colour, samples;
    uint32_t width, height;
    uint8_t palette[COLOURS][LC_CANVAS_BYTES];
    uint8_t alpha[COLOURS]; /* alphas of the palette */
    bool has_key;           /* one colour is transparent */
    unsigned key[LC_CANVAS_BYTES];
    uint8_t *rgb; /* pixels of one row */
};

/* ---- before the pixels ---- */

/* Read the palette. Colours that it does not have are the grays of their numbers. */
static void read_palette(struct job *job)
{
    png_colorp colours = NULL;
    int count = 0;

    for (unsigned i = 0; i < COLOURS; i++) {
        memset(job->palette[i], (int)i, LC_CANVAS_BYTES);
        job->alpha[i] = 255;
    }
    (void)png_get_PLTE(job->libpng.png, job->libpng.info, &colours, &count);
    for (int i = 0; i < count && i < COLOURS; i++) {
        job->palette[i][0] = colours[i].red;
        job->palette[i][1] = colours[i].green;
        job->palette[i][2] = colours[i].blue;
    }
}

static void read_transparency(struct job *job)
{
    png_bytep alpha = NULL;
    png_color_16p key = NULL;
    int count = 0;

    if (!png_get_tRNS(job->libpng.png, job->libpng.info, &alpha, &count, &key))
        return;
    if (job->colour == PNG_COLOR_TYPE_PALETTE && alpha && count > 0)
        memcpy(job->alpha, alpha, count < COLOURS ? (size_t)count : COLOURS);
    job->has_key =
        key && (job->colour == PNG_COLOR_TYPE_GRAY || job->colour == PNG_COLOR_TYPE_RGB);
    if (!job->has_key)
        return;
    job->key[0] = job->colour == PNG_COLOR_TYPE_GRAY ? key->gray : key->red;
    job->key[1] = key->green;
    job->key[2] = key->blue;
}

static void on_head(png_structp png, png_infop info)
{
    struct job *job = png_get_progressive_ptr(png);
    struct lc_painter *painter = job->painter;

    if (job->rgb) /* called a second time, for more image data after another chunk: no
                     reader treats that as pixels */
        longjmp(job->libpng.escape, 1);
    job->width = png_get_image_width(png, info);
    job->height = png_get_image_height(png, info);
    job->depth = png_get_bit_depth(png, info);
    job->colour = png_get_color_type(png, info);
    job->samples = png_get_channels(png, info);
    job->interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
    if (!lc_paint_begin(painter, job->width, job->height))
        longjmp(job->libpng.escape, 1);
    if (png_get_rowbytes(png, info) > LC_THUMB_ROW ||
        (size_t)job->width * LC_CANVAS_BYTES > LC_THUMB_ROW) {
        painter->why = "its rows are too long";
        longjmp(job->libpng.escape, 1);
    }
    read_palette(job);
    read_transparency(job);
    job->rgb = png_malloc(png, (png_alloc_size_t)job->width * LC_CANVAS_BYTES);
    png_set_packing(png); /* expand samples of fewer bits to whole bytes */
    png_start_read_image(png);
}

/* ---- rows ---- */

/* Convert a sample to 8 bits. */
static uint8_t level(const struct job *job, unsigned value)
{
    if (job->depth == 16 && job->colour == PNG_COLOR_TYPE_GRAY && !job->painter->seen)
        return (uint8_t)(value < 255 ? value : 255);
    if (job->depth == 16)
        return (uint8_t)(value >> 8);
    return (uint8_t)(value * 255 / ((1U << job->depth) - 1));
}

static void put_on_white(uint8_t rgb[LC_CANVAS_BYTES], unsigned alpha)
{
    for (size_t i = 0; i < LC_CANVAS_BYTES; i++)
        rgb[i] = (uint8_t)((rgb[i] * alpha + 255 * (255 - alpha)) / 255);
}

static void read_pixel(const struct job *job, const uint8_t *row, size_t index,
                       uint8_t out[LC_CANVAS_BYTES])
{
    unsigned alpha = 255, values[4] = {0};
    bool is_key = job->has_key;

    for (unsigned i = 0; i < job->samples; i++) {
        size_t at = index * job->samples + i;

        values[i] = job->depth == 16 ? lc_be16(row + 2 * at) : row[at];
        is_key = is_key && values[i] == job->key[i < LC_CANVAS_BYTES ? i : 0];
    }
    if (job->colour == PNG_COLOR_TYPE_PALETTE) {
        memcpy(out, job->palette[values[0]], LC_CANVAS_BYTES);
        alpha = job->alpha[values[0]];
    } else {
        for (unsigned i = 0; i < LC_CANVAS_BYTES; i++)
            out[i] = level(job, values[job->colour & PNG_COLOR_MASK_COLOR ? i : 0]);
        if (job->colour & PNG_COLOR_MASK_ALPHA)
            alpha = level(job, values[job->samples - 1]);
    }
    if (job->painter->seen && (is_key || alpha < 255))
        put_on_white(out, is_key ? 0 : alpha);
}

/* If many pixels fall into one, use only this many in each direction. */
enum { SAMPLES = 8 };

static uint32_t stride(uint32_t from, uint32_t to)
{
    return from / to < 2 * SAMPLES ? 1 : from / to / SAMPLES;
}

/* Paint a row of a pass, or of the whole picture if it is not interlaced. */
static void on_row(png_structp png, png_bytep row, png_uint_32 number, int pass)
{
    struct job *job = png_get_progressive_ptr(png);
    struct lc_canvas *canvas = job->painter->canvas;
    uint32_t step = stride(job->width, canvas->width), pixels = job->width, count = 0;
    uint32_t x = 0, x_step = 1, y = number;

    if (!row || number % stride(job->height, canvas->height))
        return;
    if (job->interlaced) {
        x = (uint32_t)PNG_PASS_START_COL(pass);
        x_step = (uint32_t)PNG_PASS_COL_OFFSET(pass);
        y = number * (uint32_t)PNG_PASS_ROW_OFFSET(pass) +
            (uint32_t)PNG_PASS_START_ROW(pass);
        if (x >= job->width || y >= job->height)
            return;
        pixels = (job->width - x + x_step - 1) / x_step;
    }
    for (uint32_t i = 0; i < pixels; i += step)
        read_pixel(job, row, i, job->rgb + (size_t)LC_CANVAS_BYTES * count++);
    lc_canvas_add(canvas, x, y, x_step * step, job->rgb, count);
}

static void decode(struct job *job)
{
    png_structp png;

    if (setjmp(job->libpng.escape) || !lc_libpng_open_reader(&job->libpng))
        return;
    png = job->libpng.png;
    png_set_progressive_read_fn(png, job, on_head, on_row, NULL);
    /* libpng does not write to its input; the signature predates const */
    png_process_data(png, job->libpng.info, (png_bytep)(uintptr_t)job->painter->data,
                     job->painter->size);
}

static bool has_no_size(const struct lc_painter *painter)
{
    const uint8_t *data = painter->data; /* signature, length, "IHDR", width, height */

    return painter->size >= 24 && memcmp(data + 12, "IHDR", 4) == 0 &&
           (!lc_be32(data + 16) || !lc_be32(data + 20));
}

enum lc_status lc_paint_png(struct lc_painter *painter, struct lc_error *err)
{
    struct job *job;
    bool no_memory;

    if (has_no_size(painter)) { /* libpng would only say that the header is invalid */
        (void)lc_paint_begin(painter, 0, 0);
        return LC_OK;
    }
    job = calloc(1, sizeof(*job));
    if (!job)
        return lc_fail_memory(err);
    job->painter = painter;
    decode(job);
    no_memory = job->libpng.no_memory;
    if (job->rgb)
        png_free(job->libpng.png, job->rgb);
    lc_libpng_close_reader(&job->libpng);
    free(job);
    return no_memory ? lc_fail_memory(err) : LC_OK;
}
