#include "thumb/decode.h"

#include "image/sniff.h"

static const struct {
    enum lc_content content;
    lc_paint_fn *paint;
} formats[] = {
    {LC_CONTENT_JPEG, lc_paint_jpeg},
    {LC_CONTENT_PNG, lc_paint_png},
    {LC_CONTENT_WEBP, lc_paint_webp},
    {LC_CONTENT_GIF, lc_paint_gif},
};

bool lc_paint_begin(struct lc_painter *painter, uint32_t width, uint32_t height)
{
    uint64_t pixels = (uint64_t)width * height;

    if (!pixels)
        painter->why = "its header has no size";
    else if (pixels > LC_THUMB_PIXELS)
        painter->why = "it has too many pixels";
    else if (pixels > painter->budget)
        painter->why = "the limit on decoded pictures was reached";
    if (painter->why)
        return false;
    painter->budget -= pixels;
    lc_canvas_begin(painter->canvas, width, height);
    return true;
}

enum lc_status lc_paint(struct lc_painter *painter, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    lc_paint_fn *paint = NULL;
    const char *name;
    enum lc_content content = lc_image_sniff(painter->data, painter->size, &name);

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i].content == content)
            paint = formats[i].paint;
    painter->canvas->painted = 0;
    if (paint)
        status = paint(painter, err);
    else
        painter->why = "thumbnails are made only of JPEG, PNG, WebP and GIF";
    if (status == LC_OK && !painter->why && !painter->canvas->painted)
        painter->why = "no part of it can be decoded";
    return status;
}
