#include "image/tiff/client.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/tiff/piece.h"

/*
 * Compressed pictures, decoded by libtiff with the same calls as in Pillow's
 * TiffDecode.c. Sizes that are compared there are computed in the same integer types
 * here, including overflow.
 *
 * Before libtiff sees a strip or tile ("piece"), piece.c checks for anything on which
 * libtiff's versions disagree; afterwards check_end() detects pieces that libtiff filled
 * only in part.
 */

struct decoder {
    struct lc_tiff *tiff;
    struct lc_tiff_client client;
    TIFF *file;
    const struct lc_tiff_layout *layout; /* layout of rows; of a single band if planes >
                                            1 */
    unsigned planes;
    uint8_t *buffer;
    int64_t buffer_size;
};

static enum lc_tiff_step fail(struct decoder *decoder, const char *why)
{
    struct lc_tiff *tiff = decoder->tiff;

    if (decoder->client.over_limit) {
        lc_image_judge(tiff->info, LC_DECODE_NONE, "%s", decoder->client.message);
        tiff->info->limited = true;
        return LC_TIFF_JUDGED;
    }
    /* libtiff's message about a directory that is cut off depends on its version */
    if (decoder->client.message[0] != '\0' &&
        (decoder->client.reading || !tiff->dir.short_of_entries))
        why = decoder->client.message;
    return decoder->client.reading ? lc_tiff_corrupt(tiff, why)
                                   : lc_tiff_refuse(tiff, why);
}

/* Find a reason to refuse a piece before libtiff decodes it; NULL if there is none. */
static const char *find_fault(struct decoder *decoder, uint32_t number, int64_t size,
                              int64_t height)
{
    return lc_tiff_piece_fault(decoder->tiff, decoder->file, number, (uint64_t)size,
                               (uint32_t)height);
}

/* Judge a piece that could not be read: truncated if the file does not contain all of its
 * data. */
static enum lc_tiff_step fail_at(struct decoder *decoder, uint32_t number, int64_t y,
                                 const char *fault)
{
    struct lc_tiff *tiff = decoder->tiff;
    uint64_t size = tiff->source.bytes.size;
    uint64_t at = TIFFGetStrileOffset(decoder->file, number);
    uint64_t count = TIFFGetStrileByteCount(decoder->file, number);

    tiff->info->rows_decoded = (uint32_t)y;
    if (decoder->client.over_limit || (at <= size && count <= size - at))
        return fault ? lc_tiff_corrupt(tiff, fault)
                     : fail(decoder, "the pixel data is corrupt");
    lc_image_judge(tiff->info, LC_DECODE_TRUNCATED, "the pixels end in row %lld of %lld",
                   (long long)y, (long long)tiff->height);
    return LC_TIFF_JUDGED;
}

static enum lc_tiff_step make_buffer(struct decoder *decoder, int64_t size)
{
    struct lc_tiff *tiff = decoder->tiff;
    int64_t i;

    if (tiff->limits->max_memory > 0 && (uint64_t)size > tiff->limits->max_memory)
        return lc_tiff_limited(tiff, (uint64_t)size);
    decoder->buffer = malloc((size_t)size);
    decoder->buffer_size = size;
    tiff->no_memory = !decoder->buffer;
    if (!decoder->buffer)
        return LC_TIFF_JUDGED;
    for (i = 0; i < size;
         i++) /* a pattern, so that bytes left unset by libtiff do not look blank */
        decoder->buffer[i] = (uint8_t)(i * 197);
    return LC_TIFF_GOES_ON;
}

/*
 * If a stream is longer than its piece, libtiff may report nothing and leave the last
 * bytes unset; in Pillow their values are arbitrary. So set them to a mark before
 * decoding. If a byte still holds the mark afterwards, it may happen to have that value,
 * so decode the piece a second time over a different mark: a byte that kept both marks
 * was never written.
 */
enum { END_MARK = 0x9E, END_SIZE = 8 };

static uint8_t *last_bytes(struct decoder *decoder, int64_t size)
{
    if (size < END_SIZE || size > decoder->buffer_size)
        return NULL;
    return decoder->buffer + size - END_SIZE;
}

static void mark_end(struct decoder *decoder, int64_t size)
{
    uint8_t *end = last_bytes(decoder, size);

    if (end)
        memset(end, END_MARK, END_SIZE);
}

static void check_end(struct decoder *decoder, uint32_t number, int64_t size)
{
    uint8_t *end = last_bytes(decoder, size);
    TIFF *file = decoder->file;
    uint8_t before[END_SIZE];
    int64_t got;
    int i;

    if (!end || !memchr(end, END_MARK, END_SIZE))
        return;
    memcpy(before, end, END_SIZE);
    memset(end, END_MARK ^ 255, END_SIZE);
    if (TIFFIsTiled(file))
        got = TIFFReadEncodedTile(file, number, decoder->buffer, decoder->buffer_size);
    else
        got = TIFFReadEncodedStrip(file, number, decoder->buffer, decoder->buffer_size);
    for (i = 0; i < END_SIZE; i++) {
        if (got != -1 && before[i] == END_MARK && end[i] == (END_MARK ^ 255)) {
            lc_image_warn(decoder->tiff->info, "libtiff leaves pixels unset");
            break;
        }
    }
}

/* Whether a plane affects the colour: convert("RGB") drops alpha. */
static bool is_colour(const struct decoder *decoder, unsigned plane)
{
    const char *mode = decoder->tiff->mode;

    if (strcmp(mode, "CMYK") == 0)
        return true;
    return plane < (lc_tiff_bands(mode) < 3 ? 1U : 3U);
}

/* Compare the rows of the buffer that lie in the picture, from a given position on. */
static void compare_rows(struct decoder *decoder, unsigned plane, int64_t left,
                         int64_t top, int64_t rows, int64_t row_size, int64_t width)
{
    int64_t used = (width * decoder->layout->bits + 7) / 8;
    struct lc_tiff *tiff = decoder->tiff;
    int64_t y;

    for (y = 0; y < rows; y++) {
        const uint8_t *row = decoder->buffer + y * row_size;

        if (used > decoder->buffer_size - y * row_size)
            break;
        if (is_colour(decoder, plane))
            lc_tiff_blank_row(&tiff->blank, decoder->layout, plane, row, (uint32_t)width);
        lc_tiff_alpha_row(&tiff->alpha, tiff->mode, decoder->layout, plane, row,
                          (uint32_t)width);
        lc_tiff_keep_row(tiff, decoder->layout, plane, left, top + y, row, width);
    }
}

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static enum lc_tiff_step read_strips(struct decoder *decoder, int64_t rows_per_strip,
                                     int64_t row_size)
{
    struct lc_tiff *tiff = decoder->tiff;
    const char *fault;
    unsigned plane;
    int64_t y;

    for (y = 0; y < tiff->height; y += rows_per_strip) {
        for (plane = 0; plane < decoder->planes; plane++) {
            uint32_t strip =
                TIFFComputeStrip(decoder->file, (uint32_t)y, (uint16_t)plane);
            int64_t rows = min64(rows_per_strip, tiff->height - y);

            mark_end(decoder, rows * row_size);
            fault = find_fault(decoder, strip, rows * row_size, rows);
            if (fault || TIFFReadEncodedStrip(decoder->file, strip, decoder->buffer,
                                              decoder->buffer_size) == -1)
                return fail_at(decoder, strip, y, fault);
            check_end(decoder, strip, rows * row_size);
            compare_rows(decoder, plane, 0, y, rows, row_size, tiff->width);
        }
    }
    return LC_TIFF_GOES_ON;
}

static enum lc_tiff_step decode_strips(struct decoder *decoder, int bits)
{
    struct lc_tiff *tiff = decoder->tiff;
    uint32_t rows_per_strip = 0;
    int64_t strip_size;
    int64_t row_size;
    int64_t expected = ((int64_t)tiff->width * bits / (int)decoder->planes + 7) / 8;
    enum lc_tiff_step step;

    if (TIFFGetField(decoder->file, TIFFTAG_ROWSPERSTRIP, &rows_per_strip) != 1 ||
        rows_per_strip == UINT32_MAX)
        rows_per_strip = (uint32_t)tiff->height;
    strip_size = TIFFStripSize(decoder->file);
    row_size = TIFFScanlineSize(decoder->file);
    if (rows_per_strip > INT_MAX || rows_per_strip == 0 || strip_size > INT_MAX - 1 ||
        strip_size <= 0)
        return fail(decoder, "invalid strip size");
    if (strip_size > expected * (int64_t)rows_per_strip || row_size == 0 ||
        expected > row_size)
        return fail(decoder, "the strip size does not match the pixels");
    step = make_buffer(decoder, strip_size);
    if (step != LC_TIFF_GOES_ON)
        return step;
    return read_strips(decoder, rows_per_strip, row_size);
}

static enum lc_tiff_step read_tiles(struct decoder *decoder, int64_t tile_width,
                                    int64_t tile_length)
{
    struct lc_tiff *tiff = decoder->tiff;
    TIFF *file = decoder->file;
    int64_t row_size = TIFFTileRowSize(file);
    const char *fault;
    unsigned plane;
    int64_t x;
    int64_t y;

    for (y = 0; y < tiff->height; y += tile_length) {
        int64_t rows = min64(tile_length, tiff->height - y);

        for (plane = 0; plane < decoder->planes; plane++) {
            for (x = 0; x < tiff->width; x += tile_width) {
                uint32_t tile =
                    TIFFComputeTile(file, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane);

                mark_end(decoder, decoder->buffer_size);
                fault = find_fault(decoder, tile, decoder->buffer_size, tile_length);
                if (fault || TIFFReadTile(file, decoder->buffer, (uint32_t)x, (uint32_t)y,
                                          0, (uint16_t)plane) == -1)
                    return fail_at(decoder, tile, y, fault);
                check_end(decoder, tile, decoder->buffer_size);
                compare_rows(decoder, plane, x, y, rows, row_size,
                             min64(tile_width, tiff->width - x));
            }
        }
    }
    return LC_TIFF_GOES_ON;
}

static enum lc_tiff_step decode_tiles(struct decoder *decoder, int bits)
{
    uint32_t tile_width = 0;
    uint32_t tile_length = 0;
    int64_t size = TIFFTileSize(decoder->file);
    int64_t row_size = TIFFTileRowSize(decoder->file);
    uint32_t expected;
    enum lc_tiff_step step;

    TIFFGetField(decoder->file, TIFFTAG_TILEWIDTH, &tile_width);
    TIFFGetField(decoder->file, TIFFTAG_TILELENGTH, &tile_length);
    if (size <= 0 || row_size == 0 || row_size > size || size > INT_MAX - 1 ||
        tile_width > INT_MAX || tile_length > INT_MAX || tile_width == 0 ||
        tile_length == 0)
        return fail(decoder, "invalid tile size");
    expected = ((tile_length * (uint32_t)bits / decoder->planes + 7) / 8) * tile_width;
    if (size > expected)
        return fail(decoder, "the tile size does not match the pixels");
    step = make_buffer(decoder, size);
    if (step != LC_TIFF_GOES_ON)
        return step;
    return read_tiles(decoder, tile_width, tile_length);
}

/*
 * Report the faults of all pieces first. libtiff's RGBA interface goes on after a piece
 * that it cannot read, with a message that depends on its version; this way the detail is
 * our message.
 */
static void warn_of_faults(struct decoder *decoder, uint32_t block)
{
    TIFF *file = decoder->file;
    uint32_t count =
        TIFFIsTiled(file) ? TIFFNumberOfTiles(file) : TIFFNumberOfStrips(file);
    int64_t height = decoder->tiff->height;
    int64_t in_plane = (height + block - 1) / block;
    const char *fault;
    uint32_t i;

    for (i = 0; i < count; i++) {
        int64_t rows = min64(block, height - i % in_plane * block);
        int64_t size = TIFFTileSize(file);

        if (TIFFIsTiled(file))
            rows = block;
        else
            size = TIFFVStripSize(file, (uint32_t)rows);
        fault = find_fault(decoder, i, size, rows);
        if (fault)
            lc_image_warn(decoder->tiff->info, "%s", fault);
    }
}

static enum lc_tiff_step read_rgba(struct decoder *decoder, TIFFRGBAImage *image,
                                   uint32_t block)
{
    struct lc_tiff *tiff = decoder->tiff;
    int64_t row_size = (int64_t)image->width * 4;
    enum lc_tiff_step step;
    int64_t y;

    if (INT_MAX / 4 < image->width || row_size == 0 || block == 0 ||
        INT_MAX / row_size < block)
        return fail(decoder, "invalid strip or tile size");
    step = make_buffer(decoder, block * row_size);
    if (step != LC_TIFF_GOES_ON)
        return step;
    warn_of_faults(decoder, block);
    for (y = 0; y < tiff->height; y += block) {
        uint32_t rows = (uint32_t)min64(block, (int64_t)image->height - y);

        image->row_offset = (int)y;
        if (!TIFFRGBAImageGet(image, (uint32_t *)(void *)decoder->buffer, image->width,
                              rows)) {
            tiff->info->rows_decoded = (uint32_t)y;
            return fail(decoder, "the pixel data is corrupt");
        }
        compare_rows(decoder, 0, 0, y, min64(block, tiff->height - y), row_size,
                     tiff->width);
    }
    return LC_TIFF_GOES_ON;
}

/* Decode YCbCr: Pillow lets libtiff convert it to RGBA. */
static enum lc_tiff_step decode_rgba(struct decoder *decoder)
{
    TIFF *file = decoder->file;
    TIFFRGBAImage image;
    char message[1024] = "";
    enum lc_tiff_step step;
    uint32_t block = 0;
    int found = TIFFIsTiled(file)
                    ? TIFFGetFieldDefaulted(file, TIFFTAG_TILELENGTH, &block)
                    : TIFFGetFieldDefaulted(file, TIFFTAG_ROWSPERSTRIP, &block);

    if (found != 1 || block == UINT32_MAX)
        block = (uint32_t)decoder->tiff->height;
    if (!TIFFRGBAImageOK(file, message) || !TIFFRGBAImageBegin(&image, file, 0, message))
        return fail(decoder, message);
    image.req_orientation = ORIENTATION_TOPLEFT;
    image.col_offset = 0;
    step = read_rgba(decoder, &image, block);
    TIFFRGBAImageEnd(&image);
    return step;
}

/* Pick the layout for separate planes, which Pillow copies as bands; false unless they
 * have 8 or 16 bits. */
static bool pick_layout(struct decoder *decoder, uint16_t planar)
{
    uint16_t bits = 8;

    decoder->planes = 1;
    if (planar != PLANARCONFIG_SEPARATE || lc_tiff_bands(decoder->tiff->mode) == 1)
        return true;
    TIFFGetFieldDefaulted(decoder->file, TIFFTAG_BITSPERSAMPLE, &bits);
    decoder->planes = lc_tiff_bands(decoder->tiff->mode);
    decoder->layout = lc_tiff_layout("RGB", bits == 16 ? "R;16N" : "R");
    return bits == 8 || bits == 16;
}

/*
 * Whether the pieces have too many bytes in total. Pieces may share their data, so a
 * small file could keep the decoder busy for hours.
 */
static bool over_stream_limit(struct decoder *decoder)
{
    TIFF *file = decoder->file;
    uint64_t size = decoder->client.bytes.size, sum = 0;
    uint64_t most = decoder->tiff->limits->max_stream;
    uint32_t count =
        TIFFIsTiled(file) ? TIFFNumberOfTiles(file) : TIFFNumberOfStrips(file);

    for (uint32_t i = 0; most && i < count && sum <= most; i++) {
        uint64_t bytes = TIFFGetStrileByteCount(file, i);

        sum += bytes < size ? bytes : size;
    }
    if (!most || sum <= most)
        return false;
    lc_image_judge(decoder->tiff->info, LC_DECODE_NONE,
                   "strips or tiles of more than %llu bytes in total",
                   (unsigned long long)most);
    decoder->tiff->info->limited = true;
    return true;
}

static enum lc_tiff_step decode_picture(struct decoder *decoder)
{
    TIFF *file = decoder->file;
    uint16_t photometric = 0;
    uint16_t compression = 0;
    uint16_t planar = 0;
    int bits = decoder->layout->bits;
    bool as_rgba;

    TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &photometric);
    TIFFGetField(file, TIFFTAG_COMPRESSION, &compression);
    TIFFGetFieldDefaulted(file, TIFFTAG_PLANARCONFIG, &planar);
    as_rgba = photometric == PHOTOMETRIC_YCBCR;
    if (as_rgba && compression == COMPRESSION_JPEG && planar == PLANARCONFIG_CONTIG) {
        TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        as_rgba = false;
    }
    decoder->client.reading = true;
    if (over_stream_limit(decoder))
        return LC_TIFF_JUDGED;
    if (as_rgba)
        return decode_rgba(decoder);
    if (!pick_layout(decoder, planar))
        return fail(decoder, "separate planes of neither 8 nor 16 bits");
    return TIFFIsTiled(file) ? decode_tiles(decoder, bits) : decode_strips(decoder, bits);
}

static enum lc_tiff_step decode_file(struct decoder *decoder)
{
    struct lc_tiff *tiff = decoder->tiff;
    uint32_t width = 0;
    uint32_t height = 0;

    if (tiff->first != 0 && !TIFFSetSubDirectory(decoder->file, (uint32_t)tiff->first)) {
        if (decoder->client.over_limit)
            return fail(decoder, "");
        /* Pillow does not report this and leaves the picture black */
        lc_image_warn(tiff->info, "no pixels: libtiff cannot read the directory");
        return LC_TIFF_GOES_ON;
    }
    TIFFGetField(decoder->file, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(decoder->file, TIFFTAG_IMAGELENGTH, &height);
    if (width != tiff->width || height != tiff->height)
        return fail(decoder, "libtiff reads another width or height");
    return decode_picture(decoder);
}

enum lc_tiff_step lc_tiff_decode(struct lc_tiff *tiff)
{
    struct decoder decoder = {.tiff = tiff};
    enum lc_tiff_step step;

    decoder.layout = lc_tiff_layout(tiff->mode, tiff->raw);
    if (!decoder.layout || tiff->width > INT_MAX / decoder.layout->bits - 7)
        return lc_tiff_corrupt(tiff, "a pixel format that Pillow cannot unpack");
    if (tiff->planar && strcmp(tiff->mode, "RGBX") == 0)
        return lc_tiff_corrupt(tiff, LC_TIFF_PLANES_OF_RGBX);
    decoder.client.bytes = tiff->source.bytes;
    decoder.client.info = tiff->info;
    decoder.file = lc_tiff_open(&decoder.client, tiff->limits);
    if (!decoder.file)
        return fail(&decoder, "libtiff cannot open it");
    step = decode_file(&decoder);
    TIFFClose(decoder.file);
    free(decoder.buffer);
    return step;
}
