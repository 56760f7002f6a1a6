#include "transcode/shrink.h"

#include <stdlib.h>
#include <string.h>

enum lc_status lc_shrink_begin(struct lc_shrink *shrink, uint32_t width, uint32_t height,
                               struct lc_error *err)
{
    struct lc_picture *out = shrink->out;

    shrink->width = width;
    shrink->height = height;
    out->width = width / shrink->factor + (width % shrink->factor > 0);
    out->height = height / shrink->factor + (height % shrink->factor > 0);
    if (shrink->factor > 1) {
        shrink->sums = calloc((size_t)out->width * out->channels, sizeof(uint32_t));
        if (!shrink->sums)
            return lc_fail_memory(err);
    }
    return lc_picture_begin(out, err);
}

static void add_row(struct lc_shrink *shrink, const uint8_t *row)
{
    const unsigned channels = shrink->out->channels;
    uint32_t *sums = shrink->sums;

    for (uint32_t x = 0; x < shrink->width; sums += channels)
        for (uint32_t end = shrink->width - x < shrink->factor ? shrink->width
                                                               : x + shrink->factor;
             x < end; x++)
            for (unsigned c = 0; c < channels; c++)
                sums[c] += *row++;
}

/* Write the means of a row of squares, rounded as in Pillow. Source: libImaging/Reduce.c,
 * division_UINT32, ImagingReduceNxN. */
static void put_means(struct lc_shrink *shrink, uint32_t rows)
{
    const struct lc_picture *out = shrink->out;
    const unsigned channels = out->channels;
    const uint32_t y = (shrink->y - 1) / shrink->factor;
    uint8_t *to = out->pixels + (size_t)y * out->width * channels;

    for (uint32_t x = 0; x < out->width; x++) {
        uint32_t left = shrink->width - x * shrink->factor;
        uint32_t count = rows * (left < shrink->factor ? left : shrink->factor);
        uint32_t multiplier = (uint32_t)(4294967296.0F / (float)(count << 8));

        for (unsigned c = 0; c < channels; c++)
            *to++ = (uint8_t)((shrink->sums[x * channels + c] + count / 2) * multiplier >>
                              24);
    }
    memset(shrink->sums, 0, (size_t)out->width * channels * sizeof(uint32_t));
}

void lc_shrink_row(struct lc_shrink *shrink, const uint8_t *row)
{
    const struct lc_picture *out = shrink->out;
    const size_t size = (size_t)shrink->width * out->channels;

    if (shrink->y >= shrink->height)
        return;
    if (shrink->factor == 1) {
        memcpy(out->pixels + shrink->y++ * size, row, size);
        return;
    }
    add_row(shrink, row);
    shrink->y++;
    if (shrink->y % shrink->factor == 0)
        put_means(shrink, shrink->factor);
    else if (shrink->y == shrink->height)
        put_means(shrink, shrink->y % shrink->factor);
}

bool lc_shrink_end(struct lc_shrink *shrink)
{
    free(shrink->sums);
    shrink->sums = NULL;
    return shrink->y == shrink->height;
}
