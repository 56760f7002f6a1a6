#include "transcode/transcode.h"

#include "base/text.h"
#include "transcode/picture.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    enum lc_content content;
    lc_picture_read_fn *read;
    lc_picture_write_fn *write;
    unsigned memory; /* maximum bytes per pixel */
} formats[] = {
    {LC_CONTENT_JPEG, lc_picture_read_jpeg, lc_picture_write_jpeg, 8},
    {LC_CONTENT_PNG, lc_picture_read_png, lc_picture_write_png, 10},
    {LC_CONTENT_WEBP, lc_picture_read_webp, lc_picture_write_webp, 20},
    {LC_CONTENT_GIF, lc_picture_read_gif, lc_picture_write_png, 12},
    {LC_CONTENT_BMP, lc_picture_read_bmp, lc_picture_write_png, 12},
    {LC_CONTENT_TIFF, lc_picture_read_tiff, lc_picture_write_png, 12},
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

/* ---- turning ---- */

/* Find where a pixel comes from when a picture is turned. Source: Exif 2.32, tag
 * 0x0112. */
static size_t source_of(const struct lc_picture *from, unsigned orientation, uint32_t x,
                        uint32_t y)
{
    uint32_t right = from->width - 1, bottom = from->height - 1;

    switch (orientation) {
    case 2:
        return (size_t)y * from->width + (right - x);
    case 3:
        return (size_t)(bottom - y) * from->width + (right - x);
    case 4:
        return (size_t)(bottom - y) * from->width + x;
    case 5:
        return (size_t)x * from->width + y;
    case 6:
        return (size_t)(bottom - x) * from->width + y;
    case 7:
        return (size_t)(bottom - x) * from->width + (right - y);
    default: /* 8 */
        return (size_t)x * from->width + (right - y);
    }
}

/* Turn a picture as viewers do. */
static enum lc_status turn(struct lc_picture *picture, unsigned orientation,
                           struct lc_error *err)
{
    const bool is_across = orientation >= 5;
    const unsigned channels = picture->channels;
    struct lc_picture turned = {
        .width = is_across ? picture->height : picture->width,
        .height = is_across ? picture->width : picture->height,
        .channels = channels,
    };
    enum lc_status status;
    uint8_t *to;

    if (orientation < 2 || orientation > 8)
        return LC_OK;
    status = lc_picture_begin(&turned, err);
    if (status != LC_OK)
        return status;
    to = turned.pixels;
    for (uint32_t y = 0; y < turned.height; y++)
        for (uint32_t x = 0; x < turned.width; x++, to += channels)
            memcpy(to, picture->pixels + channels * source_of(picture, orientation, x, y),
                   channels);
    lc_picture_clear(picture);
    *picture = turned;
    return LC_OK;
}

/* ---- rewriting ---- */

static bool is_format(enum lc_content content)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i].content == content)
            return true;
    return false;
}

/* Whether a picture can be scaled down while it is read: its decoder must deliver
 * rows. */
static bool is_scaled(enum lc_content content)
{
    return content == LC_CONTENT_JPEG || content == LC_CONTENT_PNG;
}

/* Scale a length down, rounding up. */
static uint32_t scaled(uint32_t length, uint32_t factor)
{
    return length / factor + (length % factor > 0);
}

uint32_t lc_transcode_factor(enum lc_content content, uint32_t width, uint32_t height)
{
    const uint64_t pixels = (uint64_t)width * height;
    uint32_t factor = 1;

    if (!is_scaled(content) || pixels <= lc_image_limits_default.max_pixels ||
        pixels > LC_TRANSCODE_LARGEST)
        return 1;
    while ((uint64_t)scaled(width, factor) * scaled(height, factor) > LC_TRANSCODE_SCALED)
        factor++;
    return factor;
}

uint64_t lc_transcode_memory(enum lc_content content, uint32_t width, uint32_t height)
{
    const uint32_t factor = lc_transcode_factor(content, width, height);
    uint64_t each = 0; /* bytes per pixel: decoded, on white, turned, encoded */

    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i].content == content)
            each = formats[i].memory;
    return each * scaled(width, factor) * scaled(height, factor) + 32ULL * width;
}

/* Whether the samples of a TIFF have at most 8 bits, or 16 whose upper 8 make a
 * picture. */
static bool is_plain(struct lc_span mode, unsigned depth)
{
    static const char *const others[] = {"I", "F", "LAB"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (lc_span_is(mode, others[i]))
            return false;
    return depth <= 8 || depth == 16;
}

bool lc_transcode_can(enum lc_content content, struct lc_span mode, unsigned depth,
                      uint32_t width, uint32_t height)
{
    const uint32_t factor = lc_transcode_factor(content, width, height);
    uint64_t memory = lc_transcode_memory(content, width, height);
    uint32_t most = content == LC_CONTENT_WEBP ? 16383 : 65500; /* the encoders' limits */

    if (content == LC_CONTENT_TIFF && !is_plain(mode, depth))
        return false;
    return is_format(content) && memory <= lc_image_limits_default.max_memory &&
           scaled(width, factor) <= most && scaled(height, factor) <= most;
}

bool lc_transcode_keeps(enum lc_content content)
{
    return content == LC_CONTENT_JPEG || content == LC_CONTENT_PNG ||
           content == LC_CONTENT_WEBP;
}

enum lc_status lc_transcode(const uint8_t *data, size_t size, enum lc_content content,
                            unsigned orientation, uint32_t factor, struct lc_buffer *out,
                            struct lc_error *err)
{
    struct lc_picture picture = {0};
    enum lc_status status = LC_OK;
    size_t format = 0;

    while (format < FORMATS && formats[format].content != content)
        format++;
    if (format == FORMATS)
        return lc_picture_fail(err);
    out->size = 0;
    status = formats[format].read(data, size, factor, &picture, err);
    if (status == LC_OK)
        status = turn(&picture, orientation, err);
    if (status == LC_OK)
        status = formats[format].write(&picture, out, err);
    lc_picture_clear(&picture);
    return status;
}
