#include "image/png/fast.h"

#include <libdeflate.h>
#include <string.h>

/* No deflate stream grows by more when it is inflated: zlib's technical details. */
enum { MAX_GROWTH = 1032 };

/* A chunk's length, name and checksum. */
enum { CHUNK_FRAME = 12 };

/* The chunks of pixels that follow each other. */
struct run {
    size_t begin; /* of the first chunk */
    size_t end;   /* behind the last one */
    size_t size;  /* bytes of data in them */
};

static bool is_pixels(const struct lc_png *png, size_t at)
{
    return png->size - at >= CHUNK_FRAME && memcmp(png->data + at + 4, "IDAT", 4) == 0;
}

/*
 * Pillow does not look at the checksums of pixels. They are checked because the decoder
 * warns of a wrong one, if it does not see the end of the stream.
 */
static bool find_run(const struct lc_png *png, struct run *run)
{
    size_t at = png->tile_at - 8;

    *run = (struct run){.begin = at};
    while (is_pixels(png, at)) {
        const uint8_t *chunk = png->data + at;
        size_t length = lc_be32(chunk);

        if (length > png->size - at - CHUNK_FRAME)
            return false;
        if (libdeflate_crc32(0, chunk + 4, length + 4) != lc_be32(chunk + 8 + length))
            return false;
        run->size += length;
        at += CHUNK_FRAME + length;
    }
    run->end = at;
    return run->size > 0;
}

/* One chunk is read where it stands; several are put together. */
static struct lc_bytes join(const struct lc_png *png, const struct run *run, uint8_t *to)
{
    struct lc_bytes joined = {to, 0};
    size_t at;

    if (run->end - run->begin == run->size + CHUNK_FRAME)
        return (struct lc_bytes){png->data + run->begin + 8, run->size};
    for (at = run->begin; at < run->end; at += CHUNK_FRAME + lc_be32(png->data + at)) {
        size_t length = lc_be32(png->data + at);

        memcpy(to + joined.size, png->data + at + 8, length);
        joined.size += length;
    }
    return joined;
}

/* The rows' bytes, or NULL. */
static const uint8_t *inflate_all(struct lc_png *png, const struct run *run,
                                  uint64_t total)
{
    struct lc_image_scratch *scratch = png->scratch;
    uint64_t limit = png->limits->max_memory;
    uint64_t most = limit > 0 && limit < LC_IMAGE_MAX_ROOM ? limit : LC_IMAGE_MAX_ROOM;
    uint64_t room = total + LC_INFLATE_SLACK + run->size;
    struct lc_bytes stream;

    if (room > most || total / MAX_GROWTH > run->size ||
        !lc_image_reserve(scratch, (size_t)room))
        return NULL;
    stream = join(png, run, scratch->room + room - run->size);
    if (!lc_inflate(&scratch->inflater, stream, scratch->room, (size_t)total))
        return NULL;
    return scratch->room;
}

bool lc_png_fast(struct lc_png *png, struct lc_png_rows *rows)
{
    const uint8_t *row;
    struct run run;

    if (png->tile_skip > 0 || !find_run(png, &run))
        return false;
    row = inflate_all(png, &run, lc_png_rows_total(rows));
    if (!row)
        return false;
    for (; rows->y < rows->height; lc_png_rows_next(rows)) {
        if (row[0] > 4)
            return false;
        lc_png_blank_row(rows->blank, row, lc_png_rows_pixels(rows));
        row += rows->size;
    }
    png->at = run.end;
    return true;
}
