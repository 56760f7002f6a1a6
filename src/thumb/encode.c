#include "thumb/encode.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum { QUALITY = 72 };

struct job {
    struct jpeg_error_mgr error; /* first: libjpeg passes its address to callbacks */
    struct jpeg_compress_struct cinfo;
    jmp_buf escape;
    unsigned char *bytes; /* allocated by libjpeg with malloc */
    unsigned long size;
};

_Noreturn static void on_error(j_common_ptr cinfo)
{
    longjmp(((struct job *)(void *)cinfo->err)->escape, 1);
}

/* Compress pixels. Returns false only if an allocation failed, since the pixels are our
 * own and within libjpeg's limits. No local is changed after setjmp. */
static bool compress(struct job *job, const uint8_t *rgb, uint32_t width, uint32_t height)
{
    struct jpeg_compress_struct *cinfo = &job->cinfo;

    if (setjmp(job->escape))
        return false;
    cinfo->err = jpeg_std_error(&job->error);
    job->error.error_exit = on_error;
    jpeg_create_compress(cinfo);
    jpeg_mem_dest(cinfo, &job->bytes, &job->size);
    cinfo->image_width = width;
    cinfo->image_height = height;
    cinfo->input_components = 3;
    cinfo->in_color_space = JCS_RGB;
    jpeg_set_defaults(cinfo);
    jpeg_set_quality(cinfo, QUALITY, TRUE);
    cinfo->comp_info[0].h_samp_factor =
        1; /* no chroma subsampling in such a small picture */
    cinfo->comp_info[0].v_samp_factor = 1;
    cinfo->optimize_coding = TRUE;
    cinfo->write_JFIF_header = FALSE;
    jpeg_start_compress(cinfo, TRUE);
    while (cinfo->next_scanline < height) {
        JSAMPROW row =
            (JSAMPROW)(uintptr_t)(rgb + (size_t)3 * width * cinfo->next_scanline);

        (void)jpeg_write_scanlines(cinfo, &row, 1);
    }
    jpeg_finish_compress(cinfo);
    return true;
}

static enum lc_status add_base64(const unsigned char *bytes, size_t size,
                                 struct lc_buffer *out, struct lc_error *err)
{
    static const char signs[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    enum lc_status status = lc_buffer_reserve(out, (size + 2) / 3 * 4, err);

    for (size_t i = 0; i < size && status == LC_OK; i += 3) {
        size_t left = size - i;
        unsigned bits = (unsigned)bytes[i] << 16;
        char four[4];

        bits |= left > 1 ? (unsigned)bytes[i + 1] << 8 : 0;
        bits |= left > 2 ? bytes[i + 2] : 0;
        memset(four, '=', sizeof(four));
        for (unsigned j = 0; j < 4 && j <= left; j++)
            four[j] = signs[bits >> (18 - 6 * j) & 63];
        status = lc_buffer_add(out, four, sizeof(four), err);
    }
    return status;
}

enum lc_status lc_thumb_encode(const uint8_t *rgb, uint32_t width, uint32_t height,
                               struct lc_buffer *out, struct lc_error *err)
{
    struct job *job = calloc(1, sizeof(*job));
    enum lc_status status;

    if (!job)
        return lc_fail_memory(err);
    status = compress(job, rgb, width, height)
                 ? add_base64(job->bytes, job->size, out, err)
                 : lc_fail_memory(err);
    jpeg_destroy_compress(&job->cinfo);
    free(job->bytes);
    free(job);
    return status;
}
