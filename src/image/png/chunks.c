#include "image/png/chunks.h"

#include <string.h>

/* Handler for a chunk; the data is read completely before the handler is called. */
struct handler {
    char name[5];
    enum lc_png_result (*read)(struct lc_png *png, struct lc_bytes s);
};

static const struct lc_png_mode modes[] = {
    {1, 0, 1, "1"},      {2, 0, 2, "L"},     {4, 0, 4, "L"},      {8, 0, 8, "L"},
    {16, 0, 16, "I"},    {8, 2, 24, "RGB"},  {16, 2, 48, "RGB"},  {1, 3, 1, "P"},
    {2, 3, 2, "P"},      {4, 3, 4, "P"},     {8, 3, 8, "P"},      {8, 4, 16, "LA"},
    {16, 4, 32, "RGBA"}, {8, 6, 32, "RGBA"}, {16, 6, 64, "RGBA"},
};

enum lc_png_result lc_png_refuse(struct lc_png *png, const char *why)
{
    lc_image_judge(png->info, LC_DECODE_CORRUPT, "%s", why);
    return LC_PNG_RAISES;
}

bool lc_png_chunk_is(const struct lc_png_chunk *chunk, const char *name)
{
    return memcmp(chunk->name, name, 4) == 0;
}

void lc_png_skip(struct lc_png *png, uint64_t size)
{
    size_t left = png->size - png->at;

    png->at += size < left ? (size_t)size : left;
}

enum lc_png_result lc_png_read_bytes(struct lc_png *png, uint64_t size,
                                     struct lc_bytes *out)
{
    if (size > png->size - png->at) {
        lc_image_judge(png->info, LC_DECODE_TRUNCATED, "the file ends inside a chunk");
        return LC_PNG_RAISES;
    }
    *out = (struct lc_bytes){png->data + png->at, (size_t)size};
    png->at += (size_t)size;
    return LC_PNG_READ;
}

static bool is_name(const uint8_t *p)
{
    int i;

    for (i = 0; i < 4; i++) {
        bool letter = (p[i] | 32) >= 'a' && (p[i] | 32) <= 'z';

        if (!letter && p[i] != '_' && !(p[i] >= '0' && p[i] <= '9'))
            return false;
    }
    return true;
}

/* Pillow raises for a name that is not ASCII, even if LOAD_TRUNCATED_IMAGES is set. */
static bool is_ascii(const uint8_t *p)
{
    return ((p[0] | p[1] | p[2] | p[3]) & 0x80) == 0;
}

enum lc_png_result lc_png_next_chunk(struct lc_png *png, struct lc_png_chunk *out)
{
    const uint8_t *head = png->data + png->at;

    if (png->size - png->at < 8) {
        lc_image_judge(png->info, LC_DECODE_TRUNCATED,
                       "the file ends where a chunk is expected");
        return LC_PNG_RAISES;
    }
    out->length = lc_be32(head);
    memcpy(out->name, head + 4, 4);
    png->at += 8;
    out->at = png->at;
    if (png->lenient ? !is_ascii(out->name) : !is_name(out->name))
        return lc_png_refuse(png, "expected a chunk");
    return LC_PNG_READ;
}

/* Refuse a chunk that is too short, of a kind that Pillow ignores with
 * LOAD_TRUNCATED_IMAGES. */
static enum lc_png_result refuse_short(struct lc_png *png, const char *why)
{
    return png->lenient ? LC_PNG_READ : lc_png_refuse(png, why);
}

static enum lc_png_result read_header(struct lc_png *png, struct lc_bytes s)
{
    size_t i;

    if (s.size < 13)
        return refuse_short(png, "IHDR chunk too short");
    png->width = lc_be32(s.data);
    png->height = lc_be32(s.data + 4);
    for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (modes[i].depth == s.data[8] && modes[i].colour == s.data[9])
            png->mode = &modes[i];
    }
    if (s.data[12] != 0)
        png->interlaced = true;
    if (s.data[11] != 0)
        return lc_png_refuse(png, "unknown filter method");
    return LC_PNG_READ;
}

static bool has_mode(const struct lc_png *png, const char *name)
{
    return png->mode && strcmp(png->mode->name, name) == 0;
}

static enum lc_png_result read_palette(struct lc_png *png, struct lc_bytes s)
{
    if (has_mode(png, "P")) {
        png->has_palette = true;
        png->palette = s;
    }
    return LC_PNG_READ;
}

/* Whether exactly one entry is transparent and all others are opaque: Pillow keeps its
 * index then. */
static bool is_one_transparent(struct lc_bytes s)
{
    size_t zeros = 0;
    size_t i;

    if (s.size > 1 && s.data[s.size - 1] == '\n')
        s.size--; /* Pillow's pattern ends with $, which also matches before a newline */
    for (i = 0; i < s.size; i++) {
        if (s.data[i] != 0 && s.data[i] != 0xFF)
            return false;
        zeros += s.data[i] == 0;
    }
    return zeros == 1;
}

static enum lc_png_result read_transparency(struct lc_png *png, struct lc_bytes s)
{
    if (has_mode(png, "P")) {
        bool one = is_one_transparent(s);

        png->transparency = one ? LC_PNG_TRANSPARENT_INDEX : LC_PNG_TRANSPARENT_OTHER;
        if (one && s.data[s.size - 1] == '\n')
            s.size--; /* the newline that the pattern ignores */
    } else if (has_mode(png, "1") || has_mode(png, "L") || has_mode(png, "I")) {
        if (s.size < 2)
            return lc_png_refuse(png, "tRNS chunk too short");
        png->transparency = LC_PNG_TRANSPARENT_INDEX;
    } else if (has_mode(png, "RGB")) {
        if (s.size < 6)
            return lc_png_refuse(png, "tRNS chunk too short");
        png->transparency = LC_PNG_TRANSPARENT_OTHER;
    } else {
        return LC_PNG_READ; /* any other mode, or before IHDR */
    }
    png->trns = s;
    return LC_PNG_READ;
}

static enum lc_png_result read_gamma(struct lc_png *png, struct lc_bytes s)
{
    return s.size < 4 ? lc_png_refuse(png, "gAMA chunk too short") : LC_PNG_READ;
}

static enum lc_png_result read_chromaticity(struct lc_png *png, struct lc_bytes s)
{
    return s.size % 4 ? lc_png_refuse(png, "cHRM chunk has the wrong length")
                      : LC_PNG_READ;
}

static enum lc_png_result read_intent(struct lc_png *png, struct lc_bytes s)
{
    return s.size < 1 ? refuse_short(png, "sRGB chunk too short") : LC_PNG_READ;
}

static enum lc_png_result read_density(struct lc_png *png, struct lc_bytes s)
{
    return s.size < 9 ? refuse_short(png, "pHYs chunk too short") : LC_PNG_READ;
}

static enum lc_png_result read_exif(struct lc_png *png, struct lc_bytes s)
{
    png->exif = s;
    png->exif_is_text = false;
    return LC_PNG_READ;
}

/* If there is a second such chunk, or no frame, Pillow falls back to the still
 * picture. */
static enum lc_png_result read_animation(struct lc_png *png, struct lc_bytes s)
{
    uint32_t frames;

    if (s.size < 8)
        return refuse_short(png, "acTL chunk too short");
    frames = lc_be32(s.data);
    if (png->has_frames) {
        png->has_frames = false;
    } else if (frames != 0 && frames <= 0x80000000) {
        png->has_frames = true;
        png->frames = frames;
    }
    return LC_PNG_READ;
}

static enum lc_png_result read_frame(struct lc_png *png, struct lc_bytes s)
{
    struct lc_png_area area = {.kind = LC_PNG_AREA_FRAME};
    uint64_t expected = png->has_sequence ? (uint64_t)png->sequence + 1 : 0;

    if (s.size < 26)
        return refuse_short(png, "fcTL chunk too short");
    if (lc_be32(s.data) != expected)
        return lc_png_refuse(png, "animation chunks out of sequence");
    png->has_sequence = true;
    png->sequence = lc_be32(s.data);
    area.width = lc_be32(s.data + 4);
    area.height = lc_be32(s.data + 8);
    area.x = lc_be32(s.data + 12);
    area.y = lc_be32(s.data + 16);
    if ((uint64_t)area.x + area.width > png->width ||
        (uint64_t)area.y + area.height > png->height)
        return lc_png_refuse(png, "animation frame outside the picture");
    png->area = area;
    return LC_PNG_READ;
}

static const struct handler handlers[] = {
    {"IHDR", read_header},
    {"PLTE", read_palette},
    {"tRNS", read_transparency},
    {"gAMA", read_gamma},
    {"cHRM", read_chromaticity},
    {"sRGB", read_intent},
    {"pHYs", read_density},
    {"tEXt", lc_png_text},
    {"zTXt", lc_png_compressed_text},
    {"iTXt", lc_png_international_text},
    {"iCCP", lc_png_profile},
    {"eXIf", read_exif},
    {"acTL", read_animation},
    {"fcTL", read_frame},
};

/* Before a valid IHDR, a pixel chunk is just another unknown chunk to Pillow. */
static enum lc_png_result begin_pixels(struct lc_png *png, size_t skip)
{
    if (png->area.kind == LC_PNG_AREA_WHOLE && png->has_frames)
        png->has_default_image = true;
    if (!png->mode)
        return LC_PNG_UNKNOWN;
    png->has_tile = true;
    png->tile = png->area;
    png->tile_at = png->at;
    png->tile_skip = skip;
    return LC_PNG_END;
}

static enum lc_png_result begin_frame_pixels(struct lc_png *png, uint32_t length)
{
    struct lc_bytes s;
    uint32_t sequence;

    if (length < 4 && !png->lenient)
        return lc_png_refuse(png, "fdAT chunk too short");
    if (length < 4)
        return lc_png_read_bytes(png, length, &s);
    if (lc_png_read_bytes(png, 4, &s) != LC_PNG_READ)
        return LC_PNG_RAISES;
    sequence = lc_be32(s.data);
    if (!png->has_sequence || (uint64_t)png->sequence + 1 != sequence)
        return lc_png_refuse(png, "animation chunks out of sequence");
    png->sequence = sequence;
    return begin_pixels(png, 4);
}

enum lc_png_result lc_png_read_chunk(struct lc_png *png, const struct lc_png_chunk *chunk)
{
    struct lc_bytes s;
    size_t i;

    if (lc_png_chunk_is(chunk, "IDAT"))
        return begin_pixels(png, 0);
    if (lc_png_chunk_is(chunk, "fdAT"))
        return begin_frame_pixels(png, chunk->length);
    if (lc_png_chunk_is(chunk, "IEND"))
        return LC_PNG_END;
    for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (!lc_png_chunk_is(chunk, handlers[i].name))
            continue;
        if (lc_png_read_bytes(png, chunk->length, &s) != LC_PNG_READ)
            return LC_PNG_RAISES;
        return handlers[i].read(png, s);
    }
    return LC_PNG_UNKNOWN;
}
