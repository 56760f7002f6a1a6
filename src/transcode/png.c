/* PNG, with libpng: 16 bits lose their lower half, alpha is put on white */
#include "transcode/picture.h"

#include "image/common/facts.h"
#include "transcode/libpng.h"

#include <stdlib.h>
#include <string.h>

/* The state of decoding or encoding. Errors jump out; all state is here, so that nothing
 * depends on a local variable after the jump. */
struct job {
    struct lc_libpng libpng;
    const uint8_t *data; /* to read */
    size_t left;
    struct lc_picture *out;
    const struct lc_picture *in;
    struct lc_buffer *bytes; /* written */
    uint8_t *rows;           /* with alpha */
    png_bytepp pointers;
    enum lc_status status;
    struct lc_error *err;
};

static void fail(struct job *job)
{
    if (job->status == LC_OK)
        job->status =
            job->libpng.no_memory ? lc_fail_memory(job->err) : lc_picture_fail(job->err);
}

/* ---- reading ---- */

static void read_bytes(png_structp png, png_bytep to, size_t size)
{
    struct job *job = png_get_io_ptr(png);

    if (size > job->left)
        png_error(png, "end");
    memcpy(to, job->data, size);
    job->data += size;
    job->left -= size;
}

/* Have libpng deliver 8 bits of gray or RGB, with alpha where there is transparency. */
static void set_transformations(struct job *job)
{
    png_structp png = job->libpng.png;
    png_infop info = job->libpng.info;

    png_set_read_fn(png, job, read_bytes);
    png_read_info(png, info);
    if ((uint64_t)png_get_image_width(png, info) * png_get_image_height(png, info) >
        lc_image_limits_default.max_pixels)
        png_error(png, "size"); /* before rows are allocated */
    png_set_expand(png);
    png_set_strip_16(png);
    (void)png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

/* Take the alpha of the rows away, on white. */
static void flatten(const struct job *job, unsigned samples)
{
    const uint8_t *from = job->rows;
    uint8_t *to = job->out->pixels;
    size_t pixels = (size_t)job->out->width * job->out->height;

    for (size_t i = 0; i < pixels; i++, from += samples)
        for (unsigned c = 0; c < job->out->channels; c++)
            *to++ = lc_on_white(from[c], from[samples - 1]);
}

static void decode(struct job *job)
{
    struct lc_picture *out = job->out;
    png_structp png;
    unsigned samples;
    size_t row;

    if (setjmp(job->libpng.escape)) {
        fail(job);
        return;
    }
    if (!lc_libpng_open_reader(&job->libpng)) {
        job->status = lc_fail_memory(job->err);
        return;
    }
    set_transformations(job);
    png = job->libpng.png;
    samples = png_get_channels(png, job->libpng.info);
    out->width = png_get_image_width(png, job->libpng.info);
    out->height = png_get_image_height(png, job->libpng.info);
    out->channels = samples < 3 ? 1 : 3;
    row = (size_t)out->width * samples;
    job->status = lc_picture_begin(out, job->err);
    if (job->status != LC_OK)
        return;
    if (samples != out->channels)
        job->rows = calloc(out->height, row);
    job->pointers = calloc(out->height, sizeof(*job->pointers));
    if ((samples != out->channels && !job->rows) || !job->pointers) {
        job->status = lc_fail_memory(job->err);
        return;
    }
    for (uint32_t y = 0; y < out->height; y++)
        job->pointers[y] = (job->rows ? job->rows : out->pixels) + y * row;
    png_read_image(png, job->pointers);
    if (job->rows)
        flatten(job, samples);
}

enum lc_status lc_picture_read_png(const uint8_t *data, size_t size,
                                   struct lc_picture *out, struct lc_error *err)
{
    struct job *job = calloc(1, sizeof(*job));
    enum lc_status status;

    if (!job)
        return lc_fail_memory(err);
    job->data = data;
    job->left = size;
    job->out = out;
    job->err = err;
    decode(job);
    status = job->status;
    lc_libpng_close_reader(&job->libpng);
    free(job->rows);
    free(job->pointers);
    free(job);
    return status;
}

/* ---- writing ---- */

static void write_bytes(png_structp png, png_bytep data, size_t size)
{
    struct job *job = png_get_io_ptr(png);

    if (lc_buffer_add(job->bytes, data, size, job->err) != LC_OK) {
        job->status = LC_ERR_MEMORY;
        png_error(png, "memory");
    }
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

static void encode(struct job *job)
{
    const struct lc_picture *in = job->in;
    png_structp png;

    if (setjmp(job->libpng.escape)) {
        fail(job);
        return;
    }
    if (!lc_libpng_open_writer(&job->libpng)) {
        job->status = lc_fail_memory(job->err);
        return;
    }
    png = job->libpng.png;
    png_set_write_fn(png, job, write_bytes, flush_nothing);
    png_set_IHDR(png, job->libpng.info, in->width, in->height, 8,
                 in->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, job->libpng.info);
    for (uint32_t y = 0; y < in->height; y++)
        png_write_row(png, in->pixels + (size_t)y * in->width * in->channels);
    png_write_end(png, NULL);
}

enum lc_status lc_picture_write_png(const struct lc_picture *picture,
                                    struct lc_buffer *out, struct lc_error *err)
{
    struct job *job = calloc(1, sizeof(*job));
    enum lc_status status;

    if (!job)
        return lc_fail_memory(err);
    job->in = picture;
    job->bytes = out;
    job->err = err;
    encode(job);
    status = job->status;
    lc_libpng_close_writer(&job->libpng);
    free(job);
    return status;
}
