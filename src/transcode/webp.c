/* WebP, with libwebp: the first frame on its canvas, lossless */
#include "transcode/picture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

/* Put a frame on the picture: blended onto white by its alpha, if the file declares
 * alpha; otherwise alpha is dropped, as Pillow does. */
static void put_frame(struct lc_picture *out, const WebPIterator *frame,
                      const uint8_t *rgba, bool has_alpha)
{
    for (int y = 0; y < frame->height; y++) {
        size_t row = (size_t)(frame->y_offset + y) * out->width;
        uint8_t *to = out->pixels + 3 * (row + (size_t)frame->x_offset);

        for (int x = 0; x < frame->width; x++, rgba += 4)
            for (size_t c = 0; c < 3; c++)
                *to++ = has_alpha ? lc_on_white(rgba[c], rgba[3]) : rgba[c];
    }
}

static enum lc_status read_frame(WebPDemuxer *demux, const WebPIterator *frame,
                                 bool has_alpha, struct lc_picture *out,
                                 struct lc_error *err)
{
    int width = 0, height = 0;
    uint8_t *rgba;
    enum lc_status status;

    out->width = WebPDemuxGetI(demux, WEBP_FF_CANVAS_WIDTH);
    out->height = WebPDemuxGetI(demux, WEBP_FF_CANVAS_HEIGHT);
    out->channels = 3;
    if (frame->x_offset < 0 || frame->y_offset < 0 ||
        (uint64_t)frame->x_offset + (uint64_t)frame->width > out->width ||
        (uint64_t)frame->y_offset + (uint64_t)frame->height > out->height)
        return lc_picture_fail(err);
    status = lc_picture_begin(out, err);
    if (status != LC_OK)
        return status;
    /* around the frame the canvas is transparent, or black if the file has no alpha */
    memset(out->pixels, has_alpha ? 255 : 0, (size_t)3 * out->width * out->height);
    rgba = WebPDecodeRGBA(frame->fragment.bytes, frame->fragment.size, &width, &height);
    if (rgba && width == frame->width && height == frame->height)
        put_frame(out, frame, rgba, has_alpha);
    else
        status = lc_picture_fail(err);
    WebPFree(rgba);
    return status;
}

enum lc_status lc_picture_read_webp(const uint8_t *data, size_t size, uint32_t factor,
                                    struct lc_picture *out, struct lc_error *err)
{
    const WebPData all = {data, size};
    WebPBitstreamFeatures features;
    WebPDemuxer *demux = NULL;
    enum lc_status status = LC_OK;
    WebPIterator frame;

    if (factor == 1 && WebPGetFeatures(data, size, &features) == VP8_STATUS_OK)
        demux = WebPDemux(&all);
    if (!demux)
        return lc_picture_fail(err);
    if (WebPDemuxGetFrame(demux, 1, &frame)) {
        status = read_frame(demux, &frame, features.has_alpha, out, err);
        WebPDemuxReleaseIterator(&frame);
    } else {
        status = lc_picture_fail(err);
    }
    WebPDemuxDelete(demux);
    return status;
}

enum lc_status lc_picture_write_webp(const struct lc_picture *picture,
                                     struct lc_buffer *out, struct lc_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    enum lc_status status;

    if (picture->channels != 3)
        return lc_picture_fail(err);
    size = WebPEncodeLosslessRGB(picture->pixels, (int)picture->width,
                                 (int)picture->height, (int)picture->width * 3, &bytes);
    status = size ? lc_buffer_add(out, bytes, size, err) : lc_picture_fail(err);
    WebPFree(bytes);
    return status;
}
