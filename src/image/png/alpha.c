#include "image/png/alpha.h"

#include <string.h>

#include "image/png/filter.h"

enum { GRAY = 0, RGB = 2, INDEX = 3, GRAY_ALPHA = 4, RGB_ALPHA = 6 };

static bool has_transparent_entry(struct lc_bytes alphas)
{
    for (size_t i = 0; i < alphas.size; i++)
        if (alphas.data[i] != 255)
            return true;
    return false;
}

/* Read the transparent colour. tRNS has 16 bits for each sample; only the low `depth`
 * bits count. */
static void read_key(struct lc_png_alpha *alpha, struct lc_bytes trns)
{
    size_t samples = trns.size / 2 < 3 ? trns.size / 2 : 3;

    for (size_t i = 0; i < samples; i++) {
        if (alpha->depth == 16)
            memcpy(alpha->key + 2 * i, trns.data + 2 * i, 2);
        else
            alpha->key[i] = trns.data[2 * i + 1];
    }
    if (alpha->depth < 8)
        alpha->key[0] &= (uint8_t)((1U << alpha->depth) - 1);
}

void lc_png_alpha_begin(struct lc_png_alpha *alpha, const struct lc_png *png,
                        uint8_t *above)
{
    const struct lc_png_mode *mode = png->mode;

    *alpha = (struct lc_png_alpha){
        .first_row = true,
        .depth = mode->depth,
        .step = mode->bits < 8 ? 1 : mode->bits / 8,
        .above = above,
    };
    switch (mode->colour) {
    case GRAY_ALPHA:
    case RGB_ALPHA:
        alpha->kind = LC_PNG_ALPHA_CHANNEL;
        break;
    case INDEX:
        alpha->alphas = png->trns;
        if (has_transparent_entry(png->trns))
            alpha->kind = LC_PNG_ALPHA_PALETTE;
        break;
    default:
        if (png->trns.size < (mode->colour == RGB ? 6 : 2))
            break;
        alpha->kind = LC_PNG_ALPHA_KEY;
        read_key(alpha, png->trns);
        break;
    }
}

void lc_png_alpha_zero(struct lc_png_alpha *alpha)
{
    static const uint8_t zero[sizeof(alpha->key)];

    if (alpha->kind == LC_PNG_ALPHA_CHANNEL)
        alpha->found = true;
    else if (alpha->kind == LC_PNG_ALPHA_PALETTE)
        alpha->found = alpha->found || alpha->alphas.data[0] != 255;
    else if (alpha->kind == LC_PNG_ALPHA_KEY)
        alpha->found = alpha->found || memcmp(alpha->key, zero, sizeof(zero)) == 0;
}

void lc_png_alpha_pass(struct lc_png_alpha *alpha)
{
    alpha->first_row = true;
}

/*
 * Whether all alphas of a row are 255, without undoing the filter. All alphas so far have
 * been 255, so the bytes from which the filter predicts are 255, or 0 outside the
 * picture. Therefore opaque pixels have the same filtered byte in the whole row, except
 * in its first pixel.
 */
static bool is_opaque(const struct lc_png_alpha *alpha, const uint8_t *row,
                      uint32_t pixels)
{
    enum lc_png_filter filter = (enum lc_png_filter)row[0];
    uint8_t above = alpha->first_row ? 0 : 255;
    uint8_t first = (uint8_t)(255 - lc_png_predict(filter, 0, above, 0));
    uint8_t other = (uint8_t)(255 - lc_png_predict(filter, 255, above, above));
    const uint8_t *p = row + 1 + alpha->step - (alpha->depth == 16 ? 2 : 1);
    size_t end = pixels * alpha->step;

    if (p[0] != first)
        return false;
    for (size_t at = alpha->step; at < end; at += alpha->step)
        if (p[at] != other)
            return false;
    return true;
}

/* Undo the filter; the row replaces the one above. */
static void unfilter(struct lc_png_alpha *alpha, const uint8_t *row, size_t size)
{
    enum lc_png_filter filter = (enum lc_png_filter)row[0];
    size_t step = alpha->step;
    uint8_t corner[6] = {0};

    if (alpha->first_row)
        memset(alpha->above, 0, size);
    for (size_t i = 0, k = 0; i < size; i++, k = k + 1 < step ? k + 1 : 0) {
        uint8_t left = i < step ? 0 : alpha->above[i - step];
        uint8_t above = alpha->above[i];

        alpha->above[i] =
            (uint8_t)(row[1 + i] + lc_png_predict(filter, left, above, corner[k]));
        corner[k] = above;
    }
}

static bool is_opaque_at(const struct lc_png_alpha *alpha, uint32_t x)
{
    const uint8_t *p = alpha->above + (size_t)x * alpha->step;
    unsigned value;

    if (alpha->depth >= 8 && alpha->kind == LC_PNG_ALPHA_KEY)
        return memcmp(p, alpha->key, alpha->step) != 0;
    value = p[0];
    if (alpha->depth < 8) {
        uint64_t bit = (uint64_t)x * alpha->depth;
        unsigned shift = 8 - alpha->depth - (unsigned)(bit % 8);

        value = (unsigned)alpha->above[bit / 8] >> shift & ((1U << alpha->depth) - 1);
    }
    if (alpha->kind == LC_PNG_ALPHA_KEY)
        return value != alpha->key[0];
    return value >= alpha->alphas.size || alpha->alphas.data[value] == 255;
}

void lc_png_alpha_row(struct lc_png_alpha *alpha, const uint8_t *row, uint32_t pixels)
{
    uint64_t bits = (uint64_t)pixels * alpha->depth;
    uint32_t x;

    if (alpha->kind == LC_PNG_ALPHA_NONE || alpha->found)
        return;
    if (alpha->kind == LC_PNG_ALPHA_CHANNEL) {
        alpha->found = !is_opaque(alpha, row, pixels);
    } else {
        unfilter(alpha, row,
                 alpha->depth < 8 ? (size_t)((bits + 7) / 8) : pixels * alpha->step);
        for (x = 0; x < pixels && !alpha->found; x++)
            alpha->found = !is_opaque_at(alpha, x);
    }
    alpha->first_row = false;
}
