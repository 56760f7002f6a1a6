/* JPEG, with libjpeg: decodes like Pillow; encodes with quality 95 without subsampling */
#include "transcode/picture.h"

#include "image/common/facts.h"
#include "transcode/shrink.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#define QUALITY 95

/* Larger pictures get the standard Huffman tables. Tables of their own would save some
 * percent of the file, but require all coefficients of a picture in memory, 6 bytes per
 * pixel of RGB. */
#define LARGE (UINT64_C(1) << 24)

/* The state of decoding or encoding. libjpeg passes the address of its first member to
 * callbacks. */
struct job {
    struct jpeg_error_mgr error;
    struct jpeg_decompress_struct reader;
    struct jpeg_compress_struct writer;
    jmp_buf escape;
    bool no_memory;
    struct lc_shrink shrink;
    const struct lc_picture *in;
    unsigned char *bytes; /* the encoded picture, allocated by libjpeg */
    unsigned long size;
    uint8_t *cmyk; /* one row */
    uint8_t *row;  /* the same row as gray or RGB */
    enum lc_status status;
    struct lc_error *err;
};

_Noreturn static void on_error(j_common_ptr cinfo)
{
    struct job *job = (struct job *)(void *)cinfo->err;

    job->no_memory |= cinfo->err->msg_code == JERR_OUT_OF_MEMORY;
    longjmp(job->escape, 1);
}

static void on_message(j_common_ptr cinfo, int level)
{
    cinfo->err->num_warnings += level < 0;
}

static void set_errors(struct job *job)
{
    (void)jpeg_std_error(&job->error);
    job->error.error_exit = on_error;
    job->error.emit_message = on_message;
}

/* Convert CMYK to RGB like Pillow's cmyk2rgb (Convert.c), which expects CMYK inverted, as
 * Adobe writes it. */
static void from_cmyk(const uint8_t *cmyk, uint8_t *rgb, size_t count)
{
    for (size_t i = 0; i < count; i++, cmyk += 4, rgb += 3)
        for (size_t c = 0; c < 3; c++) {
            unsigned black = cmyk[3], product = (255U - cmyk[c]) * black + 128;

            rgb[c] = (uint8_t)(black - (((product >> 8) + product) >> 8));
        }
}

/* No local is changed after setjmp: all state is in the job. */
static void decode(struct job *job, const uint8_t *data, size_t size)
{
    struct jpeg_decompress_struct *reader = &job->reader;

    if (setjmp(job->escape)) {
        job->status =
            job->no_memory ? lc_fail_memory(job->err) : lc_picture_fail(job->err);
        return;
    }
    jpeg_create_decompress(reader);
    reader->mem->max_memory_to_use = (long)lc_image_limits_default.max_memory;
    jpeg_mem_src(reader, data, (unsigned long)size);
    (void)jpeg_read_header(reader, TRUE);
    reader->out_color_space = reader->num_components == 4   ? JCS_CMYK
                              : reader->num_components == 1 ? JCS_GRAYSCALE
                                                            : JCS_RGB;
    job->shrink.out->channels = reader->num_components == 1 ? 1 : 3;
    job->status = lc_shrink_begin(&job->shrink, reader->image_width, reader->image_height,
                                  job->err);
    if (job->status != LC_OK)
        return;
    (void)jpeg_start_decompress(reader);
    job->row = malloc((size_t)reader->image_width * 3);
    if (reader->out_color_space == JCS_CMYK)
        job->cmyk = malloc((size_t)reader->image_width * 4);
    if (!job->row || (reader->out_color_space == JCS_CMYK && !job->cmyk)) {
        job->status = lc_fail_memory(job->err);
        return;
    }
    while (reader->output_scanline < reader->output_height) {
        JSAMPROW row = job->cmyk ? job->cmyk : job->row;

        (void)jpeg_read_scanlines(reader, &row, 1);
        if (job->cmyk)
            from_cmyk(job->cmyk, job->row, reader->image_width);
        lc_shrink_row(&job->shrink, job->row);
    }
    if (job->shrink.factor > 1 && job->error.num_warnings)
        job->status = lc_picture_fail(job->err);
}

enum lc_status lc_picture_read_jpeg(const uint8_t *data, size_t size, uint32_t factor,
                                    struct lc_picture *out, struct lc_error *err)
{
    struct job *job = calloc(1, sizeof(*job));
    enum lc_status status;

    if (!job)
        return lc_fail_memory(err);
    job->shrink = (struct lc_shrink){.out = out, .factor = factor};
    job->err = err;
    set_errors(job);
    job->reader.err = &job->error;
    decode(job, data, size);
    jpeg_destroy_decompress(&job->reader);
    status = job->status;
    if (!lc_shrink_end(&job->shrink) && status == LC_OK)
        status = lc_picture_fail(err);
    free(job->cmyk);
    free(job->row);
    free(job);
    return status;
}

static void encode(struct job *job)
{
    struct jpeg_compress_struct *writer = &job->writer;
    const struct lc_picture *in = job->in;

    if (setjmp(job->escape)) {
        job->status =
            job->no_memory ? lc_fail_memory(job->err) : lc_picture_fail(job->err);
        return;
    }
    jpeg_create_compress(writer);
    jpeg_mem_dest(writer, &job->bytes, &job->size);
    writer->image_width = in->width;
    writer->image_height = in->height;
    writer->input_components = (int)in->channels;
    writer->in_color_space = in->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(writer);
    jpeg_set_quality(writer, QUALITY, TRUE);
    for (int i = 0; i < writer->num_components; i++)
        writer->comp_info[i].h_samp_factor = writer->comp_info[i].v_samp_factor = 1;
    writer->optimize_coding = (uint64_t)in->width * in->height < LARGE;
    jpeg_start_compress(writer, TRUE);
    while (writer->next_scanline < writer->image_height) {
        JSAMPROW row =
            in->pixels + (size_t)writer->next_scanline * in->width * in->channels;

        (void)jpeg_write_scanlines(writer, &row, 1);
    }
    jpeg_finish_compress(writer);
}

enum lc_status lc_picture_write_jpeg(const struct lc_picture *picture,
                                     struct lc_buffer *out, struct lc_error *err)
{
    struct job *job = calloc(1, sizeof(*job));
    enum lc_status status;

    if (!job)
        return lc_fail_memory(err);
    job->in = picture;
    job->err = err;
    set_errors(job);
    job->writer.err = &job->error;
    encode(job);
    status = job->status;
    if (status == LC_OK)
        status = lc_buffer_add(out, job->bytes, job->size, err);
    jpeg_destroy_compress(&job->writer);
    free(job->bytes);
    free(job);
    return status;
}
