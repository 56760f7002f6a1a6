/* silence.h - whether libjpeg-turbo decodes a JPEG without warnings; uses no code of this
 * project */
#ifndef LC_TESTS_SILENCE_H
#define LC_TESTS_SILENCE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>

/*
 * The size of input blocks, small enough for libjpeg to read Huffman codes one by one.
 * With 512 bytes of input for each block of an MCU it takes its fast path, and does not
 * notice nonexistent codes.
 */
enum { SILENCE_BLOCK = 64 };

struct silence {
    struct jpeg_error_mgr error; /* must be first: libjpeg returns its address */
    struct jpeg_source_mgr source;
    jmp_buf escape;
    const uint8_t *data;
    size_t size;
    size_t fed;
    size_t block; /* number of bytes given at once */
    bool loud;
};

static struct silence *silence_of(j_common_ptr cinfo)
{
    return (struct silence *)(void *)cinfo->err;
}

static void on_error(j_common_ptr cinfo)
{
    longjmp(silence_of(cinfo)->escape, 1);
}

/* One superfluous byte of padding, which jpeg-js writes after a scan that fills its last
 * byte, is not damage. libjpeg notices it only if its bit buffer is empty there. */
static bool is_extra_padding(const struct silence *reader, j_common_ptr cinfo)
{
    const uint8_t *next = reader->source.next_input_byte;

    return reader->error.msg_code == JWRN_EXTRANEOUS_DATA &&
           reader->error.msg_parm.i[0] == 2 && next - reader->data >= 2 &&
           ((j_decompress_ptr)cinfo)->input_scan_number > 0 && next[-2] == 0xFF &&
           next[-1] == 0;
}

static void on_warning(j_common_ptr cinfo, int level)
{
    struct silence *reader = silence_of(cinfo);

    if (level < 0 && !is_extra_padding(reader, cinfo))
        reader->loud = true;
}

static boolean give_block(j_decompress_ptr cinfo)
{
    static const uint8_t end[2] = {0xFF, JPEG_EOI};
    struct silence *reader = silence_of((j_common_ptr)cinfo);
    size_t left = reader->size - reader->fed;

    if (left == 0) {
        reader->loud = true;
        reader->source.next_input_byte = end;
        reader->source.bytes_in_buffer = sizeof(end);
        return TRUE;
    }
    reader->source.next_input_byte = reader->data + reader->fed;
    reader->source.bytes_in_buffer = left < reader->block ? left : reader->block;
    reader->fed += reader->source.bytes_in_buffer;
    return TRUE;
}

static void skip_bytes(j_decompress_ptr cinfo, long count)
{
    struct jpeg_source_mgr *source = cinfo->src;

    while (count > (long)source->bytes_in_buffer) {
        count -= (long)source->bytes_in_buffer;
        give_block(cinfo);
    }
    if (count > 0) {
        source->next_input_byte += count;
        source->bytes_in_buffer -= (size_t)count;
    }
}

static void ignore_source(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

/* Whether libjpeg, fed in blocks, decodes a file at full size without warnings. */
static inline bool is_silent_in(const uint8_t *data, size_t size, size_t block)
{
    struct jpeg_decompress_struct cinfo;
    struct silence reader = {.data = data, .size = size, .block = block};
    uint8_t *row = NULL;
    JSAMPROW rows;

    cinfo.err = jpeg_std_error(&reader.error);
    reader.error.error_exit = on_error;
    reader.error.emit_message = on_warning;
    jpeg_create_decompress(&cinfo);
    if (setjmp(reader.escape)) {
        jpeg_destroy_decompress(&cinfo);
        return false;
    }
    reader.source = (struct jpeg_source_mgr){
        .init_source = ignore_source,
        .fill_input_buffer = give_block,
        .skip_input_data = skip_bytes,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = ignore_source,
    };
    cinfo.src = &reader.source;
    while (jpeg_read_header(&cinfo, FALSE) == JPEG_HEADER_TABLES_ONLY)
        ; /* tables may come in a separate stream */
    jpeg_start_decompress(&cinfo);
    row = cinfo.mem->alloc_large((j_common_ptr)&cinfo, JPOOL_IMAGE,
                                 (size_t)cinfo.output_width *
                                     (size_t)cinfo.output_components);
    rows = row;
    while (cinfo.output_scanline < cinfo.output_height)
        jpeg_read_scanlines(&cinfo, &rows, 1);
    jpeg_finish_decompress(&cinfo);
    jpeg_destroy_decompress(&cinfo);
    return !reader.loud;
}

/** Whether libjpeg decodes a file at full size, to its end, without warnings, whether it
 * is fed in blocks or at once. */
static inline bool is_silent(const uint8_t *data, size_t size)
{
    return is_silent_in(data, size, size) && is_silent_in(data, size, SILENCE_BLOCK);
}

#endif
