/* encode_jpeg.h - JPEG pictures for unit tests; include after cmocka's headers */
#ifndef LC_TESTS_ENCODE_JPEG_H
#define LC_TESTS_ENCODE_JPEG_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum { JPEG_ROW = 256 };

/* Returns the sample at byte i of row y. */
typedef uint8_t sample_fn(size_t i, unsigned y);

/** Encode a picture of width by height pixels, with 1, 3 or 4 components, into out.
 * Returns its size. */
static inline size_t encode_jpeg(unsigned width, unsigned height, int components,
                                 bool progressive, sample_fn *sample, uint8_t *out,
                                 size_t capacity)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr error;
    unsigned char *made = NULL;
    unsigned long size = 0;
    uint8_t row[JPEG_ROW];
    JSAMPROW rows = row;

    assert_true((size_t)width * (size_t)components <= sizeof(row));
    cinfo.err = jpeg_std_error(&error);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &made, &size);
    cinfo.image_width = width;
    cinfo.image_height = height;
    cinfo.input_components = components;
    cinfo.in_color_space = components == 1   ? JCS_GRAYSCALE
                           : components == 3 ? JCS_RGB
                                             : JCS_CMYK;
    jpeg_set_defaults(&cinfo);
    if (progressive)
        jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    while (cinfo.next_scanline < height) {
        for (size_t i = 0; i < sizeof(row); i++)
            row[i] = sample(i, cinfo.next_scanline);
        jpeg_write_scanlines(&cinfo, &rows, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    assert_true(size <= capacity);
    memcpy(out, made, size);
    free(made);
    return size;
}

#endif
