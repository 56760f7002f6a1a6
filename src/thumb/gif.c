/* GIF: the first frame, as far as its LZW codes are valid */
#include "image/gif/gif.h"
#include "thumb/decode.h"

struct frame {
    struct lc_gif_first first;
    struct lc_painter *painter;
    uint32_t x, y; /* position of the next pixel */
    unsigned pass;
};

/* Move to the next row, which in an interlaced frame may be several rows further down:
 * GIF89a, appendix E. */
static void end_row(struct frame *frame)
{
    static const uint8_t first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    const struct lc_gif_first *gif = &frame->first;

    frame->x = gif->left;
    frame->y += gif->is_interlaced ? step[frame->pass] : 1;
    while (gif->is_interlaced && frame->y >= gif->bottom && frame->pass < 3)
        frame->y = gif->top + first[++frame->pass];
}

static void paint_pixels(void *user, const uint8_t *indexes, size_t count)
{
    struct frame *frame = user;
    const struct lc_gif_first *gif = &frame->first;

    for (size_t i = 0; i < count; i++) {
        bool is_clear = frame->painter->seen && indexes[i] == gif->transparent;
        uint32_t colour = is_clear ? 0xFFFFFF : gif->colours[indexes[i]];
        const uint8_t rgb[] = {(uint8_t)(colour >> 16), (uint8_t)(colour >> 8),
                               (uint8_t)colour};

        lc_canvas_add(frame->painter->canvas, frame->x, frame->y, 1, rgb, 1);
        if (++frame->x == gif->right)
            end_row(frame);
    }
}

enum lc_status lc_paint_gif(struct lc_painter *painter, struct lc_error *err)
{
    struct frame frame = {.painter = painter};
    struct lc_gif_first *gif = &frame.first;

    (void)err;
    if (!lc_gif_open(painter->data, painter->size, gif) || !gif->pixels.wanted ||
        !lc_paint_begin(painter, gif->width, gif->height))
        return LC_OK;
    frame.x = gif->left;
    frame.y = gif->top;
    gif->pixels.put = paint_pixels;
    gif->pixels.user = &frame;
    (void)lc_gif_decode(&gif->pixels); /* show the pixels that precede an invalid code */
    return LC_OK;
}
