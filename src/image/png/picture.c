#include "image/png/picture.h"

#include "image/png/filter.h"

#include <stdlib.h>
#include <string.h>

enum { GRAY = 0, RGB = 2, INDEX = 3, GRAY_ALPHA = 4, RGB_ALPHA = 6 };

/* ---- from stored samples to pixels ---- */

/* Return a sample of less than 8 bits. */
static unsigned bits_at(const uint8_t *row, size_t x, unsigned depth)
{
    size_t bit = x * depth;

    return (unsigned)row[bit / 8] >> (8 - depth - bit % 8) & ((1U << depth) - 1);
}

static unsigned sample_at(const uint8_t *row, size_t at, unsigned depth)
{
    return depth < 8    ? bits_at(row, at, depth)
           : depth == 8 ? row[at]
                        : (unsigned)row[2 * at] << 8 | row[2 * at + 1];
}

/* Scale a sample of any depth to 8 bits; of 16 bits, keep the upper 8. */
static uint8_t in_8_bits(unsigned value, unsigned depth)
{
    return (uint8_t)(depth == 16 ? value >> 8 : value * (255U / ((1U << depth) - 1)));
}

/* Without a palette, Pillow shows indexes as grays. If an index is past the end of a
 * palette, or tRNS gives it an alpha without a palette, its colour depends on the version
 * of Pillow. Indexes past the end of tRNS are opaque. */
static void put_index(struct lc_png_picture *picture, unsigned index, uint8_t *to)
{
    const struct lc_png *png = &picture->start;
    bool is_known = index < png->palette.size / 3;

    if (is_known)
        memcpy(to, png->palette.data + (size_t)3 * index, 3);
    else
        memset(to, (int)index, 3);
    to[3] = index < png->trns.size ? png->trns.data[index] : 255;
    picture->is_past_palette |=
        !is_known && to[3] &&
        (png->has_palette || png->transparency == LC_PNG_TRANSPARENT_OTHER);
}

static void put_pixel(struct lc_png_picture *picture, const uint8_t *row, size_t x,
                      uint8_t *to)
{
    const struct lc_png *png = &picture->start;
    const unsigned depth = png->mode->depth, colour = png->mode->colour;
    const size_t count = colour & 2 ? 3 : 1; /* without the alpha */
    const size_t at = x * (count + (colour >> 2));
    bool is_key = png->trns.size > 0 && !(colour & 4);

    if (colour == INDEX) {
        put_index(picture, sample_at(row, x, depth), to);
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        unsigned value = sample_at(row, at + (count == 3 ? i : 0), depth);

        is_key = is_key && value == picture->key[i];
        to[i] = in_8_bits(value, depth);
    }
    to[3] = colour & 4 ? in_8_bits(sample_at(row, at + count, depth), depth)
            : is_key   ? 0
                       : 255;
}

/* ---- rows ---- */

/* Read the transparent colour. tRNS has 16 bits for each sample; only the low `depth`
 * bits count. */
static void read_key(struct lc_png_picture *picture)
{
    const struct lc_png *png = &picture->start;
    const size_t step = png->mode->colour == RGB ? 2 : 0;

    if (png->mode->colour == INDEX || png->trns.size < 2 + 2 * step)
        return;
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *from = png->trns.data + step * i;

        picture->key[i] =
            (uint16_t)((from[0] << 8 | from[1]) & (int)((1U << png->mode->depth) - 1));
    }
}

/* Whether Pillow handles the picture in the usual way: tRNS is not replaced by a text,
 * and only indexes have a palette. */
static bool is_usual(const struct lc_png *png)
{
    return png->transparency != LC_PNG_TRANSPARENT_TEXT &&
           (!png->has_palette || png->mode->colour == INDEX);
}

bool lc_png_picture_begin(struct lc_png_picture *picture, const struct lc_png *png,
                          uint32_t width, uint32_t height)
{
    static const uint8_t zeros[8];
    const uint64_t pixels = (uint64_t)png->width * png->height;
    uint8_t nothing[4]; /* the pixel to show where no row has any */

    picture->start = *png;
    picture->whole = png->interlaced || width < png->width || height < png->height;
    picture->window_size = (size_t)(((uint64_t)width * png->mode->bits + 7) / 8 + 1);
    if (picture->window_size < LC_IMAGE_ROW_SIZE) /* at least as large as for the
                                                     verdict */
        picture->window_size = LC_IMAGE_ROW_SIZE;
    if (!is_usual(png) || (picture->whole && pixels > lc_image_limits_default.max_pixels))
        picture->status = LC_ERR_USAGE;
    else if (!picture->rows->begin(picture->rows->user, png->width, png->height))
        picture->status = LC_ERR_MEMORY;
    if (picture->status != LC_OK)
        return false;
    picture->window = malloc(picture->window_size);
    picture->above = calloc(picture->window_size, 1);
    picture->line = malloc(4 * (picture->whole ? pixels : png->width));
    if (!picture->window || !picture->above || !picture->line) {
        picture->status = LC_ERR_MEMORY;
        return false;
    }
    read_key(picture);
    put_pixel(picture, zeros, 0, nothing);
    for (uint64_t i = 0; picture->whole && i < pixels; i++)
        memcpy(picture->line + 4 * i, nothing, 4);
    return true;
}

void lc_png_picture_pass(struct lc_png_picture *picture)
{
    memset(picture->above, 0, picture->window_size);
}

static void undo_filter(const struct lc_png_picture *picture, size_t size)
{
    const enum lc_png_filter filter = (enum lc_png_filter)picture->window[0];
    const size_t bits = picture->start.mode->bits, step = bits < 8 ? 1 : bits / 8;
    const uint8_t *above = picture->above;
    uint8_t *row = picture->window + 1;

    for (size_t i = 0; i < size; i++) {
        uint8_t left = i < step ? 0 : row[i - step];
        uint8_t corner = i < step ? 0 : above[i - step];

        row[i] = (uint8_t)(row[i] + lc_png_predict(filter, left, above[i], corner));
    }
    memcpy(picture->above, row, size);
}

void lc_png_picture_row(struct lc_png_picture *picture, const struct lc_png_place *place)
{
    const struct lc_png *png = &picture->start;
    uint8_t *to = picture->line;

    undo_filter(picture, (size_t)(((uint64_t)place->pixels * png->mode->bits + 7) / 8));
    if (picture->whole)
        to += 4 *
              (((uint64_t)png->tile.y + place->y) * png->width + png->tile.x + place->x);
    for (size_t i = 0; i < place->pixels; i++, to += (size_t)4 * place->step)
        put_pixel(picture, picture->window + 1, i, to);
    if (!picture->whole)
        picture->rows->row(picture->rows->user, picture->line);
}

void lc_png_picture_end(struct lc_png_picture *picture, const struct lc_png *png,
                        bool sound)
{
    const struct lc_png *start = &picture->start;

    if (picture->status == LC_OK && /* fail if a chunk after the pixels changed what they
                                       mean */
        (!sound || picture->is_past_palette || png->transparency != start->transparency ||
         png->trns.data != start->trns.data || png->width != start->width ||
         png->height != start->height))
        picture->status = LC_ERR_USAGE;
    for (uint64_t y = 0; picture->status == LC_OK && picture->whole && y < start->height;
         y++)
        picture->rows->row(picture->rows->user, picture->line + 4 * y * start->width);
    free(picture->window);
    free(picture->above);
    free(picture->line);
}
