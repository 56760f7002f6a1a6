#include "image/jpeg/decode.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "image/common/decoder.h"

/*
 * Pillow feeds libjpeg the file in blocks of this size. Where they end matters: after the
 * last row libjpeg reads no further than the end of its block, and arithmetic decoding
 * cannot suspend until the next block at all.
 */
enum { BLOCK_SIZE = 65536 };

/* Once this many blocks are unread, feed as many bytes again at once as are unread. */
enum { PATIENCE = 16 };

/* 1/8 is the smallest and the cheapest scale: the inverse DCT only uses the DC term. */
enum { SCALE = 8 };

/* At scale 1/8, rounding may make blocks of equal pixels differ by this many levels. */
enum { SCALE_HIDES = 8 };

/* Small enough to keep libjpeg off its fast path, which needs 512 bytes of input per
 * block of pixels. */
enum { SMALL_BLOCK_SIZE = 64 };

/* STAGE_TAIL: all rows are decoded; looking for the end of the picture. */
enum stage { STAGE_HEADER, STAGE_START, STAGE_ROWS, STAGE_FINISH, STAGE_TAIL };

/* Why the decoder jumped out. */
enum escape { ESCAPE_ERROR = 1, ESCAPE_WARNINGS, ESCAPE_SCANS };

struct job {
    struct jpeg_error_mgr error; /* first: job_of casts its address to the job */
    struct jpeg_decompress_struct cinfo;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const uint8_t *data;
    size_t size;
    size_t block; /* bytes to feed at once */
    size_t fed;   /* bytes fed so far */
    size_t skip;  /* bytes of the next blocks to skip, as libjpeg asked */
    const struct lc_image_limits *limits;
    struct lc_image_info *info;
    uint8_t *row;
    uint8_t *rest; /* the unread bytes of a truncated file, followed by an EOI; or NULL */
    enum stage stage;
    uint32_t rows; /* rows to decode, at the decoder's scale */
    uint32_t scale;
    bool complete;    /* all scans of all components have been read */
    bool ended;       /* the decoder has read EOI */
    bool full;        /* decode at full size, as Pillow does */
    bool varied;      /* two pixels differ, by more than scaling could hide unless `full`
                         is set */
    uint8_t first[3]; /* the first pixel */
};

static struct job *job_of(j_common_ptr cinfo)
{
    return (struct job *)(void *)cinfo->err;
}

_Noreturn static void on_error(j_common_ptr cinfo)
{
    longjmp(job_of(cinfo)->escape, ESCAPE_ERROR);
}

/*
 * Whether a warning is about an extra byte of padding (FF, stuffed with 00), which some
 * encoders write after a scan that ends on a byte boundary. libjpeg skips it, and warns
 * only if the byte is not in its bit buffer yet.
 */
static bool is_padding(const struct job *job)
{
    const uint8_t *next = job->source.next_input_byte;

    return job->error.msg_code == JWRN_EXTRANEOUS_DATA && job->error.msg_parm.i[0] == 2 &&
           job->cinfo.input_scan_number > 0 && next - job->data >= 2 &&
           next[-2] == 0xFF && next[-1] == 0;
}

static void on_message(j_common_ptr cinfo, int level)
{
    struct job *job = job_of(cinfo);
    char text[JMSG_LENGTH_MAX] = "";

    if (level >= 0 || is_padding(job))
        return;
    if (job->info->warnings == 0)
        job->error.format_message(cinfo, text);
    lc_image_warn(job->info, "%s", text);
    if (job->info->warnings >= job->limits->max_warnings)
        longjmp(job->escape, ESCAPE_WARNINGS);
}

static void on_progress(j_common_ptr cinfo)
{
    struct job *job = job_of(cinfo);
    uint64_t scans = (uint64_t)job->cinfo.input_scan_number,
             most = job->limits->max_scan_pixels;
    uint64_t pixels = (uint64_t)job->cinfo.image_width * job->cinfo.image_height;

    if (scans > job->limits->max_scans || (most && scans > most / pixels))
        longjmp(job->escape, ESCAPE_SCANS);
}

static void source_stub(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

static boolean source_suspend(j_decompress_ptr cinfo)
{
    (void)cinfo;
    return FALSE;
}

static void source_skip(j_decompress_ptr cinfo, long count)
{
    struct job *job = job_of((j_common_ptr)cinfo);
    size_t have = job->source.bytes_in_buffer;
    size_t wanted = count > 0 ? (size_t)count : 0;
    size_t skipped = wanted < have ? wanted : have;

    job->source.next_input_byte += skipped;
    job->source.bytes_in_buffer -= skipped;
    job->skip = wanted - skipped;
}

/*
 * Feed libjpeg the next block; false at the end of the file. After each block libjpeg
 * restarts the step in which it was suspended. In a long run of fill bytes that would
 * take time quadratic in its length, so the amount fed at once doubles.
 */
static bool feed(struct job *job)
{
    size_t block, most = job->block;

    if (job->source.bytes_in_buffer / PATIENCE >= job->block)
        most = job->source.bytes_in_buffer / job->block * job->block;
    do {
        block = job->size - job->fed;
        if (block == 0)
            return false;
        if (block > most)
            block = most;
        job->fed += block;
        job->source.bytes_in_buffer += block;
        if (job->skip > 0)
            source_skip(&job->cinfo, (long)job->skip);
    } while (job->skip > 0);
    return true;
}

static void set_up(struct job *job)
{
    job->cinfo.err = jpeg_std_error(&job->error);
    job->error.error_exit = on_error;
    job->error.emit_message = on_message;
    /*
     * Use a new decompressor for each picture: a reused one keeps the tables of the
     * previous picture, so a file without tables would pass.
     */
    jpeg_create_decompress(&job->cinfo);
    job->cinfo.mem->max_memory_to_use = (long)job->limits->max_memory;
    job->source.init_source = source_stub;
    job->source.fill_input_buffer = source_suspend;
    job->source.skip_input_data = source_skip;
    job->source.resync_to_restart = jpeg_resync_to_restart;
    job->source.term_source = source_stub;
    job->source.next_input_byte = job->data;
    job->cinfo.src = &job->source;
    job->progress.progress_monitor = on_progress;
    job->cinfo.progress = &job->progress;
}

/*
 * Every bit is decoded at any scale and with any output, so errors and warnings are the
 * same as in Pillow, which decodes at full size. Do not scale if Pillow and libjpeg
 * disagree on the size: the number of rows matters then.
 */
static void set_output(struct job *job)
{
    struct jpeg_decompress_struct *cinfo = &job->cinfo;
    const struct lc_image_info *info = job->info;

    if (info->mode[0] == 'L')
        cinfo->out_color_space = JCS_GRAYSCALE;
    else if (info->mode[0] == 'R')
        cinfo->out_color_space = JCS_EXT_RGBX;
    else
        cinfo->out_color_space = JCS_CMYK;
    job->rows = info->height;
    job->scale = 1;
    if (!job->full && cinfo->image_width == info->width &&
        cinfo->image_height == info->height) {
        job->scale = SCALE;
        job->rows = (info->height + SCALE - 1) / SCALE;
        cinfo->scale_num = 1;
        cinfo->scale_denom = SCALE;
        cinfo->dct_method = JDCT_IFAST;
        cinfo->do_fancy_upsampling = FALSE;
        cinfo->do_block_smoothing = FALSE;
    }
}

static void count_rows(struct job *job)
{
    uint64_t rows = (uint64_t)job->cinfo.output_scanline * job->scale;

    if (job->stage < STAGE_ROWS)
        rows = 0;
    if (rows > job->info->height)
        rows = job->info->height;
    job->info->rows_decoded = (uint32_t)rows;
}

/* Convert a pixel as convert("RGB") does: for Adobe's inverted CMYK, with cmyk2rgb of
 * Convert.c. */
static void to_rgb(const struct job *job, const uint8_t *pixel, uint8_t out[3])
{
    int i;

    for (i = 0; i < 3; i++) {
        unsigned product;

        switch (job->cinfo.out_color_space) {
        case JCS_GRAYSCALE:
            out[i] = pixel[0];
            break;
        case JCS_CMYK:
            product = (255u - pixel[i]) * pixel[3] + 128;
            out[i] = (uint8_t)(pixel[3] - ((product + (product >> 8)) >> 8));
            break;
        default:
            out[i] = pixel[i];
            break;
        }
    }
}

/* Compare a row with the first pixel, until two pixels have been found to differ. */
static void compare_row(struct job *job)
{
    int tolerance = job->full ? 0 : SCALE_HIDES;
    size_t step = (size_t)job->cinfo.output_components;
    const uint8_t *pixel = job->row;
    const uint8_t *end = pixel + step * job->cinfo.output_width;
    uint8_t rgb[3];
    int i;

    if (job->cinfo.output_scanline == 1)
        to_rgb(job, pixel, job->first);
    for (; pixel < end && !job->varied; pixel += step) {
        to_rgb(job, pixel, rgb);
        for (i = 0; i < 3; i++)
            job->varied = job->varied || abs(rgb[i] - job->first[i]) > tolerance;
    }
}

/* Whether the coefficients of all components have been read to their last bit. */
static bool is_complete(const struct jpeg_decompress_struct *cinfo)
{
    for (int c = 0; c < cinfo->num_components; c++) {
        if (!cinfo->comp_info[c].quant_table) /* in no scan */
            return false;
        for (int i = 0; cinfo->progressive_mode && i < DCTSIZE2; i++)
            if (cinfo->coef_bits[c][i] != 0)
                return false;
    }
    return true;
}

/* Decode what has been fed; false if the decoder waits for more. */
static bool advance(struct job *job)
{
    struct jpeg_decompress_struct *cinfo = &job->cinfo;
    JSAMPROW row = job->row;
    int got;

    switch (job->stage) {
    case STAGE_HEADER:
        do {
            got = jpeg_read_header(cinfo, FALSE);
        } while (got == JPEG_HEADER_TABLES_ONLY);
        if (got == JPEG_SUSPENDED)
            return false;
        set_output(job);
        job->stage = STAGE_START;
        /* fall through */
    case STAGE_START:
        if (!jpeg_start_decompress(cinfo))
            return false;
        job->stage = STAGE_ROWS;
        /* fall through */
    case STAGE_ROWS:
        while (cinfo->output_scanline < job->rows) {
            if (jpeg_read_scanlines(cinfo, &row, 1) != 1)
                return false;
            if (!job->varied)
                compare_row(job);
        }
        job->stage = STAGE_FINISH;
        /* fall through */
    case STAGE_FINISH:
        break;
    case STAGE_TAIL:
        return jpeg_finish_decompress(cinfo);
    }
    count_rows(job);
    job->complete = is_complete(cinfo);
    /* a missing EOI is not an error: Pillow ignores what this returns */
    got = jpeg_finish_decompress(cinfo);
    job->stage = STAGE_TAIL;
    job->ended = got != 0;
    return true;
}

static void judge_truncated(struct job *job)
{
    struct lc_image_info *info = job->info;

    count_rows(job);
    if (job->stage == STAGE_HEADER)
        lc_image_judge(info, LC_DECODE_TRUNCATED, "the data ends before the first scan");
    else if (job->stage == STAGE_START)
        lc_image_judge(info, LC_DECODE_TRUNCATED, "the data ends inside scan %d",
                       job->cinfo.input_scan_number);
    else
        lc_image_judge(info, LC_DECODE_TRUNCATED, "%u of %u rows decoded",
                       (unsigned)info->rows_decoded, (unsigned)info->height);
}

/*
 * If LOAD_TRUNCATED_IMAGES is set, Pillow adds an EOI where the data ends, and libjpeg
 * makes up missing pixels, with a warning. To find out what it would do, go on in the
 * same way: if there is no warning, only the marker was missing.
 */
static void decode_leniently(struct job *job)
{
    struct lc_image_info *info = job->info, copy = *info;
    size_t left = job->source.bytes_in_buffer;

    info->lenient = LC_LENIENT_HOLES;
    if (info->warnings > 0)
        return;
    job->rest = malloc(left + 2);
    if (!job->rest)
        return;
    if (left > 0)
        memcpy(job->rest, job->source.next_input_byte, left);
    memcpy(job->rest + left, "\xFF\xD9", 2);
    job->source.next_input_byte = job->rest;
    job->source.bytes_in_buffer = left + 2;
    job->info = &copy;
    if (setjmp(job->escape) == 0 && advance(job) && job->complete &&
        job->info->warnings == 0)
        info->lenient = LC_LENIENT_WHOLE;
    job->info = info;
}

static enum lc_status judge_error(struct job *job, struct lc_error *err)
{
    struct lc_image_info *info = job->info;
    char text[JMSG_LENGTH_MAX] = "";

    if (job->error.msg_code == JERR_OUT_OF_MEMORY)
        return lc_fail_memory(err);
    if (job->error.msg_code == JERR_NO_BACKING_STORE) {
        lc_image_judge(info, LC_DECODE_NONE, "decoding needs more than %llu MB of memory",
                       (unsigned long long)(job->limits->max_memory / 1000000));
        info->limited = true;
        return LC_OK;
    }
    if (job->stage < STAGE_FINISH)
        count_rows(job);
    job->error.format_message((j_common_ptr)&job->cinfo, text);
    lc_image_judge(info, LC_DECODE_CORRUPT, "%s", text);
    info->lenient = LC_LENIENT_HOLES; /* Pillow ignores the decoder's error then */
    return LC_OK;
}

/*
 * Pillow stops at the last row. A fault after it costs no pixel, but it shows that the
 * file was cut or overwritten, so decoding goes on to EOI. Whatever libjpeg reports
 * there, even an error, is only a warning.
 */
static void measure_tail(struct job *job)
{
    char text[JMSG_LENGTH_MAX] = "";
    int why = setjmp(job->escape);

    if (why == ESCAPE_ERROR) {
        job->error.format_message((j_common_ptr)&job->cinfo, text);
        lc_image_warn(job->info, "%s", text);
    }
    if (why != 0)
        return;
    while (!job->ended) {
        if (!feed(job)) {
            lc_image_warn(job->info, "the end-of-image marker (EOI) is missing");
            return;
        }
        job->ended = advance(job);
    }
    if (job->info->frames == 1)
        job->info->trailing = job->size - job->fed + job->source.bytes_in_buffer;
}

/* All state is in the job: no local variable changes after setjmp. */
static enum lc_status decode(struct job *job, struct lc_error *err)
{
    switch (setjmp(job->escape)) {
    case 0:
        break;
    case ESCAPE_WARNINGS:
        count_rows(job);
        lc_image_accept(job->info);
        return LC_OK;
    case ESCAPE_SCANS:
        lc_image_judge(job->info, LC_DECODE_NONE, "more than %d scans",
                       job->cinfo.input_scan_number - 1);
        job->info->limited = true;
        return LC_OK;
    default:
        return judge_error(job, err);
    }

    set_up(job);
    do {
        if (!feed(job)) {
            judge_truncated(job);
            decode_leniently(job);
            return LC_OK;
        }
    } while (!advance(job));
    measure_tail(job);
    lc_image_accept(job->info);
    return LC_OK;
}

enum lc_status lc_jpeg_decode(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              enum lc_jpeg_pass pass, struct lc_image_info *out,
                              struct lc_error *err)
{
    enum lc_status status;
    struct job job;

    memset(&job, 0, sizeof(job));
    job.data = data;
    job.size = size;
    job.limits = limits;
    job.info = out;
    job.row = scratch->row;
    job.full = pass == LC_JPEG_PASS_FULL;
    job.block = pass == LC_JPEG_PASS_WHOLE   ? SIZE_MAX
                : pass == LC_JPEG_PASS_SMALL ? SMALL_BLOCK_SIZE
                                             : BLOCK_SIZE;
    status = decode(&job, err);
    jpeg_destroy_decompress(&job.cinfo);
    free(job.rest);
    out->blank = out->decode == LC_DECODE_OK && !job.varied;
    return status;
}
