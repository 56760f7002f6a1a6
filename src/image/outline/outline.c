/*
 * Formats that are not decoded have a header of a known size, and some have width and
 * height at a fixed offset. Every version of Pillow refuses a file that is shorter than
 * the header, or has a width or height of 0. Nothing else is judged.
 *
 * Source: Pillow's plugins, 9.4 to 13.0.
 */
#include "image/outline/outline.h"

#include "base/bytes.h"

#include <string.h>

enum order { NO_SIZE, LITTLE, BIG };

static const struct outline {
    const char *format;
    size_t shortest; /* minimum size of a file */
    enum order order;
    size_t width_at, height_at; /* offsets of 32-bit integers */
} outlines[] = {
    {"avif", 64, NO_SIZE, 0, 0}, /* the boxes ftyp and meta */
    {"blp", 20, LITTLE, 12, 16},  {"dds", 128, LITTLE, 16, 12},
    {"fits", 160, NO_SIZE, 0, 0}, /* the cards SIMPLE and END */
    {"icns", 64, NO_SIZE, 0, 0},  /* two headers and an image */
    {"ico", 62, NO_SIZE, 0, 0},   /* an entry, and the header of a bitmap */
    {"j2k", 45, NO_SIZE, 0, 0},   /* the markers SOC and SIZ */
    {"jp2", 62, NO_SIZE, 0, 0},   /* the boxes jP, ftyp and ihdr */
    {"psd", 26, BIG, 18, 14},
};

static uint32_t read_size(const struct outline *outline, const uint8_t *p)
{
    return outline->order == BIG ? lc_be32(p) : lc_le32(p);
}

enum lc_status lc_outline_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                                  size_t size, const struct lc_image_limits *limits,
                                  struct lc_image_info *out, struct lc_error *err)
{
    (void)scratch;
    (void)limits;
    (void)err;
    for (size_t i = 0; i < sizeof(outlines) / sizeof(outlines[0]); i++) {
        const struct outline *outline = &outlines[i];

        if (strcmp(outline->format, out->format) != 0)
            continue;
        if (size < outline->shortest)
            lc_image_judge(out, LC_DECODE_TRUNCATED, "the file ends inside its header");
        else if (outline->order != NO_SIZE &&
                 (!read_size(outline, data + outline->width_at) ||
                  !read_size(outline, data + outline->height_at)))
            lc_image_judge(out, LC_DECODE_CORRUPT, "width or height is 0");
    }
    return LC_OK;
}
