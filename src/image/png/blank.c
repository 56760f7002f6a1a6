#include "image/png/blank.h"

#include <string.h>

#include "image/png/filter.h"

enum { GRAY = 0, INDEX = 3, GRAY_ALPHA = 4 };

static uint32_t gray(uint32_t value)
{
    return value << 16 | value << 8 | value;
}

static uint32_t palette_colour(const struct lc_png_blank *blank, uint32_t index)
{
    const uint8_t *entry;

    if (blank->palette.size / 3 <= index)
        return gray(index);
    entry = blank->palette.data + (size_t)index * 3;
    return (uint32_t)entry[0] << 16 | (uint32_t)entry[1] << 8 | entry[2];
}

/* Scale samples of less than 8 bits, except palette indexes, to 8 bits. */
static uint32_t scale(const struct lc_png_blank *blank, uint32_t value)
{
    return blank->type == INDEX ? value : value * 255 / ((1U << blank->depth) - 1);
}

/* Convert a pixel as convert("RGB") does: drop alpha, keep the high byte of 16-bit
 * samples, but clip 16-bit gray to 255. */
static uint32_t colour_at(const struct lc_png_blank *blank, const uint8_t *row,
                          uint32_t x)
{
    const uint8_t *p = row + x * blank->step;
    size_t sample = blank->depth == 16 ? 2 : 1;
    uint32_t value;

    if (blank->depth < 8) {
        uint64_t bit = (uint64_t)x * blank->depth;
        unsigned shift = 8 - blank->depth - (unsigned)(bit % 8);

        value =
            scale(blank, (unsigned)row[bit / 8] >> shift & ((1U << blank->depth) - 1));
    } else if (blank->type != GRAY && blank->type != INDEX && blank->type != GRAY_ALPHA) {
        return (uint32_t)p[0] << 16 | (uint32_t)p[sample] << 8 | p[2 * sample];
    } else if (blank->type == GRAY && blank->depth == 16) {
        value = p[0] > 0 ? 255 : p[1];
    } else {
        value = p[0];
    }
    return blank->by_palette ? palette_colour(blank, value) : gray(value);
}

static void add_colour(struct lc_png_blank *blank, uint32_t colour)
{
    if (blank->has_colour && blank->colour != colour)
        blank->possible = false;
    blank->has_colour = true;
    blank->colour = colour;
}

void lc_png_blank_begin(struct lc_png_blank *blank, const struct lc_png *png,
                        uint8_t *above)
{
    const struct lc_png_mode *mode = png->mode;

    *blank = (struct lc_png_blank){
        .possible = true,
        .depth = mode->depth,
        .type = mode->colour,
        .step = mode->bits < 8 ? 1 : mode->bits / 8,
        .palette = png->palette,
        .by_palette = png->has_palette || mode->colour == INDEX,
        .above = above,
        .flat = true,
    };
}

void lc_png_blank_outside(struct lc_png_blank *blank)
{
    add_colour(blank, blank->by_palette ? palette_colour(blank, 0) : 0);
}

void lc_png_blank_pass(struct lc_png_blank *blank)
{
    blank->flat = true;
    memset(blank->pixel, 0, sizeof(blank->pixel));
}

static bool repeats(const uint8_t *p, size_t size, size_t step)
{
    return size <= step || memcmp(p, p + step, size - step) == 0;
}

/*
 * Recognise a row of a plain area without undoing its filter. The row above repeats one
 * pixel. If this row is unfiltered, it must do so too. If it is filtered, all bytes after
 * its first pixel must be zero, and the filter must predict the first pixel from itself
 * (left) and from the pixel above (above and corner). Costs two memcmp's per row.
 */
static bool read_flat(struct lc_png_blank *blank, const uint8_t *row, size_t size)
{
    enum lc_png_filter filter = (enum lc_png_filter)row[0];
    const uint8_t *p = row + 1;
    const uint8_t *rest = p + blank->step;
    size_t left = size - blank->step;
    uint8_t pixel[8];
    size_t i;

    if (filter == LC_PNG_FILTER_NONE
            ? !repeats(p, size, blank->step)
            : left > 0 && (rest[0] != 0 || !repeats(rest, left, 1)))
        return false;
    for (i = 0; i < blank->step; i++) {
        uint8_t above = blank->pixel[i];

        pixel[i] = (uint8_t)(p[i] + lc_png_predict(filter, 0, above, 0));
        if (left > 0 && filter != LC_PNG_FILTER_NONE &&
            lc_png_predict(filter, pixel[i], above, above) != pixel[i])
            return false;
    }
    memcpy(blank->pixel, pixel, blank->step);
    return true;
}

/* Undo the filter; the row replaces the one above. */
static void read_row(struct lc_png_blank *blank, const uint8_t *row, size_t size)
{
    enum lc_png_filter filter = (enum lc_png_filter)row[0];
    uint8_t corner[8] = {0};
    size_t step = blank->step;
    size_t i;
    size_t k = 0; /* index of the byte in its pixel */

    for (i = 0; i < size; i++, k = k + 1 < step ? k + 1 : 0) {
        uint8_t left = i < step ? 0 : blank->above[i - step];
        uint8_t above = blank->flat ? blank->pixel[k] : blank->above[i];

        blank->above[i] =
            (uint8_t)(row[1 + i] + lc_png_predict(filter, left, above, corner[k]));
        corner[k] = above;
    }
    blank->flat = false;
}

void lc_png_blank_row(struct lc_png_blank *blank, const uint8_t *row, uint32_t pixels)
{
    uint64_t bits = (uint64_t)pixels * blank->depth;
    size_t size = blank->depth < 8 ? (size_t)((bits + 7) / 8) : pixels * blank->step;
    uint32_t distinct = blank->depth < 8 ? 8U / blank->depth : 1; /* in a flat row */
    const uint8_t *p = blank->above;
    uint32_t x;

    if (!blank->possible)
        return;
    if (blank->flat && read_flat(blank, row, size)) {
        p = blank->pixel;
        pixels = pixels < distinct ? pixels : distinct;
    } else {
        read_row(blank, row, size);
    }
    for (x = 0; x < pixels && blank->possible; x++)
        add_colour(blank, colour_at(blank, p, x));
}
