/*
 * Proof that a PNG's pixels are sound.
 *
 * Idea: the decoder (rows.c) follows Pillow block by block and row by row, because the
 * exact point at which Pillow stops decides what it notices. A sound file needs none of
 * that. It has one property that settles all these questions at once: its pixel chunks
 * are intact, and their zlib stream inflates to exactly the size that the header
 * requires, with a correct checksum. Then it does not matter where blocks and rows end,
 * and the stream can be inflated in one go by an inflater that must know the size of the
 * output.
 *
 * What is checked, and what it excludes:
 *   - the chunks follow one another, each with a correct CRC: nothing is missing, and the
 *     decoder would have nothing to warn about;
 *   - lc_inflate accepts the stream at the expected size: Pillow's zlib accepts it too,
 *     with the same bytes, and no row is missing;
 *   - every row's filter is 0 to 4: the only other thing that Pillow refuses in pixels.
 *
 * The filters need not be undone, as any bytes are valid pixels; only the check for a
 * blank picture looks at values (blank.c).
 *
 * Otherwise nothing is known yet, and the decoder starts from the beginning. That happens
 * with damaged files, and with sound ones that are large or unusual (animation frames
 * with sequence numbers, bytes after the stream).
 *
 * Cost: a CRC, one inflation and an Adler-32 of the data; memory for all rows, at most
 * LC_IMAGE_MAX_BUFFER.
 */
#include "image/png/fast.h"

#include <libdeflate.h>
#include <string.h>

/* Deflate's maximum ratio of output to input, from zlib's technical details. */
enum { MAX_GROWTH = 1032 };

/* Size of a chunk's length, name and checksum. */
enum { CHUNK_FRAME = 12 };

/* Consecutive chunks of pixels. */
struct run {
    size_t begin; /* of the first chunk */
    size_t end;   /* past the last chunk */
    size_t size;  /* bytes of data in them */
};

static bool is_pixels(const struct lc_png *png, size_t at)
{
    return png->size - at >= CHUNK_FRAME && memcmp(png->data + at + 4, "IDAT", 4) == 0;
}

/*
 * Find the run of chunks and verify their checksums. Pillow does not check the checksums
 * of pixel chunks, but our decoder warns about a wrong one unless it can verify the whole
 * stream.
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

/* Make the stream contiguous: a single chunk is used in place, several are copied
 * together. */
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

/* Inflate all rows; NULL on failure. The buffer holds, in this order, the output, the
 * slack that lc_inflate may overwrite, and the joined stream. */
static const uint8_t *inflate_all(struct lc_png *png, const struct run *run,
                                  uint64_t total)
{
    struct lc_image_scratch *scratch = png->scratch;
    uint64_t limit = png->limits->max_memory;
    uint64_t most =
        limit > 0 && limit < LC_IMAGE_MAX_BUFFER ? limit : LC_IMAGE_MAX_BUFFER;
    uint64_t needed = total + LC_INFLATE_SLACK + run->size;
    struct lc_bytes stream;

    if (needed > most || total / MAX_GROWTH > run->size ||
        !lc_image_reserve(scratch, (size_t)needed))
        return NULL;
    stream = join(png, run, scratch->buffer + needed - run->size);
    if (!lc_inflate(&scratch->inflater, stream, scratch->buffer, (size_t)total))
        return NULL;
    return scratch->buffer;
}

bool lc_png_is_intact(const struct lc_png *png)
{
    struct run run;

    return png->tile_skip > 0 || find_run(png, &run);
}

bool lc_png_prove(struct lc_png *png, struct lc_png_rows *rows)
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
        lc_png_alpha_row(rows->alpha, row, lc_png_rows_pixels(rows));
        row += rows->size;
    }
    png->at = run.end;
    return true;
}
