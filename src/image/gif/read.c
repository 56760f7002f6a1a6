/* Read the pixels of a GIF's first frame. Pillow first fills the screen with the
 * transparent colour, or with the first one if there is none. */
#include "image/gif/gif.h"

#include <string.h>

struct canvas {
    struct lc_gif_first first;
    struct lc_image_samples *out;
    uint32_t x, y; /* position of the next pixel */
    unsigned pass;
    bool is_past_table; /* a pixel's colour depends on the version of Pillow */
};

/* Move to the next row, which in an interlaced frame may be several rows further down:
 * GIF89a, appendix E. */
static void end_row(struct canvas *canvas)
{
    static const uint8_t first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    const struct lc_gif_first *gif = &canvas->first;

    canvas->x = gif->left;
    canvas->y += gif->is_interlaced ? step[canvas->pass] : 1;
    while (gif->is_interlaced && canvas->y >= gif->bottom && canvas->pass < 3)
        canvas->y = gif->top + first[++canvas->pass];
}

static void put_pixel(struct canvas *canvas, size_t at, int index)
{
    uint32_t colour = canvas->first.colours[index];
    uint8_t *to = canvas->out->rgba + 4 * at;

    to[0] = (uint8_t)(colour >> 16);
    to[1] = (uint8_t)(colour >> 8);
    to[2] = (uint8_t)colour;
    to[3] = index == canvas->first.transparent ? 0 : 255;
    canvas->is_past_table |= (uint32_t)index >= canvas->first.colour_count && to[3];
}

static void put_pixels(void *user, const uint8_t *indexes, size_t count)
{
    struct canvas *canvas = user;
    const struct lc_gif_first *gif = &canvas->first;

    for (size_t i = 0; i < count && canvas->y < gif->bottom; i++) {
        put_pixel(canvas, (size_t)canvas->y * gif->width + canvas->x, indexes[i]);
        if (++canvas->x == gif->right)
            end_row(canvas);
    }
}

enum lc_status lc_gif_read(struct lc_image_scratch *scratch, const uint8_t *data,
                           size_t size, struct lc_image_samples *out,
                           struct lc_error *err)
{
    struct canvas canvas = {.out = out};
    struct lc_gif_first *gif = &canvas.first;
    size_t pixels;
    enum lc_status status;

    (void)scratch;
    if (!lc_gif_open(data, size, gif))
        return lc_fail(err, LC_ERR_USAGE, 0, "the GIF has no frame");
    out->width = gif->width;
    out->height = gif->height;
    status = lc_image_samples_begin(out, err);
    if (status != LC_OK)
        return status;
    pixels = (size_t)out->width * out->height;
    for (size_t i = 0; i < pixels; i++)
        put_pixel(&canvas, i, gif->transparent > 0 ? gif->transparent : 0);
    if (gif->right > gif->width || gif->bottom > gif->height)
        return lc_fail(err, LC_ERR_USAGE, 0, "the frame is not inside the picture");
    canvas.x = gif->left;
    canvas.y = gif->top;
    gif->pixels.put = put_pixels;
    gif->pixels.user = &canvas;
    if (gif->pixels.wanted && lc_gif_decode(&gif->pixels) != LC_GIF_DONE)
        return lc_fail(err, LC_ERR_USAGE, 0, "the pixels of the GIF are damaged");
    if (canvas.is_past_table)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "pixels are past the end of the colour table");
    return LC_OK;
}
