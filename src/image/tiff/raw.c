#include "image/tiff/picture.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many times the tiles may cover the picture before it no longer counts as blank.
 * This bounds the work if tiles share their data. */
enum { MAX_LAYERS = 8 };

/* A strip or a tile: an entry in Pillow's list of tiles. */
struct tile {
    int64_t offset;
    int64_t x0, y0, x1, y1; /* place in the picture */
    int64_t stride;         /* bytes from one row to the next; 0: no gaps */
    uint32_t number;        /* index in the file's list */
    char raw[12];           /* raw mode; a single letter for a separate plane */
    unsigned plane;
};

struct lc_tiff_tiles {
    size_t count;
    unsigned layers; /* how many times the tiles cover the whole picture */
    struct tile list[];
};

/* Position in the grid of tiles. */
struct cursor {
    int64_t x, y;
    int64_t width, height; /* size of a strip or tile */
    unsigned layer;
};

enum lc_tiff_step lc_tiff_limited(struct lc_tiff *tiff, uint64_t memory)
{
    lc_image_judge(tiff->info, LC_DECODE_NONE, "%llu bytes of memory, more than %llu",
                   (unsigned long long)memory,
                   (unsigned long long)tiff->limits->max_memory);
    tiff->info->limited = true;
    return LC_TIFF_JUDGED;
}

static enum lc_tiff_step not_verified(struct lc_tiff *tiff)
{
    lc_image_judge(tiff->info, LC_DECODE_NONE,
                   "not verified: the size of its strips or tiles is not an integer");
    return LC_TIFF_JUDGED;
}

/* Read the width or height of strips or tiles, clamped to a limit far above any
 * picture's. */
static enum lc_tiff_step read_extent(struct lc_tiff *tiff, enum lc_tiff_tag tag,
                                     int64_t *out)
{
    const struct lc_tiff_entry *entry = &tiff->dir.tags[tag];
    int64_t value;

    switch (lc_tiff_kind(entry)) {
    case LC_TIFF_NOTHING:
        if (tag == LC_TIFF_ROWS_PER_STRIP)
            return LC_TIFF_GOES_ON;
        return lc_tiff_refuse(tiff, "tiles without a size");
    case LC_TIFF_INTEGERS:
        value = lc_tiff_number(entry, 0).integer;
        *out = value > INT64_MAX / 4 ? INT64_MAX / 4 : value;
        return LC_TIFF_GOES_ON;
    case LC_TIFF_REALS:
        return not_verified(tiff);
    default:
        return lc_tiff_refuse(tiff, "the size of strips or tiles is not a number");
    }
}

static int64_t at_most(int64_t value, int64_t limit)
{
    return value < limit ? value : limit;
}

/* Set the next tile of Pillow's list; false if the raw mode has no letter for its
 * plane. */
static bool next_tile(const struct lc_tiff *tiff, struct cursor *at, struct tile *tile)
{
    double stride = 0;

    tile->x0 = at->x;
    tile->y0 = at->y;
    tile->x1 = at_most(at->x + at->width, tiff->width);
    tile->y1 = at_most(at->y + at->height, tiff->height);
    tile->plane = 0;
    if (at->x + at->width > tiff->width)
        stride = (double)at->width * tiff->bits_sum / 8;
    memcpy(tile->raw, tiff->raw, sizeof(tile->raw));
    if (tiff->planar) {
        if (at->layer >= strlen(tiff->raw))
            return false;
        memset(tile->raw, 0, sizeof(tile->raw));
        tile->raw[0] = tiff->raw[at->layer];
        tile->plane = at->layer < 4 ? at->layer : 0;
        stride /= tiff->plane_count;
    }
    tile->stride = fabs(stride) < 0x1p62 ? (int64_t)stride : INT64_MAX;
    at->x += at->width;
    if (at->x >= tiff->width) {
        at->x = 0;
        at->y += at->height;
        if (at->y >= tiff->height) {
            at->y = 0;
            at->layer++;
        }
    }
    return true;
}

static enum lc_tiff_step fill_tiles(struct lc_tiff *tiff,
                                    const struct lc_tiff_entry *offsets,
                                    struct cursor *at, struct lc_tiff_tiles *tiles)
{
    size_t i;

    for (i = 0; i < tiles->count; i++) {
        struct tile *tile = &tiles->list[i];

        if (!next_tile(tiff, at, tile))
            return lc_tiff_refuse(tiff, "more planes than samples");
        tile->number = (uint32_t)i;
        tile->offset = lc_tiff_number(offsets, i).integer;
    }
    tiles->layers = at->layer;
    return LC_TIFF_GOES_ON;
}

enum lc_tiff_step lc_tiff_tiles_new(struct lc_tiff *tiff, struct lc_tiff_tiles **out)
{
    const struct lc_tiff_entry *offsets = &tiff->dir.tags[LC_TIFF_STRIP_OFFSETS];
    bool tiled = offsets->value.size == 0;
    struct cursor at = {.width = tiff->width, .height = tiff->height};
    enum lc_tiff_step step;
    size_t count;
    uint64_t size;

    if (tiled)
        offsets = &tiff->dir.tags[LC_TIFF_TILE_OFFSETS];
    if (offsets->value.size == 0)
        return lc_tiff_refuse(tiff, "neither strips nor tiles");
    step = read_extent(tiff, tiled ? LC_TIFF_TILE_LENGTH : LC_TIFF_ROWS_PER_STRIP,
                       &at.height);
    if (step == LC_TIFF_GOES_ON && tiled)
        step = read_extent(tiff, LC_TIFF_TILE_WIDTH, &at.width);
    if (step != LC_TIFF_GOES_ON)
        return step;
    /* offsets that are not integers only cause an error when the pixels are read */
    count = lc_tiff_count(offsets);
    if (lc_tiff_kind(offsets) == LC_TIFF_TEXT || offsets->type == LC_TIFF_UNDEFINED)
        count = 1;
    size = sizeof(**out) + count * (uint64_t)sizeof((*out)->list[0]);
    if (tiff->limits->max_memory > 0 && size > tiff->limits->max_memory)
        return lc_tiff_limited(tiff, size);
    *out = malloc((size_t)size);
    if (!*out) {
        tiff->no_memory = true;
        return LC_TIFF_JUDGED;
    }
    (*out)->count = count;
    return fill_tiles(tiff, offsets, &at, *out);
}

void lc_tiff_tiles_free(struct lc_tiff_tiles *tiles)
{
    free(tiles);
}

/* --- reading them */

static int by_offset(const void *a, const void *b)
{
    const struct tile *one = a;
    const struct tile *other = b;

    if (one->offset != other->offset)
        return one->offset < other->offset ? -1 : 1;
    return one->number < other->number ? -1 : 1;
}

/* Whether the next tile replaces this one: if consecutive tiles differ only in their
 * offsets, Pillow reads the last. */
static bool is_superseded(const struct tile *tile, const struct tile *next)
{
    return tile->x0 == next->x0 && tile->y0 == next->y0 && tile->x1 == next->x1 &&
           tile->y1 == next->y1 && tile->stride == next->stride &&
           strcmp(tile->raw, next->raw) == 0;
}

static bool fits_int(int64_t value)
{
    return value >= INT_MIN && value <= INT_MAX;
}

/* Whether a tile passes the checks of Pillow's setimage(). */
static bool is_inside(const struct lc_tiff *tiff, const struct tile *tile)
{
    if (!fits_int(tile->stride) || !fits_int(tile->x0) || !fits_int(tile->x1) ||
        !fits_int(tile->y0) || !fits_int(tile->y1))
        return false;
    return tile->x1 > tile->x0 && tile->y1 > tile->y0 && tile->x1 <= tiff->width &&
           tile->y1 <= tiff->height;
}

static enum lc_tiff_step cut_off(struct lc_tiff *tiff, const struct tile *tile,
                                 int64_t rows)
{
    long long row = tile->y0 + rows;

    tiff->info->rows_decoded = (uint32_t)row;
    lc_image_judge(tiff->info, LC_DECODE_TRUNCATED, "the pixels end in row %lld of %lld",
                   row, (long long)tiff->height);
    return LC_TIFF_JUDGED;
}

/* The reason for Pillow to raise before it reads a tile; or NULL. */
static const char *fault_of(const struct lc_tiff *tiff, const struct tile *tile)
{
    const struct lc_tiff_layout *layout = lc_tiff_layout(tiff->mode, tile->raw);

    if (tile->offset < 0 || tile->offset == INT64_MAX)
        return "an invalid file offset";
    if (!layout)
        return "a pixel format that Pillow cannot unpack";
    if (tile->x0 == 0 && tile->x1 == 0) /* Pillow 9.4 treats it as the whole picture */
        return "a tile of width 0 at the left border" LC_PILLOW_11_1;
    if (!is_inside(tiff, tile) || tile->x1 - tile->x0 > INT_MAX / layout->bits - 7)
        return "a strip or tile lies outside the picture";
    return NULL;
}

/*
 * Read one tile like RawDecode.c. *failed is set to whether decoding stopped with an
 * error; Pillow only checks this for the last tile.
 */
static enum lc_tiff_step read_tile(struct lc_tiff *tiff, const struct tile *tile,
                                   bool *failed)
{
    const struct lc_tiff_layout *layout = lc_tiff_layout(tiff->mode, tile->raw);
    const char *fault = fault_of(tiff, tile);
    int64_t size = (int64_t)tiff->source.bytes.size;
    int64_t row;
    int64_t step;
    int64_t y;

    if (fault)
        return lc_tiff_corrupt(tiff, fault);
    row = ((tile->x1 - tile->x0) * layout->bits + 7) / 8;
    step = tile->stride ? tile->stride : row;
    tiff->has_holes = true; /* unless the file contains all of its rows */
    if (tile->offset >= size)
        return cut_off(tiff, tile, 0);
    *failed = step < row;
    if (*failed)
        return LC_TIFF_GOES_ON;
    size -= tile->offset;
    if (size < row || (size - row) / step < tile->y1 - tile->y0 - 1)
        return cut_off(tiff, tile, size < row ? 0 : (size - row) / step + 1);
    tiff->has_holes = false;
    for (y = 0; y < tile->y1 - tile->y0 && lc_tiff_wants_all(tiff); y++) {
        const uint8_t *data = tiff->source.bytes.data + tile->offset + y * step;

        /* convert("RGB") drops alpha */
        if (tile->plane < 3 || strcmp(tiff->mode, "CMYK") == 0)
            lc_tiff_blank_row(&tiff->blank, layout, tile->plane, data,
                              (uint32_t)(tile->x1 - tile->x0));
        lc_tiff_alpha_row(&tiff->alpha, tiff->mode, layout, tile->plane, data,
                          (uint32_t)(tile->x1 - tile->x0));
        lc_tiff_keep_row(tiff, layout, tile->plane, tile->x0, tile->y0 + y, data,
                         tile->x1 - tile->x0);
    }
    return LC_TIFF_GOES_ON;
}

/* Bytes per pixel of the modes that Pillow can map; 0 for others. */
static int64_t mapped_pixel(const char *mode)
{
    if (strcmp(mode, "L") == 0 || strcmp(mode, "P") == 0)
        return 1;
    if (strcmp(mode, "I;16") == 0 || strcmp(mode, "I;16B") == 0)
        return 2;
    if (strcmp(mode, "RGBX") == 0 || strcmp(mode, "RGBA") == 0 ||
        strcmp(mode, "CMYK") == 0)
        return 4;
    return 0;
}

/*
 * Map a single tile if its pixels are stored as in Pillow's memory: Pillow then maps the
 * file and ignores the tile's position and size. *mapped is left false if Pillow does not
 * map it.
 */
static enum lc_tiff_step map_tile(struct lc_tiff *tiff, struct tile *tile, bool *mapped)
{
    const struct lc_tiff_layout *layout = lc_tiff_layout(tiff->mode, tile->raw);
    int64_t size = (int64_t)tiff->source.bytes.size;
    int64_t pixel = mapped_pixel(tiff->mode);
    int64_t stride = tile->stride > 0 ? tile->stride : tiff->width * pixel;
    int64_t y;

    *mapped = false;
    if (pixel == 0 || strcmp(tiff->mode, tile->raw) != 0)
        return LC_TIFF_GOES_ON;
    if (tile->offset < 0) {
        lc_image_judge(tiff->info, LC_DECODE_NONE, "not verified: an offset below 0");
        return LC_TIFF_JUDGED;
    }
    if (tile->stride > INT_MAX || tile->offset > size ||
        tile->stride * tiff->height > size - tile->offset)
        return LC_TIFF_GOES_ON;
    *mapped = true;
    tile->y0 = 0;
    if (stride * tiff->height > size - tile->offset)
        return cut_off(tiff, tile, (size - tile->offset) / stride);
    for (y = 0; y < tiff->height && lc_tiff_wants_all(tiff); y++) {
        const uint8_t *data = tiff->source.bytes.data + tile->offset + y * stride;

        lc_tiff_blank_row(&tiff->blank, layout, 0, data, (uint32_t)tiff->width);
        lc_tiff_alpha_row(&tiff->alpha, tiff->mode, layout, 0, data,
                          (uint32_t)tiff->width);
        lc_tiff_keep_row(tiff, layout, 0, 0, y, data, tiff->width);
    }
    return LC_TIFF_GOES_ON;
}

/* Whether Python's seek() raises TypeError for these offsets. */
static bool has_invalid_offsets(const struct lc_tiff *tiff)
{
    const struct lc_tiff_entry *offsets = &tiff->dir.tags[LC_TIFF_STRIP_OFFSETS];

    if (offsets->value.size == 0)
        offsets = &tiff->dir.tags[LC_TIFF_TILE_OFFSETS];
    return lc_tiff_kind(offsets) == LC_TIFF_REALS ||
           lc_tiff_kind(offsets) == LC_TIFF_TEXT || offsets->type == LC_TIFF_UNDEFINED;
}

enum lc_tiff_step lc_tiff_read_tiles(struct lc_tiff *tiff, struct lc_tiff_tiles *tiles)
{
    unsigned planes = tiff->planar ? lc_tiff_bands(tiff->mode) : 1;
    int64_t left = tiff->width * tiff->height * MAX_LAYERS;
    bool mapped = false;
    bool failed = true;
    size_t i;

    if (has_invalid_offsets(tiff))
        return lc_tiff_corrupt(tiff, "the offsets are not integers");
    if (tiles->layers > 3 && strcmp(tiff->mode, "RGBX") == 0)
        return lc_tiff_corrupt(tiff, LC_TIFF_PLANES_OF_RGBX);
    if (tiles->count == 1 && map_tile(tiff, &tiles->list[0], &mapped) == LC_TIFF_JUDGED)
        return LC_TIFF_JUDGED;
    qsort(tiles->list, tiles->count, sizeof(tiles->list[0]), by_offset);
    for (i = mapped ? 1 : 0; i < tiles->count; i++) {
        if (i + 1 < tiles->count && is_superseded(&tiles->list[i], &tiles->list[i + 1]))
            continue;
        if (read_tile(tiff, &tiles->list[i], &failed) == LC_TIFF_JUDGED) {
            for (; i < tiles->count && tiff->has_holes; i++) /* Pillow may go on */
                tiff->has_holes = !fault_of(tiff, &tiles->list[i]);
            return LC_TIFF_JUDGED;
        }
        left -= (tiles->list[i].x1 - tiles->list[i].x0) *
                (tiles->list[i].y1 - tiles->list[i].y0);
        if (left < 0) {
            tiff->want = NULL; /* the layers would take too long */
            tiff->blank.differs = true;
            tiff->alpha.found = tiff->alpha.found || tiff->alpha.wanted;
            tiff->alpha.wanted = false;
        }
    }
    if (failed && !mapped)
        return lc_tiff_corrupt(tiff, "rows shorter than their pixels");
    if (tiles->layers < planes && tiff->alpha.wanted)
        tiff->alpha.found = true; /* Pillow leaves alpha at 0 */
    if (tiles->layers < planes)
        lc_image_warn(tiff->info, "strips or tiles are missing");
    return LC_TIFF_GOES_ON;
}
