/* fuzz_thumb.c - what must be true for a thumbnail of any bytes
 *
 * Either a thumbnail is painted, or there is a reason why not. No more is decoded than
 * the limit allows. A painted thumbnail is within its bounds and can be written.
 */
#include "target.h"

#include <stdlib.h>

#include "thumb/decode.h"
#include "thumb/encode.h"

enum { BUDGET = 4000000 };

static void paint(const uint8_t *data, size_t size, bool seen, struct lc_canvas *canvas)
{
    struct lc_painter painter = {
        .data = data, .size = size, .seen = seen, .budget = BUDGET, .canvas = canvas};
    uint8_t *rgb;
    struct lc_buffer text = {0};
    struct lc_error err = {0};

    must(lc_paint(&painter, &err) == LC_OK);
    must(painter.budget <= BUDGET);
    if (painter.why)
        return;
    must(canvas->width >= 1 && canvas->width <= LC_CANVAS_SIDE);
    must(canvas->height >= 1 && canvas->height <= LC_CANVAS_SIDE);
    rgb = malloc((size_t)canvas->width * canvas->height * LC_CANVAS_BYTES);
    must(rgb);
    lc_canvas_read(canvas, rgb);
    must(lc_thumb_encode(rgb, canvas->width, canvas->height, &text, &err) == LC_OK);
    must(text.size > 0);
    lc_buffer_clear(&text);
    free(rgb);
}

void lc_fuzz_thumb(const uint8_t *data, size_t size)
{
    static struct lc_canvas canvas;

    paint(data, size, true, &canvas);
    paint(data, size, false, &canvas);
}
