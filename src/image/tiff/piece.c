#include "image/tiff/piece.h"

#include <string.h>

#include <webp/decode.h>

/*
 * Whether libtiff accepts a strip or tile ("piece") depends on its version and on the
 * version of the library that it inflates with. libdeflate 1.14 accepts code lengths that
 * repeat past their end, libdeflate 1.23 and zlib do not. libtiff 4.5 accepts a WebP with
 * alpha for pixels without alpha, libtiff 4.7 does not. A piece is sound only if all
 * versions accept it, so check it by the strictest rules before the installed libtiff
 * decodes it.
 */

/* Bytes to feed zlib at once. */
enum { CHUNK_SIZE = 16384 };

static bool find_bytes(const struct lc_tiff *tiff, TIFF *file, uint32_t number,
                       struct lc_bytes *out)
{
    struct lc_bytes all = tiff->source.bytes;
    uint64_t at = TIFFGetStrileOffset(file, number);
    uint64_t count = TIFFGetStrileByteCount(file, number);

    if (at > all.size || count > all.size - at || count == 0)
        return false;
    *out = (struct lc_bytes){all.data + at, (size_t)count};
    return true;
}

/*
 * Whether zlib inflates the piece to at least its size. Anything after that does not
 * matter, as libtiff stops there when it inflates with zlib.
 */
static bool zlib_inflates(struct lc_image_scratch *scratch, struct lc_bytes stream,
                          uint64_t size, bool reversed)
{
    z_stream *z = &scratch->stream;
    uint8_t chunk[CHUNK_SIZE];
    size_t at = 0;
    int code = Z_OK;

    (void)inflateReset(z); /* cannot fail: the stream is initialised */
    z->avail_in = 0;
    while (z->total_out < size && code == Z_OK) {
        uint64_t left = size - z->total_out;

        if (z->avail_in == 0) {
            size_t n = stream.size - at < CHUNK_SIZE ? stream.size - at : CHUNK_SIZE;

            memcpy(chunk, stream.data + at, n);
            if (reversed)
                TIFFReverseBits(chunk, (tmsize_t)n);
            z->next_in = chunk;
            z->avail_in = (uInt)n;
            at += n;
        }
        z->next_out = scratch->text;
        z->avail_out =
            (uInt)(left < sizeof(scratch->text) ? left : sizeof(scratch->text));
        code = inflate(z, Z_NO_FLUSH);
    }
    return z->total_out == size;
}

/* Whether the piece inflates: the fast inflater proves nearly all pieces; zlib decides on
 * the rest. */
static bool inflates(const struct lc_tiff *tiff, struct lc_bytes stream, uint64_t size,
                     bool reversed)
{
    struct lc_image_scratch *scratch = tiff->scratch;

    if (!tiff->limits->no_shortcuts && !reversed && size <= LC_IMAGE_MAX_BUFFER &&
        lc_image_reserve(scratch, (size_t)size + LC_INFLATE_SLACK) &&
        lc_inflate(&scratch->inflater, stream, scratch->buffer, (size_t)size))
        return true;
    return zlib_inflates(scratch, stream, size, reversed);
}

/* Whether a WebP fits by the rules of libtiff 4.7; an opaque one need not have alpha. */
static bool webp_fits(TIFF *file, struct lc_bytes stream, uint32_t width, uint32_t height)
{
    WebPBitstreamFeatures features;
    uint16_t samples = 1;

    if (WebPGetFeatures(stream.data, stream.size, &features) != VP8_STATUS_OK)
        return false;
    TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLESPERPIXEL, &samples);
    return (uint32_t)features.width == width && (uint32_t)features.height == height &&
           (samples == 4 || (samples == 3 && !features.has_alpha));
}

const char *lc_tiff_piece_fault(const struct lc_tiff *tiff, TIFF *file, uint32_t number,
                                uint64_t size, uint32_t height)
{
    uint32_t width = (uint32_t)tiff->width;
    uint16_t compression = COMPRESSION_NONE; /* as libtiff reads it, which differs from
                                                Pillow if there are several values */
    uint16_t order = FILLORDER_MSB2LSB;
    struct lc_bytes stream;

    if (!find_bytes(tiff, file, number, &stream))
        return NULL; /* libtiff reports why it cannot read it */
    TIFFGetField(file, TIFFTAG_COMPRESSION, &compression);
    switch (compression) {
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
        TIFFGetFieldDefaulted(file, TIFFTAG_FILLORDER, &order);
        if (inflates(tiff, stream, size, order == FILLORDER_LSB2MSB))
            return NULL;
        return "a strip or tile that zlib cannot inflate";
    case COMPRESSION_WEBP:
        if (TIFFIsTiled(file))
            TIFFGetField(file, TIFFTAG_TILEWIDTH, &width);
        if (webp_fits(file, stream, width, height))
            return NULL;
        return "a WebP that does not fit its strip or tile";
    default:
        return NULL;
    }
}
