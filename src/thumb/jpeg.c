/* JPEG, with libjpeg's scaled decoding; a missing end is supplied */
#include "thumb/decode.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

enum { SCALES = 8 };

/* The state of decoding. libjpeg passes the address of its first member to callbacks. */
struct job {
    struct jpeg_error_mgr error;
    struct jpeg_decompress_struct cinfo;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    struct lc_painter *painter;
    uint64_t pixels; /* number of pixels of the whole picture: the cost of a scan */
    int scans;       /* number of scans charged to the budget */
    uint8_t row[(size_t)JPEG_MAX_DIMENSION * 4];
};

static struct job *job_of(j_common_ptr cinfo)
{
    return (struct job *)(void *)cinfo->err;
}

_Noreturn static void on_error(j_common_ptr cinfo)
{
    struct job *job = job_of(cinfo);

    if (cinfo->err->msg_code == JERR_NO_BACKING_STORE)
        job->painter->why = "decoding it takes too much memory";
    if (cinfo->err->msg_code == JERR_OUT_OF_MEMORY)
        job->painter->why = "there is not enough memory to decode it";
    longjmp(job->escape, 1);
}

static void on_message(j_common_ptr cinfo, int level)
{
    (void)cinfo;
    (void)level;
}

/* Charge for each scan, since a few bytes can define thousands of scans of a large
 * picture. */
static void on_progress(j_common_ptr cinfo)
{
    struct job *job = job_of(cinfo);

    while (job->scans < job->cinfo.input_scan_number) {
        if (job->pixels > job->painter->budget) {
            job->painter->why = "it has too many scans";
            longjmp(job->escape, 1);
        }
        job->painter->budget -= job->pixels;
        job->scans++;
    }
}

static void source_stub(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

/* Supply an EOI marker at the end of the file, as Pillow does to load truncated files:
 * the missing part becomes gray. */
static boolean source_end(j_decompress_ptr cinfo)
{
    static const JOCTET end[] = {0xFF, JPEG_EOI};

    cinfo->src->next_input_byte = end;
    cinfo->src->bytes_in_buffer = sizeof(end);
    return TRUE;
}

static void source_skip(j_decompress_ptr cinfo, long count)
{
    size_t have = cinfo->src->bytes_in_buffer;
    size_t skip = count < 0 ? 0 : (size_t)count < have ? (size_t)count : have;

    cinfo->src->next_input_byte += skip;
    cinfo->src->bytes_in_buffer -= skip;
}

static void set_up(struct job *job)
{
    job->cinfo.err = jpeg_std_error(&job->error);
    job->error.error_exit = on_error;
    job->error.emit_message = on_message;
    jpeg_create_decompress(&job->cinfo);
    job->cinfo.mem->max_memory_to_use = (long)LC_THUMB_MEMORY;
    job->source.init_source = source_stub;
    job->source.fill_input_buffer = source_end;
    job->source.skip_input_data = source_skip;
    job->source.resync_to_restart = jpeg_resync_to_restart;
    job->source.term_source = source_stub;
    job->source.next_input_byte = job->painter->data;
    job->source.bytes_in_buffer = job->painter->size;
    job->cinfo.src = &job->source;
    job->progress.progress_monitor = on_progress;
    job->cinfo.progress = &job->progress;
}

/* Pick the smallest scale that leaves at least two pixels per canvas pixel on the longer
 * side, and the colour space of the output. */
static void pick_scale(struct jpeg_decompress_struct *cinfo)
{
    JDIMENSION longer = cinfo->image_width > cinfo->image_height ? cinfo->image_width
                                                                 : cinfo->image_height;

    cinfo->scale_denom = SCALES;
    cinfo->scale_num = 1;
    while (cinfo->scale_num < SCALES &&
           longer * cinfo->scale_num / SCALES < (JDIMENSION)2 * LC_CANVAS_SIDE)
        cinfo->scale_num *= 2;
    if (cinfo->jpeg_color_space == JCS_CMYK || cinfo->jpeg_color_space == JCS_YCCK)
        cinfo->out_color_space = JCS_CMYK;
    else
        cinfo->out_color_space = JCS_RGB;
}

/* Convert CMYK to RGB like Pillow's cmyk2rgb (Convert.c), which expects CMYK inverted, as
 * Adobe writes it. */
static void from_cmyk(uint8_t *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned black = row[4 * i + 3];

        for (size_t c = 0; c < LC_CANVAS_BYTES; c++)
            row[LC_CANVAS_BYTES * i + c] = (uint8_t)(row[4 * i + c] * black / 255);
    }
}

/* No local is changed after setjmp: all state is in the job. */
static void decode(struct job *job)
{
    struct jpeg_decompress_struct *cinfo = &job->cinfo;
    struct lc_painter *painter = job->painter;
    JSAMPROW row = job->row;

    if (setjmp(job->escape))
        return;
    set_up(job);
    (void)jpeg_read_header(cinfo, TRUE); /* the source never suspends */
    if (!lc_paint_begin(painter, cinfo->image_width, cinfo->image_height))
        return;
    job->pixels = (uint64_t)cinfo->image_width * cinfo->image_height;
    job->scans = 1; /* lc_paint_begin has charged the first */
    pick_scale(cinfo);
    jpeg_start_decompress(cinfo);
    lc_canvas_begin(painter->canvas, cinfo->output_width, cinfo->output_height);
    while (cinfo->output_scanline < cinfo->output_height) {
        uint32_t y = cinfo->output_scanline;

        (void)jpeg_read_scanlines(cinfo, &row, 1);
        if (cinfo->out_color_space == JCS_CMYK)
            from_cmyk(row, cinfo->output_width);
        lc_canvas_add(painter->canvas, 0, y, 1, row, cinfo->output_width);
    }
}

enum lc_status lc_paint_jpeg(struct lc_painter *painter, struct lc_error *err)
{
    struct job *job = calloc(1, sizeof(*job));

    if (!job)
        return lc_fail_memory(err);
    job->painter = painter;
    decode(job);
    jpeg_destroy_decompress(&job->cinfo);
    free(job);
    return LC_OK;
}
