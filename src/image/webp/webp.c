#include "image/webp/webp.h"

#include "image/common/decoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "base/bytes.h"
#include "image/common/exif.h"

/*
 * Pillow decodes every WebP with WebPAnimDecoder and uses only its first frame. Make the
 * same calls up to that point here (WebPGetFeatures, WebPDemux, WebPDecode of the first
 * frame's chunks), but decode into a buffer of the frame's size instead of the canvas.
 *
 * There is no proof without decoding: a lossy WebP is arithmetic-coded, so any bits
 * decode to something, and only decoding shows whether the data suffices.
 */

enum {
    RIFF_SIZE = 12,  /* "RIFF", its size, "WEBP" */
    PREFIX_SIZE = 16 /* Pillow also checks the name of the first chunk */
};

/*
 * Maximum memory per pixel: 4 bytes of RGBA, and in the decoder 4 bytes of a lossless
 * picture, or 4 of a lossless alpha plane and 1 of its result.
 */
enum { PIXEL_SIZE = 4, PIXEL_MEMORY = 9 };

/* Memory that the decoder needs besides pixels; only crafted lossless tables need
 * more. */
enum { TABLE_MEMORY = 64 << 20 };

struct webp {
    struct lc_bytes file;
    struct lc_image_info *info;
    WebPDemuxer *demux;
    uint8_t *pixels;
    bool no_memory;
};

/* Return the size that the RIFF header claims; 0 if it is invalid: libwebp refuses it. */
static uint64_t container_size(struct lc_bytes file)
{
    uint32_t size = lc_le32(file.data + 4);

    if (size < RIFF_SIZE || size > UINT32_MAX - 9)
        return 0;
    return (uint64_t)size + 8;
}

/* Refuse the file; Pillow gives no reason. If the file is shorter than its container, it
 * is truncated. */
static bool refuse(struct webp *webp, const char *why)
{
    if (container_size(webp->file) > webp->file.size)
        lc_image_judge(webp->info, LC_DECODE_TRUNCATED, "the file has %llu of %llu bytes",
                       (unsigned long long)webp->file.size,
                       (unsigned long long)container_size(webp->file));
    else
        lc_image_judge(webp->info, LC_DECODE_CORRUPT, "%s", why);
    return false;
}

static bool is_picture_chunk(const uint8_t *name)
{
    return memcmp(name, "VP8", 3) == 0 &&
           (name[3] == ' ' || name[3] == 'X' || name[3] == 'L');
}

static bool open_file(struct webp *webp)
{
    WebPBitstreamFeatures features;
    WebPData data = {webp->file.data, webp->file.size};
    struct lc_image_info *info = webp->info;

    if (webp->file.size < PREFIX_SIZE) {
        lc_image_judge(info, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return false;
    }
    if (!is_picture_chunk(webp->file.data + RIFF_SIZE))
        return refuse(webp, "the first chunk is not image data");
    if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK)
        return refuse(webp, "invalid header");
    webp->demux = WebPDemux(&data);
    if (!webp->demux)
        return refuse(webp, "the chunks do not form a picture");
    info->width = WebPDemuxGetI(webp->demux, WEBP_FF_CANVAS_WIDTH);
    info->height = WebPDemuxGetI(webp->demux, WEBP_FF_CANVAS_HEIGHT);
    info->frames = WebPDemuxGetI(webp->demux, WEBP_FF_FRAME_COUNT);
    info->depth = 8;
    snprintf(info->mode, sizeof(info->mode), "%s", features.has_alpha ? "RGBA" : "RGB");
    return true;
}

static void read_metadata(struct webp *webp)
{
    struct lc_image_info *info = webp->info;
    uint64_t end = container_size(webp->file);
    WebPChunkIterator chunk;
    int orientation = LC_EXIF_ABSENT;

    end += end & 1; /* a container of odd size is followed by a byte of padding */
    if (webp->file.size > end)
        info->trailing = webp->file.size - end;
    if (!WebPDemuxGetChunk(webp->demux, "EXIF", 1, &chunk))
        return;
    orientation = lc_exif_orientation(
        lc_exif_body((struct lc_bytes){chunk.chunk.bytes, chunk.chunk.size}));
    WebPDemuxReleaseChunkIterator(&chunk);
    info->orientation = orientation > 0 ? (uint8_t)orientation : 0;
}

static bool over_memory(struct webp *webp, const WebPIterator *frame,
                        const struct lc_image_limits *limits)
{
    uint64_t memory = (uint64_t)frame->width * (uint64_t)frame->height * PIXEL_MEMORY;

    if (limits->max_memory == 0 || memory <= limits->max_memory)
        return false;
    lc_image_judge(webp->info, LC_DECODE_NONE, "%llu bytes of memory, more than %llu",
                   (unsigned long long)memory, (unsigned long long)limits->max_memory);
    webp->info->limited = true;
    return true;
}

/* Whether the picture is blank: convert("RGB") drops alpha, and the canvas outside the
 * frame is black. */
static bool is_blank(const struct webp *webp, const WebPIterator *frame)
{
    size_t count = (size_t)frame->width * (size_t)frame->height;
    bool whole = (uint32_t)frame->width == webp->info->width &&
                 (uint32_t)frame->height == webp->info->height;
    const uint8_t *first = whole ? webp->pixels : (const uint8_t *)"\0\0\0";
    size_t i;

    for (i = 0; i < count; i++) {
        if (memcmp(webp->pixels + i * PIXEL_SIZE, first, 3) != 0)
            return false;
    }
    return true;
}

/* Whether a pixel is not opaque: the canvas outside the frame is transparent. */
static bool is_transparent(const struct webp *webp, const WebPIterator *frame)
{
    size_t count = (size_t)frame->width * (size_t)frame->height;

    if (strcmp(webp->info->mode, "RGBA") != 0)
        return false;
    if ((uint32_t)frame->width != webp->info->width ||
        (uint32_t)frame->height != webp->info->height)
        return true;
    for (size_t i = 0; i < count; i++)
        if (webp->pixels[i * PIXEL_SIZE + 3] != 255)
            return true;
    return false;
}

/* Whether as much memory is available as a frame of this size may need. */
static bool can_allocate(const WebPIterator *frame)
{
    void *probe = malloc((size_t)frame->width * (size_t)frame->height * PIXEL_MEMORY +
                         TABLE_MEMORY);
    bool allocated = probe != NULL;

    free(probe);
    return allocated;
}

/*
 * Report libwebp's refusal in the same words for all versions. Since 1.4, libwebp reports
 * "out of memory" for a corrupt alpha plane, so believe that only if memory is in fact
 * short. Earlier versions report a stream whose last part is empty as suspended, later
 * ones as too short.
 */
static void judge_code(struct webp *webp, const WebPIterator *frame, VP8StatusCode code)
{
    if (code == VP8_STATUS_OUT_OF_MEMORY && !can_allocate(frame)) {
        lc_image_judge(webp->info, LC_DECODE_NONE, "the decoder ran out of memory");
        webp->info->limited = true;
    } else if (code == VP8_STATUS_NOT_ENOUGH_DATA || code == VP8_STATUS_SUSPENDED) {
        refuse(webp, "the pixels end too early inside their chunk");
    } else {
        refuse(webp, "the pixel data is corrupt");
    }
}

static void decode_frame(struct webp *webp, const WebPIterator *frame)
{
    struct lc_image_info *info = webp->info;
    size_t stride = (size_t)frame->width * PIXEL_SIZE;
    WebPDecoderConfig config;
    VP8StatusCode code;

    webp->pixels = malloc(stride * (size_t)frame->height);
    if (!webp->pixels || !WebPInitDecoderConfig(&config)) {
        webp->no_memory = true;
        return;
    }
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = webp->pixels;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = stride * (size_t)frame->height;
    code = WebPDecode(frame->fragment.bytes, frame->fragment.size, &config);
    if (code != VP8_STATUS_OK) {
        judge_code(webp, frame, code);
    } else {
        info->rows_decoded = info->height;
        info->blank = is_blank(webp, frame);
        info->transparent = is_transparent(webp, frame);
        lc_image_accept(info);
    }
}

static void inspect(struct webp *webp, const struct lc_image_limits *limits)
{
    WebPIterator frame;

    if (!open_file(webp))
        return;
    read_metadata(webp);
    if (lc_image_over_limit(webp->info, limits))
        return;
    if (!WebPDemuxGetFrame(webp->demux, 1, &frame)) {
        refuse(webp, "no frame");
        return;
    }
    if (!over_memory(webp, &frame, limits))
        decode_frame(webp, &frame);
    WebPDemuxReleaseIterator(&frame);
}

enum lc_status lc_webp_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                               size_t size, const struct lc_image_limits *limits,
                               struct lc_image_info *out, struct lc_error *err)
{
    struct webp webp = {.file = {data, size}, .info = out};

    (void)scratch;
    inspect(&webp, limits);
    WebPDemuxDelete(webp.demux);
    free(webp.pixels);
    return webp.no_memory ? lc_fail_memory(err) : LC_OK;
}
