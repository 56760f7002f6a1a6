/* PNG: read with the checker's decoder and written with libpng */
#include "transcode/picture.h"

#include "image/image.h"
#include "image/png/png.h"
#include "transcode/libpng.h"
#include "transcode/shrink.h"

#include <stdlib.h>

/* ---- reading ---- */

/* Receives the rows: puts them on white and scales them down. */
struct reader {
    struct lc_shrink shrink;
    uint8_t *row; /* a row without alpha */
    enum lc_status status;
    struct lc_error *err;
};

static bool begin(void *user, uint32_t width, uint32_t height)
{
    struct reader *reader = user;

    reader->row = malloc((size_t)3 * width);
    reader->status = reader->row
                         ? lc_shrink_begin(&reader->shrink, width, height, reader->err)
                         : lc_fail_memory(reader->err);
    return reader->status == LC_OK;
}

static void add_row(void *user, const uint8_t *rgba)
{
    struct reader *reader = user;
    uint8_t *to = reader->row;

    for (uint32_t x = 0; x < reader->shrink.width; x++, rgba += 4)
        for (unsigned c = 0; c < 3; c++)
            *to++ = lc_on_white(rgba[c], rgba[3]);
    lc_shrink_row(&reader->shrink, reader->row);
}

enum lc_status lc_picture_read_png(const uint8_t *data, size_t size, uint32_t factor,
                                   struct lc_picture *out, struct lc_error *err)
{
    struct reader reader = {.shrink = {.out = out, .factor = factor}, .err = err};
    const struct lc_image_rows rows = {begin, add_row, &reader};
    struct lc_image_scratch *scratch = NULL;
    bool is_whole;
    enum lc_status status = lc_image_scratch_new(&scratch, err);

    out->channels = 3;
    if (status == LC_OK)
        status = lc_png_read(scratch, data, size, &rows, err);
    if (reader.status != LC_OK)
        status = reader.status;
    is_whole = lc_shrink_end(&reader.shrink);
    if (status == LC_OK && is_whole)
        lc_picture_drop_colours(out);
    free(reader.row);
    lc_image_scratch_free(scratch);
    return status == LC_ERR_MEMORY || (status == LC_OK && is_whole)
               ? status
               : lc_picture_fail(err);
}

/* ---- writing ---- */

/* The state of encoding. Errors jump out; all state is here, so that nothing depends on a
 * local variable after the jump. */
struct job {
    struct lc_libpng libpng;
    const struct lc_picture *in;
    struct lc_buffer *bytes; /* the encoded picture */
    enum lc_status status;
    struct lc_error *err;
};

static void fail(struct job *job)
{
    if (job->status == LC_OK)
        job->status =
            job->libpng.no_memory ? lc_fail_memory(job->err) : lc_picture_fail(job->err);
}

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
