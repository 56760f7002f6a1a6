#include "image/jpeg/decode.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "image/common/decoder.h"

/*
 * Pillow hands libjpeg the file in blocks of this size. It matters where they end: what
 * follows the last row is read only to the end of its block, and arithmetic decoding
 * cannot wait for the next block at all.
 */
enum { BLOCK_SIZE = 65536 };

/* Blocks that libjpeg may hold unread before it is given as many again at once. */
enum { PATIENCE = 16 };

/* One eighth is the smallest scale, and the cheapest: no inverse DCT to speak of. */
enum { SCALE = 8 };

/* Levels by which blocks of the same pixels may differ at one eighth: rounding. */
enum { SCALE_HIDES = 8 };

/* Too little for libjpeg to read with haste: it wants 512 bytes for a block of pixels. */
enum { SMALL_BLOCK_SIZE = 64 };

/* STAGE_TAIL: all rows are there, the end of the picture is looked for. */
enum stage { STAGE_HEADER, STAGE_START, STAGE_ROWS, STAGE_FINISH, STAGE_TAIL };

/* Why the decoder jumped out. */
enum escape { ESCAPE_ERROR = 1, ESCAPE_WARNINGS, ESCAPE_SCANS };

struct job {
    struct jpeg_error_mgr error; /* first: libjpeg hands back its address */
    struct jpeg_decompress_struct cinfo;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const uint8_t *data;
    size_t size;
    size_t block; /* bytes that libjpeg is given at once */
    size_t fed;   /* bytes that libjpeg has been given */
    size_t skip;  /* bytes of the next block that it does not want */
    const struct lc_image_limits *limits;
    struct lc_image_info *info;
    uint8_t *row;
    enum stage stage;
    uint32_t rows; /* rows that must come, in the decoder's scale */
    uint32_t scale;
    bool ended;  /* the decoder has come to the end of the picture (EOI) */
    bool full;   /* decode as Pillow does, at full size */
    bool varied; /* two pixels differ: by more than scaling could hide, if not full */
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
 * A byte of padding that is one too many (FF 00, stuffed): some encoders write it behind
 * a scan that ends with a byte. libjpeg passes it over, and warns if its bit buffer does
 * not hold it.
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
    size_t taken = wanted < have ? wanted : have;

    job->source.next_input_byte += taken;
    job->source.bytes_in_buffer -= taken;
    job->skip = wanted - taken;
}

/*
 * Give libjpeg the next block; false at the end of the file. After each it begins again
 * where it stood: if it has not moved for very long, in a run of fill bytes, it is given
 * as many blocks as it has, or the time would grow with the square of the run.
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
     * A new decompressor for each picture: one that is used again keeps the tables of
     * the picture before, and a file without tables would pass.
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
 * Every bit is read at any scale and with any output, so errors and warnings are the same
 * as Pillow's, which decodes at full size. Only where the two headers disagree, the sizes
 * of the rows matter, and nothing is scaled.
 */
static void choose_output(struct job *job)
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

/* A pixel as convert("RGB") makes it: Convert.c's cmyk2rgb of Adobe's inverted CMYK. */
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

/* Whether a picture can be blank: one look at each row, until two pixels differ. */
static void look_at_row(struct job *job)
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

/* Go on with what there is; false when the decoder waits for more. */
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
        choose_output(job);
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
                look_at_row(job);
        }
        job->stage = STAGE_FINISH;
        /* fall through */
    case STAGE_FINISH:
        break;
    case STAGE_TAIL:
        return jpeg_finish_decompress(cinfo);
    }
    count_rows(job);
    /* a missing EOI is no error: Pillow asks once, and takes any answer */
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
    return LC_OK;
}

/*
 * Pillow does not wait for the end of the picture once it has the last row. What is wrong
 * there costs no pixel, but libjpeg says it, and it is the mark of a file that was cut or
 * overwritten: nothing there refuses the file, and all of it is a repair.
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
            lc_image_warn(job->info, "the end of the picture is missing (EOI)");
            return;
        }
        job->ended = advance(job);
    }
    if (job->info->frames == 1)
        job->info->trailing = job->size - job->fed + job->source.bytes_in_buffer;
}

/* No local is changed after setjmp: all state is in the job. */
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
    out->blank = out->decode == LC_DECODE_OK && !job.varied;
    return status;
}
