/* WebP: the first frame, scaled by libwebp, as far as it can be decoded */
#include "thumb/decode.h"

#include <stdlib.h>

#include <webp/decode.h>
#include <webp/demux.h>

enum {
    PIXEL_SIZE = 4,
    PIXEL_MEMORY = 9
}; /* bytes per pixel; the second one at most, as in src/image/webp/webp.c */

/* Paint the rows that were decoded. */
static void paint(struct lc_painter *painter, const uint8_t *pixels, int rows)
{
    struct lc_canvas *canvas = painter->canvas;

    for (int y = 0; y < rows; y++) {
        for (uint32_t x = 0; x < canvas->width; x++, pixels += PIXEL_SIZE) {
            uint8_t rgb[LC_CANVAS_BYTES];

            for (size_t i = 0; i < LC_CANVAS_BYTES; i++)
                rgb[i] =
                    painter->seen
                        ? (uint8_t)((pixels[i] * pixels[3] + 255 * (255 - pixels[3])) /
                                    255)
                        : pixels[i];
            lc_canvas_add(canvas, x, (uint32_t)y, 1, rgb, 1);
        }
    }
}

static enum lc_status decode(struct lc_painter *painter, const WebPData *frame,
                             struct lc_error *err)
{
    struct lc_canvas *canvas = painter->canvas;
    uint8_t pixels[LC_CANVAS_SIDE * LC_CANVAS_SIDE * PIXEL_SIZE] = {0};
    WebPDecoderConfig config;
    WebPIDecoder *decoder;
    VP8StatusCode code;
    int rows = 0;

    lc_canvas_begin(canvas, canvas->width, canvas->height);
    if (!WebPInitDecoderConfig(&config))
        return LC_OK;
    config.options.use_scaling = 1;
    config.options.scaled_width = (int)canvas->width;
    config.options.scaled_height = (int)canvas->height;
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels;
    config.output.u.RGBA.stride = (int)canvas->width * PIXEL_SIZE;
    config.output.u.RGBA.size = (size_t)canvas->width * PIXEL_SIZE * canvas->height;
    decoder = WebPIDecode(NULL, 0, &config);
    if (!decoder)
        return lc_fail_memory(err);
    code = WebPIUpdate(decoder, frame->bytes, frame->size);
    if (code == VP8_STATUS_OK)
        rows = (int)canvas->height;
    else
        (void)WebPIDecGetRGB(decoder, &rows, NULL, NULL, NULL);
    paint(painter, pixels, rows);
    WebPIDelete(decoder);
    return code == VP8_STATUS_OUT_OF_MEMORY ? lc_fail_memory(err) : LC_OK;
}

enum lc_status lc_paint_webp(struct lc_painter *painter, struct lc_error *err)
{
    const WebPData data = {painter->data, painter->size};
    WebPDemuxState state;
    WebPDemuxer *demux = WebPDemuxPartial(&data, &state);
    enum lc_status status = LC_OK;
    WebPIterator frame;

    if (!demux)
        return LC_OK;
    if (!WebPDemuxGetFrame(demux, 1, &frame)) {
        WebPDemuxDelete(demux);
        return LC_OK;
    }
    if ((uint64_t)frame.width * (uint64_t)frame.height * PIXEL_MEMORY >
        LC_THUMB_MEMORY * 2)
        painter->why = "it has too many pixels";
    else if (lc_paint_begin(painter, (uint32_t)frame.width, (uint32_t)frame.height))
        status = decode(painter, &frame.fragment, err);
    WebPDemuxReleaseIterator(&frame);
    WebPDemuxDelete(demux);
    return status;
}
