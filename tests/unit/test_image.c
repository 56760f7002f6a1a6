/* test_image.c - src/image on generated pictures, whole and broken in every way */

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "encode_jpeg.h"
#include "image/image.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { ROOM = 1 << 17, WIDTH = 40, HEIGHT = 24 };

/* A file being built. */
struct file {
    uint8_t data[ROOM];
    size_t size;
};

static void add(struct file *file, const void *bytes, size_t size)
{
    assert(size <= ROOM - file->size);
    memcpy(file->data + file->size, bytes, size);
    file->size += size;
}

static void insert(struct file *file, size_t at, const void *bytes, size_t size)
{
    assert(at <= file->size && size <= ROOM - file->size);
    memmove(file->data + at + size, file->data + at, file->size - at);
    memcpy(file->data + at, bytes, size);
    file->size += size;
}

static void add32(struct file *file, uint32_t value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                       (uint8_t)(value >> 8), (uint8_t)value};

    add(file, bytes, sizeof(bytes));
}

/* Inspect a copy of the exact size, so that a sanitizer notices reads past the end. */
static struct lc_image_info inspect(const uint8_t *data, size_t size,
                                    const struct lc_image_limits *limits)
{
    struct lc_image_scratch *scratch = NULL;
    struct lc_image_info info;
    uint8_t *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, data, size);
    memset(&info, 0xAA, sizeof(info));
    assert_int_equal(lc_image_scratch_new(&scratch, NULL), LC_OK);
    assert_int_equal(lc_image_inspect(scratch, copy, size, limits, &info, NULL), LC_OK);
    lc_image_scratch_free(scratch);
    free(copy);
    assert_non_null(info.format);
    assert_true(strlen(info.detail) < sizeof(info.detail));
    return info;
}

static struct lc_image_info inspect_file(const struct file *file)
{
    return inspect(file->data, file->size, &lc_image_limits_default);
}

/* --- JPEG */

static uint8_t sample_at(size_t i, unsigned y)
{
    return (uint8_t)(i * 37 + y * (i % 11) * 19);
}

static void make_jpeg(struct file *file, int components, bool progressive)
{
    file->size =
        encode_jpeg(WIDTH, HEIGHT, components, progressive, sample_at, file->data, ROOM);
}

static size_t find_marker(const struct file *file, uint8_t marker)
{
    size_t i;

    for (i = 0; i + 1 < file->size; i++) {
        if (file->data[i] == 0xFF && file->data[i + 1] == marker)
            return i;
    }
    fail_msg("no marker %02x", marker);
    return 0;
}

static void test_jpeg_kinds(void **state)
{
    static const struct {
        int components;
        bool progressive;
        const char *mode;
    } cases[] = {{1, false, "L"}, {3, false, "RGB"}, {4, false, "CMYK"},
                 {1, true, "L"},  {3, true, "RGB"},  {4, true, "CMYK"}};
    static struct file file;
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++) {
        struct lc_image_info info;

        make_jpeg(&file, cases[seen].components, cases[seen].progressive);
        info = inspect_file(&file);
        assert_int_equal(info.content, LC_CONTENT_JPEG);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_string_equal(info.format, "jpeg");
        assert_string_equal(info.mode, cases[seen].mode);
        assert_string_equal(info.detail, "");
        assert_int_equal(info.width, WIDTH);
        assert_int_equal(info.height, HEIGHT);
        assert_int_equal(info.rows_decoded, HEIGHT);
        assert_int_equal(info.warnings, 0);
    }
    assert_int_equal(seen, 6);
}

/* Cut files at a distance from a marker, or from the end. */
static void test_jpeg_cut(void **state)
{
    static const struct {
        uint8_t marker; /* 0: the end */
        int offset;
        enum lc_decode decode;
        const char *detail;
    } cases[] = {
        {0xD8, 2, LC_DECODE_TRUNCATED, "the file ends inside its header"},
        {0xE0, 1, LC_DECODE_TRUNCATED, "the file ends inside its header"},
        {0xE0, 3, LC_DECODE_TRUNCATED, "the file ends inside its header"},
        {0xC0, 9, LC_DECODE_TRUNCATED, "the file ends inside a header segment"},
        {0xDA, 6, LC_DECODE_TRUNCATED, "the file ends inside a header segment"},
        {0xDA, 14, LC_DECODE_TRUNCATED, "0 of 24 rows decoded"},
        {0, -60, LC_DECODE_TRUNCATED, "16 of 24 rows decoded"},
        {0, -4, LC_DECODE_TRUNCATED, "16 of 24 rows decoded"},
        {0, -2, LC_DECODE_DAMAGED, "the end-of-image marker (EOI) is missing"},
        {0, -1, LC_DECODE_DAMAGED, "the end-of-image marker (EOI) is missing"},
        {0, 0, LC_DECODE_OK, ""},
    };
    static struct file file;
    size_t seen = 0;

    (void)state;
    make_jpeg(&file, 3, false);
    for (; seen < COUNT(cases); seen++) {
        size_t base =
            cases[seen].marker ? find_marker(&file, cases[seen].marker) : file.size;
        size_t size = base + (size_t)cases[seen].offset;
        struct lc_image_info info = inspect(file.data, size, &lc_image_limits_default);

        assert_string_equal(info.detail, cases[seen].detail);
        assert_int_equal(info.decode, cases[seen].decode);
    }
    assert_int_equal(seen, 11);
    make_jpeg(&file, 3, true);
    file.size -= 10;
    assert_int_equal(inspect_file(&file).decode, LC_DECODE_TRUNCATED);
}

#define BYTES(text) text, sizeof(text) - 1

/* Insert bytes after the SOI of a sound file. */
static void test_jpeg_header(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum lc_decode decode;
    } cases[] = {
        {BYTES("\xFF\xFE\0\0"), LC_DECODE_OK}, /* a length below 2 is taken for 2 */
        {BYTES("\xFF\xFE\0\x02"), LC_DECODE_OK},
        {BYTES("\xFF\xFF\xFF"), LC_DECODE_OK},
        {BYTES("\xFF\x01"), LC_DECODE_CORRUPT},
        {BYTES("\xFF\xE0\0\x08JFIF\0\1"), LC_DECODE_CORRUPT},
        {BYTES("\xFF\xEE\0\x08"
               "Adobe\0"),
         LC_DECODE_CORRUPT},
        {BYTES("\xFF\xDB\0\x04\0\1"), LC_DECODE_CORRUPT},
        {BYTES("\xFF\xE1\0\x0E"
               "Exif\0\0II\x2A\0\x08\0"),
         LC_DECODE_CORRUPT},
        {BYTES("\xFF\xE1\0\x10"
               "Exif\0\0nonsense"),
         LC_DECODE_OK},
        {BYTES("\xFF\xED\0\x16Photoshop 3.0\0008BIM\4\4"), LC_DECODE_CORRUPT},
        {BYTES("\xFF\xED\0\x17Photoshop 3.0\0008BIM\4\4\0"), LC_DECODE_OK},
        {BYTES("\xFF\xE2\0\x0EICC_PROFILE\0"), LC_DECODE_CORRUPT},
        {BYTES("\xFF\xE2\0\x10ICC_PROFILE\0\1\1"), LC_DECODE_OK},
        {BYTES("\xFF\xC0\0\x0B\x0C\0\x08\0\x08\1\1\x11\0"), LC_DECODE_CORRUPT},
        {BYTES("\xFF\xC0\0\x0B\x08\0\x08\0\x08\2\1\x11\0"), LC_DECODE_CORRUPT},
        {BYTES("\xFF\xC0\0\x0B\x08\0\x08\0\x08\1\1\x11\0"), LC_DECODE_CORRUPT},
    };
    static struct file file;
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++) {
        struct lc_image_info info;

        make_jpeg(&file, 1, false);
        insert(&file, 2, cases[seen].bytes, cases[seen].size);
        info = inspect_file(&file);
        if (info.decode != cases[seen].decode)
            fail_msg("case %zu: %d %s", seen, (int)info.decode, info.detail);
    }
    assert_int_equal(seen, 16);
}

static void test_jpeg_damaged(void **state)
{
    static struct file file;
    struct lc_image_info info;

    (void)state;
    make_jpeg(&file, 3, false);
    insert(&file, file.size - 2, "junk", 4);
    info = inspect_file(&file);
    assert_int_equal(info.decode, LC_DECODE_DAMAGED);
    assert_int_equal(info.warnings, 1);
    assert_non_null(strstr(info.detail, "MCU 1 to 6 of 6: 4 bytes left over"));
    assert_int_equal(info.rows_decoded, HEIGHT);

    make_jpeg(&file, 3, false);
    memmove(file.data + file.size - 100, file.data + file.size - 2, 2);
    file.size -= 98;
    info = inspect_file(&file);
    assert_int_equal(info.decode, LC_DECODE_DAMAGED);
    assert_non_null(strstr(info.detail, "the data ends early"));
}

static void test_jpeg_corrupt(void **state)
{
    static struct file file;
    struct lc_image_info info;

    (void)state;
    make_jpeg(&file, 3, false);
    file.data[find_marker(&file, 0xC4) + 5] = 0xFF; /* 255 codes of one bit */
    info = inspect_file(&file);
    assert_int_equal(info.decode, LC_DECODE_CORRUPT);
    assert_string_equal(info.detail, "Bogus Huffman table definition");

    make_jpeg(&file, 3, false);
    file.data[find_marker(&file, 0xC0) + 6] = 0; /* height */
    file.data[find_marker(&file, 0xC0) + 5] = 0;
    assert_int_equal(inspect_file(&file).decode, LC_DECODE_CORRUPT);
}

static uint8_t same_everywhere(size_t i, unsigned y)
{
    (void)i;
    (void)y;
    return 90;
}

static uint8_t darker_at_the_right(size_t i, unsigned y)
{
    (void)y;
    return i < 8 ? 90 : 88;
}

/* Which files are proven without decoding, and why others are not. */
static void test_jpeg_proof(void **state)
{
    static struct file file;
    struct lc_image_info info;
    uint8_t wide[2 + 1 + 128] = {0, sizeof(wide), 0x10};
    size_t at;

    (void)state;
    make_jpeg(&file, 3, false);
    add(&file, "tail", 4);
    info = inspect_file(&file);
    assert_null(info.fallback_reason);
    assert_int_equal(info.trailing, 4);
    assert_false(info.blank);

    /* one colour: every block equals the one before; with a small difference, it is
     * decoded */
    file.size = encode_jpeg(WIDTH, HEIGHT, 1, false, same_everywhere, file.data, ROOM);
    info = inspect_file(&file);
    assert_null(info.fallback_reason);
    assert_true(info.blank);
    file.size = encode_jpeg(16, 8, 1, false, darker_at_the_right, file.data, ROOM);
    info = inspect_file(&file);
    assert_string_equal(info.fallback_reason, "nearly of one colour");
    assert_false(info.blank);

    /* a quantization table of 16-bit values */
    make_jpeg(&file, 1, false);
    at = find_marker(&file, 0xDB) + 2;
    assert_int_equal(file.data[at + 1], 2 + 1 + 64);
    for (size_t i = 0; i < 64; i++)
        wide[3 + 2 * i + 1] = file.data[at + 3 + i];
    insert(&file, at, wide, sizeof(wide) - (2 + 1 + 64));
    memcpy(file.data + at, wide, sizeof(wide));
    info = inspect_file(&file);
    assert_null(info.fallback_reason);
    assert_int_equal(info.decode, LC_DECODE_OK);

    /* a restart marker between segments has no length */
    make_jpeg(&file, 1, false);
    insert(&file, find_marker(&file, 0xDB), "\xFF\xD0", 2);
    info = inspect_file(&file);
    assert_string_equal(info.fallback_reason, "unusual marker");
    assert_int_equal(info.decode, LC_DECODE_OK);
}

/* Pillow feeds libjpeg 64 KiB at a time: segments that end near such a boundary are
 * skipped to their last byte. */
static void test_jpeg_skips_across_blocks(void **state)
{
    enum { FIRST = 1000, BLOCK = 1 << 16 };

    static struct file file;
    struct lc_image_limits limits = lc_image_limits_default;

    (void)state;
    limits.no_shortcuts = true;
    for (size_t end = BLOCK - 2; end <= BLOCK + 3; end++) {
        static const uint8_t zeros[BLOCK];
        size_t length = end - 2 - FIRST - 2;
        uint8_t head[] = {0xFF, 0xFE, (uint8_t)(length >> 8), (uint8_t)length};
        uint8_t first[] = {0xFF, 0xFE, (FIRST - 2) >> 8, (FIRST - 2) & 0xFF};
        struct lc_image_info info;

        make_jpeg(&file, 1, false);
        insert(&file, 2, zeros, length - 2);
        insert(&file, 2, head, sizeof(head));
        insert(&file, 2, zeros, FIRST - sizeof(first));
        insert(&file, 2, first, sizeof(first));
        assert_int_equal(file.data[end], 0xFF);
        info = inspect(file.data, file.size, &limits);
        assert_string_equal(info.detail, "");
        assert_int_equal(info.decode, LC_DECODE_OK);
    }
}

/* --- Exif */

/* A single entry, tag 0x0112, with its value inline; only the last is big-endian. */
static void test_orientation(void **state)
{
    static const struct {
        const char *tiff;
        uint8_t orientation;
    } cases[] = {
        {"II\x2A\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0", 6},
        {"II\x2A\0\x08\0\0\0\1\0\x12\1\4\0\1\0\0\0\3\0\0\0\0\0\0\0", 3},
        {"II\x2A\0\x08\0\0\0\1\0\x12\1\1\0\1\0\0\0\6\0\0\0\0\0\0\0", 0}, /* bytes */
        {"II\x2A\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x09\0\0\0\0\0\0\0", 0},
        {"II\x2A\0\x08\0\0\0\1\0\x12\1\3\0\0\0\0\0\6\0\0\0\0\0\0\0", 0}, /* none */
        {"II\x2A\0\x08\0\0\0\1\0\x12\1\4\0\2\0\0\0\6\0\0\0\0\0\0\0", 0}, /* outside */
        {"II\x2A\0\x08\0\0\0\1\0\x13\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0", 0},
        {"II\x2A\0\xFF\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0", 0},
        {"MM\0\x2A\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\x08\0\0\0\0\0\0", 8},
    };
    static struct file file;
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++) {
        struct lc_image_info info;

        make_jpeg(&file, 1, false);
        insert(&file, 2, cases[seen].tiff, 26);
        insert(&file, 2,
               "\xFF\xE1\0\x22"
               "Exif\0\0",
               10);
        info = inspect_file(&file);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_int_equal(info.orientation, cases[seen].orientation);
    }
    assert_int_equal(seen, 9);
}

/* --- PNG */

static void add_chunk(struct file *file, const char *name, const void *data, size_t size)
{
    size_t begin;
    uLong crc;

    add32(file, (uint32_t)size);
    begin = file->size;
    add(file, name, 4);
    add(file, data, size);
    crc = crc32(0, file->data + begin, (uInt)(file->size - begin));
    add32(file, (uint32_t)crc);
}

static void begin_png(struct file *file, uint8_t depth, uint8_t colour, uint8_t interlace)
{
    uint8_t header[13] = {0,      0,     0,      WIDTH, 0, 0,        0,
                          HEIGHT, depth, colour, 0,     0, interlace};

    file->size = 0;
    add(file, "\x89PNG\r\n\x1A\n", 8);
    add_chunk(file, "IHDR", header, sizeof(header));
}

/* Add size zeros, but set the first byte to the filter. */
static void add_pixels(struct file *file, size_t size, uint8_t filter)
{
    static uint8_t rows[ROOM];
    static uint8_t packed[ROOM];
    uLongf packed_size = sizeof(packed);

    assert(size <= sizeof(rows));
    rows[0] = filter;
    assert_int_equal(compress(packed, &packed_size, rows, (uLong)size), Z_OK);
    add_chunk(file, "IDAT", packed, packed_size);
}

static void make_png(struct file *file)
{
    begin_png(file, 8, 2, 0);
    add_pixels(file, (size_t)HEIGHT * (1 + WIDTH * 3), 0);
    add_chunk(file, "IEND", "", 0);
}

static void test_png_kinds(void **state)
{
    static const struct {
        uint8_t depth;
        uint8_t colour;
        size_t bits;
        const char *mode;
    } cases[] = {
        {1, 0, 1, "1"},      {2, 0, 2, "L"},     {4, 0, 4, "L"},      {8, 0, 8, "L"},
        {16, 0, 16, "I"},    {8, 2, 24, "RGB"},  {16, 2, 48, "RGB"},  {1, 3, 1, "P"},
        {2, 3, 2, "P"},      {4, 3, 4, "P"},     {8, 3, 8, "P"},      {8, 4, 16, "LA"},
        {16, 4, 32, "RGBA"}, {8, 6, 32, "RGBA"}, {16, 6, 64, "RGBA"},
    };
    static struct file file;
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++) {
        struct lc_image_info info;

        begin_png(&file, cases[seen].depth, cases[seen].colour, 0);
        add_pixels(&file, HEIGHT * (1 + WIDTH * cases[seen].bits / 8), 0);
        add_chunk(&file, "IEND", "", 0);
        info = inspect_file(&file);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_string_equal(info.mode, cases[seen].mode);
        assert_int_equal(info.width, WIDTH);
        assert_int_equal(info.height, HEIGHT);
        assert_int_equal(info.rows_decoded, HEIGHT);
    }
    assert_int_equal(seen, 15);
}

static void test_png_interlaced(void **state)
{
    /* the rows of the seven passes of 40 x 24 gray pixels, with their filter bytes */
    size_t size = 3 * 6 + 3 * 6 + 3 * 11 + 6 * 11 + 6 * 21 + 12 * 21 + 12 * 41;
    static struct file file;
    struct lc_image_info info;

    (void)state;
    begin_png(&file, 8, 0, 1);
    add_pixels(&file, size, 0);
    info = inspect_file(&file);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_int_equal(info.rows_decoded, HEIGHT);

    begin_png(&file, 8, 0, 1);
    add_pixels(&file, size - 1, 0);
    info = inspect_file(&file);
    assert_int_equal(info.decode, LC_DECODE_TRUNCATED);
    assert_string_equal(info.detail, "23 of 24 rows decoded");
}

static void test_png_cut(void **state)
{
    static const struct {
        size_t size; /* from the beginning */
        size_t less; /* from the end */
        enum lc_decode decode;
    } cases[] = {
        {4, 0, LC_DECODE_TRUNCATED},  {8, 0, LC_DECODE_TRUNCATED},
        {20, 0, LC_DECODE_TRUNCATED}, {31, 0, LC_DECODE_TRUNCATED},
        {33, 0, LC_DECODE_TRUNCATED}, {39, 0, LC_DECODE_TRUNCATED},
        {41, 0, LC_DECODE_TRUNCATED}, {45, 0, LC_DECODE_TRUNCATED},
        {0, 12, LC_DECODE_OK},        {0, 5, LC_DECODE_OK},
        {0, 0, LC_DECODE_OK},
    };
    static struct file file;
    size_t seen = 0;

    (void)state;
    make_png(&file);
    for (; seen < COUNT(cases); seen++) {
        size_t size = cases[seen].size ? cases[seen].size : file.size - cases[seen].less;
        struct lc_image_info info = inspect(file.data, size, &lc_image_limits_default);

        assert_int_equal(info.content, LC_CONTENT_PNG);
        assert_int_equal(info.decode, cases[seen].decode);
    }
    assert_int_equal(seen, 11);
}

/* A chunk between IHDR and the pixels of a palette picture. */
static void test_png_chunks(void **state)
{
    static const uint8_t zeros[800];
    static const struct {
        const char *name;
        const void *data;
        size_t size;
        enum lc_decode decode;
    } cases[] = {
        {"gAMA", zeros, 4, LC_DECODE_OK},
        {"gAMA", zeros, 3, LC_DECODE_CORRUPT},
        {"cHRM", zeros, 8, LC_DECODE_OK},
        {"cHRM", zeros, 9, LC_DECODE_CORRUPT},
        {"sRGB", zeros, 0, LC_DECODE_CORRUPT},
        {"pHYs", zeros, 8, LC_DECODE_CORRUPT},
        {"PLTE", zeros, 768, LC_DECODE_OK},
        {"PLTE", zeros, 771, LC_DECODE_CORRUPT},
        {"tRNS", "\xFF\x80", 2, LC_DECODE_OK},
        {"tRNS", "\xFF\0", 2, LC_DECODE_CORRUPT},
        {"iCCP", "name", 4, LC_DECODE_CORRUPT},
        {"iCCP", "name\0\0x", 7, LC_DECODE_OK},
        {"zTXt", "a\0\1", 3, LC_DECODE_CORRUPT},
        {"tEXt", "a", 1, LC_DECODE_OK},
        {"ABCD", "a", 1, LC_DECODE_OK},
        {"A-CD", "a", 1, LC_DECODE_CORRUPT},
        {"IEND", "", 0, LC_DECODE_CORRUPT},
        {"acTL", zeros, 7, LC_DECODE_CORRUPT},
        {"fcTL", "\0\0\0\1", 4, LC_DECODE_CORRUPT},
        {"fdAT", zeros, 5, LC_DECODE_CORRUPT},
        {"tEXt", "bbox\0x", 6, LC_DECODE_CORRUPT},
        {"IHDR", zeros, 12, LC_DECODE_CORRUPT},
    };
    static struct file file;
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++) {
        struct lc_image_info info;

        begin_png(&file, 8, 3, 0);
        add_chunk(&file, cases[seen].name, cases[seen].data, cases[seen].size);
        add_pixels(&file, (size_t)HEIGHT * (1 + WIDTH), 0);
        add_chunk(&file, "IEND", "", 0);
        info = inspect_file(&file);
        if (info.decode != cases[seen].decode)
            fail_msg("case %zu: %d %s", seen, (int)info.decode, info.detail);
    }
    assert_int_equal(seen, 22);
}

static void test_png_pixels(void **state)
{
    static const struct {
        int size;
        uint8_t filter;
        enum lc_decode decode;
        const char *detail;
    } cases[] = {
        {HEIGHT * (1 + WIDTH), 4, LC_DECODE_OK, ""},
        {HEIGHT * (1 + WIDTH) + 500, 0, LC_DECODE_OK, ""},
        {HEIGHT * (1 + WIDTH), 5, LC_DECODE_CORRUPT, "a row has an unknown filter"},
        {HEIGHT * (1 + WIDTH) - 1, 0, LC_DECODE_TRUNCATED, "23 of 24 rows decoded"},
        {2 * (1 + WIDTH), 0, LC_DECODE_DAMAGED, "the pixels end after 2 of 24 rows"},
    };
    static struct file file;
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++) {
        struct lc_image_info info;

        begin_png(&file, 8, 0, 0);
        add_pixels(&file, (size_t)cases[seen].size, cases[seen].filter);
        add_chunk(&file, "IEND", "", 0);
        info = inspect_file(&file);
        assert_string_equal(info.detail, cases[seen].detail);
        assert_int_equal(info.decode, cases[seen].decode);
    }
    assert_int_equal(seen, 5);
}

/* Pillow checks the checksum of IHDR, but not those of the pixels. */
static void test_png_checksums(void **state)
{
    static struct file file;
    struct lc_image_info info;

    (void)state;
    make_png(&file);
    file.data[8 + 8 + 13] ^= 1;
    assert_int_equal(inspect_file(&file).decode, LC_DECODE_CORRUPT);

    /* a chunk's checksum: Pillow ignores it, and the stream's own proves the pixels */
    make_png(&file);
    file.data[file.size - 12 - 1] ^= 1;
    info = inspect_file(&file);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_int_equal(info.warnings, 0);

    make_png(&file);
    file.data[file.size - 12 - 5] ^= 1; /* the stream's own checksum */
    assert_int_equal(inspect_file(&file).decode, LC_DECODE_CORRUPT);
}

static void test_png_metadata(void **state)
{
    static const char xmp[] = "XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation=\"7\"/>";
    static uint8_t text[(1 << 20) + 1];
    static uint8_t packed[3 + 4096];
    uLongf size = sizeof(packed) - 3;
    struct lc_image_limits limits = lc_image_limits_default;
    static struct file file;
    struct lc_image_info info;

    (void)state;
    memcpy(packed, "k\0", 3);
    assert_int_equal(compress(packed + 3, &size, text, sizeof(text)), Z_OK);
    begin_png(&file, 8, 0, 0);
    add_chunk(&file, "zTXt", packed, size + 3);
    info = inspect_file(&file);
    assert_int_equal(info.decode, LC_DECODE_CORRUPT);
    assert_true(info.metadata_too_large);

    limits.max_stream = 99; /* nothing after the text that exceeds the limit is read */
    size = sizeof(packed) - 3;
    assert_int_equal(compress(packed + 3, &size, text, 100), Z_OK);
    begin_png(&file, 8, 0, 0);
    add_chunk(&file, "zTXt", packed, size + 3);
    add_pixels(&file, (size_t)HEIGHT * (1 + WIDTH), 0);
    info = inspect(file.data, file.size, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    assert_string_equal(info.detail, "texts and profiles of more than 99 bytes in total");
    limits.max_stream = 100;
    assert_int_equal(inspect(file.data, file.size, &limits).decode, LC_DECODE_OK);

    begin_png(&file, 8, 0, 0);
    add_chunk(&file, "iTXt", xmp, sizeof(xmp) - 1);
    add_pixels(&file, (size_t)HEIGHT * (1 + WIDTH), 0);
    assert_int_equal(inspect_file(&file).orientation, 7);
    add_chunk(&file, "eXIf", "II\x2A\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0",
              26);
    info = inspect_file(&file);
    assert_int_equal(info.orientation, 6);
    assert_int_equal(info.decode, LC_DECODE_OK);
}

/* --- limits */

static void test_limits(void **state)
{
    struct lc_image_limits limits = lc_image_limits_default;
    static struct file file;
    struct lc_image_info info;

    (void)state;
    limits.max_pixels = WIDTH * HEIGHT - 1;
    make_png(&file);
    info = inspect(file.data, file.size, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    assert_int_equal(info.width, WIDTH);
    assert_string_equal(info.detail, "960 pixels, more than 959");
    make_jpeg(&file, 3, true);
    assert_true(inspect(file.data, file.size, &limits).limited);

    limits.max_pixels++;
    assert_int_equal(inspect(file.data, file.size, &limits).decode, LC_DECODE_OK);
    limits.max_scans = 2; /* applies to the decoder only: proofs take hardly any time */
    limits.no_shortcuts = true;
    info = inspect(file.data, file.size, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    assert_string_equal(info.detail, "more than 2 scans");
    limits.max_scans = lc_image_limits_default.max_scans;
    limits.max_scan_pixels = WIDTH * HEIGHT * 3 + WIDTH; /* of all scans together */
    info = inspect(file.data, file.size, &limits);
    assert_true(info.limited);
    assert_string_equal(info.detail, "more than 3 scans");
    limits.max_scan_pixels = 0;
    assert_int_equal(inspect(file.data, file.size, &limits).decode, LC_DECODE_OK);

    limits = lc_image_limits_default;
    limits.max_memory = 100000;
    limits.no_shortcuts = true;
    file.data[find_marker(&file, 0xC2) + 5] = 0x40; /* 16,408 rows */
    info = inspect(file.data, file.size, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);

    make_jpeg(&file, 3, false);
    limits = lc_image_limits_default;
    limits.max_warnings = 1;
    insert(&file, file.size - 2, "junk", 4);
    assert_int_equal(inspect(file.data, file.size, &limits).decode, LC_DECODE_DAMAGED);
}

/* --- content */

static const struct {
    const char *bytes;
    size_t size;
    enum lc_content content;
    const char *format;
} sniff_cases[] = {
    {BYTES(""), LC_CONTENT_EMPTY, "empty"},
    {BYTES("\xFF\xD8\xFF\xE0"), LC_CONTENT_JPEG, "jpeg"},
    {BYTES("\xFF\xD8"), LC_CONTENT_JPEG, "jpeg"},
    {BYTES("\xFF\xD8\x10"), LC_CONTENT_UNKNOWN, "unknown"},
    {BYTES("\x89PNG\r\n\x1A\n"), LC_CONTENT_PNG, "png"},
    {BYTES("\x89PNG\r\n"), LC_CONTENT_PNG, "png"},
    {BYTES("\x89PNG\n\n\x1A\n"), LC_CONTENT_UNKNOWN, "unknown"},
    {BYTES("RIFF\4\0\0\0WEBPVP8 "), LC_CONTENT_WEBP, "webp"},
    {BYTES("RIFF\4\0\0\0WAVEfmt "), LC_CONTENT_ARCHIVE, "wav"},
    {BYTES("GIF89a\1\0"), LC_CONTENT_GIF, "gif"},
    {BYTES("GIF8"), LC_CONTENT_GIF, "gif"},
    {BYTES("GIF"), LC_CONTENT_TEXT, "text"},
    {BYTES("GIF88a\1\0"), LC_CONTENT_UNKNOWN, "unknown"},
    {BYTES("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), LC_CONTENT_BMP, "bmp"},
    {BYTES("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\7\0\0"), LC_CONTENT_BMP, "bmp"},
    {BYTES("BM\x36\0"), LC_CONTENT_BMP, "bmp"},
    {BYTES("BM"), LC_CONTENT_TEXT, "text"},
    {BYTES("BMW makes cars, and motorcycles"), LC_CONTENT_TEXT, "text"},
    {BYTES("\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0"), LC_CONTENT_BMP, "dib"},
    {BYTES("\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18"), LC_CONTENT_UNKNOWN, "unknown"},
    {BYTES("\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x19\0"), LC_CONTENT_UNKNOWN, "unknown"},
    {BYTES("\x0C\0\0\0\1\0\1\0\1\0\x20\0"), LC_CONTENT_BMP, "dib"},
    {BYTES("\x29\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0"), LC_CONTENT_UNKNOWN, "unknown"},
    {BYTES("II\x2A\0\x08"), LC_CONTENT_TIFF, "tiff"},
    {BYTES("MM\0\x2A\0"), LC_CONTENT_TIFF, "tiff"},
    {BYTES("\0\0\0\x18"
           "ftypheic\0\0"),
     LC_CONTENT_OTHER_IMAGE, "heic"},
    {BYTES("\0\0\0\x18"
           "ftypavif\0\0"),
     LC_CONTENT_OTHER_IMAGE, "avif"},
    {BYTES("\0\0\0\x18"
           "ftypisom\0\0"),
     LC_CONTENT_ARCHIVE, "mp4"},
    {BYTES("\xFF\x0A\x10"), LC_CONTENT_OTHER_IMAGE, "jxl"},
    {BYTES("\0\0\0\x0CjP  \r\n\x87\n"), LC_CONTENT_OTHER_IMAGE, "jp2"},
    {BYTES("P6\n10 10\n255\n"), LC_CONTENT_OTHER_IMAGE, "pnm"},
    {BYTES("P0\n10 10\n255\n"), LC_CONTENT_TEXT, "text"},
    {BYTES("P7\n10 10\n255\n"), LC_CONTENT_TEXT, "text"},
    {BYTES("B6\n10 10\n255\n"), LC_CONTENT_TEXT, "text"},
    {BYTES("8BPS\0\1"), LC_CONTENT_OTHER_IMAGE, "psd"},
    {BYTES("qoif"), LC_CONTENT_OTHER_IMAGE, "qoi"},
    {BYTES("<?xml version='1.0'?>\n<svg xmlns"), LC_CONTENT_XML, "svg"},
    {BYTES("<svg width='1'>"), LC_CONTENT_XML, "svg"},
    {BYTES("version https://git-lfs.github.com/spec/v1\noid"), LC_CONTENT_LFS_POINTER,
     "git-lfs"},
    {BYTES("\xEF\xBB\xBF \r\n<!DocType HTML>"), LC_CONTENT_HTML, "html"},
    {BYTES("<HEAD><title>404"), LC_CONTENT_HTML, "html"},
    {BYTES("<?xml version='1.0'?><Error><Code>"), LC_CONTENT_XML, "xml"},
    {BYTES("{\"error\": 1}"), LC_CONTENT_JSON, "json"},
    {BYTES(" [1]"), LC_CONTENT_JSON, "json"},
    {BYTES("{\0\1\2"), LC_CONTENT_UNKNOWN, "unknown"},
    {BYTES("PK\3\4"), LC_CONTENT_ARCHIVE, "zip"},
    {BYTES("\x1F\x8B\x08"), LC_CONTENT_ARCHIVE, "gzip"},
    {BYTES("not found\n"), LC_CONTENT_TEXT, "text"},
    {BYTES("\0\1\2\3"), LC_CONTENT_UNKNOWN, "unknown"},
};

static void test_sniff(void **state)
{
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(sniff_cases); seen++) {
        const uint8_t *bytes = (const uint8_t *)sniff_cases[seen].bytes;
        struct lc_image_info info =
            inspect(bytes, sniff_cases[seen].size, &lc_image_limits_default);

        if (info.content != sniff_cases[seen].content)
            fail_msg("case %zu: %d %s", seen, (int)info.content, info.format);
        assert_string_equal(info.format, sniff_cases[seen].format);
    }
    assert_int_equal(seen, 49);
}

static void test_names(void **state)
{
    static const struct {
        const char *path;
        enum lc_content content;
    } cases[] = {
        {"a.jpg", LC_CONTENT_JPEG},        {"a/b.c/d.JPEG", LC_CONTENT_JPEG},
        {"a.jpe", LC_CONTENT_JPEG},        {"a.jfif", LC_CONTENT_JPEG},
        {"a.Png", LC_CONTENT_PNG},         {"a.webp", LC_CONTENT_WEBP},
        {"a.gif", LC_CONTENT_GIF},         {"a.bmp", LC_CONTENT_BMP},
        {"a.tif", LC_CONTENT_TIFF},        {"a.TIFF", LC_CONTENT_TIFF},
        {"a.jpg.txt", LC_CONTENT_UNKNOWN}, {"a.jpg/b", LC_CONTENT_UNKNOWN},
        {"jpg", LC_CONTENT_UNKNOWN},       {"", LC_CONTENT_UNKNOWN},
        {"a.", LC_CONTENT_UNKNOWN},        {"a.heic", LC_CONTENT_UNKNOWN},
    };
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++)
        assert_int_equal(lc_image_content_of_name(cases[seen].path), cases[seen].content);
    assert_int_equal(seen, 16);
}

/* A PCX with planes for red, green and blue: any sample that differs is noticed. */
static void test_pcx_planes(void **state)
{
    enum { HEADER = 128, SIDE = 4, PIXELS = SIDE * SIDE * 3 };

    uint8_t data[HEADER + PIXELS] = {10, 5, 1, 8, 0, 0, 0, 0, SIDE - 1, 0, SIDE - 1, 0};
    struct lc_image_info info;

    (void)state;
    data[65] = 3;
    data[66] = SIDE;
    memset(data + HEADER, 9, PIXELS);
    info = inspect(data, sizeof(data), &lc_image_limits_default);
    assert_string_equal(info.format, "pcx");
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_true(info.blank);
    for (size_t i = 0; i < PIXELS; i++) {
        data[HEADER + i] = 8;
        info = inspect(data, sizeof(data), &lc_image_limits_default);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_false(info.blank);
        data[HEADER + i] = 9;
    }
}

static void test_scratch_free_accepts_null(void **state)
{
    (void)state;
    lc_image_scratch_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jpeg_kinds),
        cmocka_unit_test(test_jpeg_cut),
        cmocka_unit_test(test_jpeg_header),
        cmocka_unit_test(test_jpeg_damaged),
        cmocka_unit_test(test_jpeg_corrupt),
        cmocka_unit_test(test_jpeg_proof),
        cmocka_unit_test(test_jpeg_skips_across_blocks),
        cmocka_unit_test(test_orientation),
        cmocka_unit_test(test_png_kinds),
        cmocka_unit_test(test_png_interlaced),
        cmocka_unit_test(test_png_cut),
        cmocka_unit_test(test_png_chunks),
        cmocka_unit_test(test_png_pixels),
        cmocka_unit_test(test_png_checksums),
        cmocka_unit_test(test_png_metadata),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sniff),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_pcx_planes),
        cmocka_unit_test(test_scratch_free_accepts_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
