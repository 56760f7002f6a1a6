/* The widths, heights and shapes of the images, counted for the page's plots. */
#include "report/html/page.h"

#include <stdlib.h>

/* Sizes are counted in steps of a quarter of an octave, from 8 to 32,768 pixels. */
#define STEPS ((size_t)4)
#define LOWEST 3
#define OCTAVES 12
#define CELLS (STEPS * OCTAVES)

/* Shapes too, from 4 times as high as wide to 4 times as wide as high. */
#define SHAPES 17

struct sizes {
    uint64_t cells[CELLS][CELLS]; /* by height, then width */
    uint64_t shapes[SHAPES];
};

/* 2 to the power of 0, 1/4, 1/2 and 3/4 */
static const double roots[] = {1, 1.189207115, 1.414213562, 1.681792831};

static size_t cell_of(uint32_t pixels)
{
    unsigned octave = 31 - (unsigned)__builtin_clz(pixels | 1);
    double part = (double)pixels / (double)(1U << octave);
    size_t step = 0;

    if (octave < LOWEST)
        return 0;
    if (octave >= LOWEST + OCTAVES)
        return CELLS - 1;
    while (step + 1 < STEPS && part >= roots[step + 1])
        step++;
    return (octave - LOWEST) * STEPS + step;
}

/* Shapes are bounded by the midpoints between two steps. */
static size_t shape_of(double ratio)
{
    double end = 1.0905077327 / 4; /* the upper bound of 1:4, which is 2 to the power of
                                      1/8 times a quarter */
    size_t shape = 0;

    for (; shape + 1 < SHAPES && ratio >= end; shape++)
        end *= roots[1];
    return shape;
}

static enum lc_status count_image(void *user, uint32_t number,
                                  const struct lc_image_record *image,
                                  struct lc_error *err)
{
    struct sizes *sizes = user;

    (void)number;
    (void)err;
    if (!image->width || !image->height)
        return LC_OK;
    sizes->shapes[shape_of((double)image->width / (double)image->height)]++;
    sizes->cells[cell_of(image->height)][cell_of(image->width)]++;
    return LC_OK;
}

static void put_sizes(struct lc_jw *json, const struct sizes *sizes)
{
    lc_jw_key_array(json, "image_sizes", LC_JW_COMPACT);
    for (size_t y = 0; y < CELLS; y++)
        for (size_t x = 0; x < CELLS; x++) {
            if (!sizes->cells[y][x])
                continue;
            lc_jw_array(json, LC_JW_COMPACT);
            lc_jw_number(json, x);
            lc_jw_number(json, y);
            lc_jw_number(json, sizes->cells[y][x]);
            lc_jw_end(json);
        }
    lc_jw_end(json);
    lc_jw_key_array(json, "aspect_ratios", LC_JW_COMPACT);
    for (size_t i = 0; i < SHAPES; i++)
        lc_jw_number(json, sizes->shapes[i]);
    lc_jw_end(json);
}

enum lc_status lc_html_sizes(struct lc_html *w, struct lc_error *err)
{
    struct sizes *sizes = calloc(1, sizeof(*sizes));
    enum lc_status status;

    if (!sizes)
        return lc_fail_memory(err);
    status = lc_index_each_image(w->report->index, count_image, sizes, err);
    if (status == LC_OK)
        put_sizes(&w->json, sizes);
    free(sizes);
    return status;
}
