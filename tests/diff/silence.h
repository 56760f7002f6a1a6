/* silence.h - whether libjpeg-turbo decodes a JPEG in silence, without this project's
 * code
 */
#ifndef LC_TESTS_SILENCE_H
#define LC_TESTS_SILENCE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

struct silence {
    struct jpeg_error_mgr error;
    jmp_buf escape;
};

static void on_error(j_common_ptr cinfo)
{
    longjmp(((struct silence *)(void *)cinfo->err)->escape, 1);
}

static inline void on_output(j_common_ptr cinfo)
{
    (void)cinfo;
}

/** Whether libjpeg decodes it at full size, to its end, and has nothing to say. */
static inline bool is_silent(const uint8_t *data, size_t size)
{
    struct jpeg_decompress_struct cinfo;
    struct silence reader;
    uint8_t *row = NULL;
    JSAMPROW rows;
    bool silent;

    cinfo.err = jpeg_std_error(&reader.error);
    reader.error.error_exit = on_error;
    reader.error.output_message = on_output;
    jpeg_create_decompress(&cinfo);
    if (setjmp(reader.escape)) {
        jpeg_destroy_decompress(&cinfo);
        return false;
    }
    jpeg_mem_src(&cinfo, data, (unsigned long)size);
    while (jpeg_read_header(&cinfo, FALSE) == JPEG_HEADER_TABLES_ONLY)
        ; /* tables may come in a stream of their own */
    jpeg_start_decompress(&cinfo);
    row = cinfo.mem->alloc_large((j_common_ptr)&cinfo, JPOOL_IMAGE,
                                 (size_t)cinfo.output_width *
                                     (size_t)cinfo.output_components);
    rows = row;
    while (cinfo.output_scanline < cinfo.output_height)
        jpeg_read_scanlines(&cinfo, &rows, 1);
    jpeg_finish_decompress(&cinfo);
    silent = reader.error.num_warnings == 0;
    jpeg_destroy_decompress(&cinfo);
    return silent;
}

#endif
