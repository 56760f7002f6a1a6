#include "thumb/canvas.h"

#include <assert.h>
#include <string.h>

static uint32_t shrink(uint32_t side, uint32_t longer)
{
    uint32_t small;

    if (longer <= LC_CANVAS_SIDE)
        return side;
    small = (uint32_t)(((uint64_t)side * LC_CANVAS_SIDE + longer / 2) / longer);
    return small ? small : 1;
}

void lc_canvas_begin(struct lc_canvas *canvas, uint32_t width, uint32_t height)
{
    uint32_t longer = width > height ? width : height;

    assert(width && height);
    memset(canvas, 0, sizeof(*canvas));
    canvas->from_width = width;
    canvas->from_height = height;
    canvas->width = shrink(width, longer);
    canvas->height = shrink(height, longer);
}

static struct lc_cell *row_of(struct lc_canvas *canvas, uint32_t y)
{
    uint32_t row = (uint32_t)((uint64_t)y * canvas->height / canvas->from_height);

    return canvas->cells + (size_t)row * canvas->width;
}

void lc_canvas_add(struct lc_canvas *canvas, uint32_t x, uint32_t y, uint32_t step,
                   const uint8_t *rgb, size_t count)
{
    struct lc_cell *row = row_of(canvas, y);

    assert(y < canvas->from_height);
    assert(!count || x + (uint64_t)step * (count - 1) < canvas->from_width);
    for (size_t i = 0; i < count; i++, x += step, rgb += LC_CANVAS_BYTES) {
        struct lc_cell *cell = row + (uint64_t)x * canvas->width / canvas->from_width;

        cell->sums[0] += rgb[0];
        cell->sums[1] += rgb[1];
        cell->sums[2] += rgb[2];
        cell->count++;
    }
    canvas->painted += count;
}

void lc_canvas_read(const struct lc_canvas *canvas, uint8_t *rgb)
{
    size_t count = (size_t)canvas->width * canvas->height;

    for (size_t i = 0; i < count * LC_CANVAS_BYTES; i++) {
        const struct lc_cell *cell = &canvas->cells[i / LC_CANVAS_BYTES];
        uint32_t sum = cell->sums[i % LC_CANVAS_BYTES];

        rgb[i] = LC_CANVAS_NOTHING;
        if (cell->count)
            rgb[i] = (uint8_t)((sum + cell->count / 2) / cell->count);
    }
}

void lc_canvas_turn(const uint8_t *from, uint32_t width, uint32_t height,
                    unsigned orientation, uint8_t *to)
{
    bool across = orientation >= 5; /* columns become rows */
    bool from_right =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_below =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    uint32_t rows = across ? width : height, columns = across ? height : width;

    for (uint32_t y = 0; y < rows; y++) {
        for (uint32_t x = 0; x < columns; x++) {
            uint32_t u = across ? y : x, v = across ? x : y;

            u = from_right ? width - 1 - u : u;
            v = from_below ? height - 1 - v : v;
            memcpy(to, from + ((size_t)v * width + u) * LC_CANVAS_BYTES, LC_CANVAS_BYTES);
            to += LC_CANVAS_BYTES;
        }
    }
}
