/* test_image_bmp.c - src/image on generated BMPs, whole and broken */

#include "inspect.h"

#include <assert.h>

enum { ROOM = 4096, RAW = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3 };

struct file {
    uint8_t data[ROOM];
    size_t size;
};

static void add(struct file *file, const void *bytes, size_t size)
{
    assert(size <= ROOM - file->size);
    if (size > 0)
        memcpy(file->data + file->size, bytes, size);
    file->size += size;
}

static void add_number(struct file *file, uint32_t value, size_t size)
{
    uint8_t bytes[4];
    size_t i;

    for (i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    add(file, bytes, size);
}

/* The contents of a picture. */
struct picture {
    bool is_dib;
    uint32_t header_size; /* 12 or 40 to 124 */
    uint32_t width, height;
    uint32_t bits;
    uint32_t compression;
    uint32_t count; /* of colours, according to the header */
    const char *palette;
    size_t palette_size; /* masks go here too */
    const char *pixels;
    size_t pixels_size;
};

static void write_file(struct file *file, const struct picture *picture)
{
    uint32_t header = picture->header_size;
    uint32_t at = 14 + header + (uint32_t)picture->palette_size;
    size_t side = header == 12 ? 2 : 4;
    size_t start;

    file->size = 0;
    if (!picture->is_dib) {
        add(file, "BM", 2);
        add_number(file, at + (uint32_t)picture->pixels_size, 4);
        add_number(file, 0, 4);
        add_number(file, at, 4);
    }
    start = file->size;
    add_number(file, header, 4);
    add_number(file, picture->width, side);
    add_number(file, picture->height, side);
    add_number(file, 1, 2);
    add_number(file, picture->bits, 2);
    if (header > 12) {
        add_number(file, picture->compression, 4);
        add_number(file, 0, 4);
        add_number(file, 0, 4);
        add_number(file, 0, 4);
        add_number(file, picture->count, 4);
    }
    while (file->size < start + header)
        add(file, "", 1);
    add(file, picture->palette, picture->palette_size);
    add(file, picture->pixels, picture->pixels_size);
}

static struct lc_image_info inspect(const struct file *file)
{
    return inspect_as(LC_CONTENT_BMP, file->data, file->size, &lc_image_limits_default);
}

#define TWO_COLOURS "\1\2\3\0\4\5\6\0"
#define BLACK_WHITE "\0\0\0\0\xFF\xFF\xFF\0"
#define FOUR_COLOURS "\1\2\3\0\4\5\6\0\1\2\3\7\7\7\7\0"
#define MASKS_565 "\0\xF8\0\0\xE0\7\0\0\x1F\0\0\0"
#define MASKS_444 "\0\x0F\0\0\xF0\0\0\0\x0F\0\0\0"
#define ROW_24 "\1\2\3\1\2\3\0\0"

/* Mostly of 2 x 2 pixels. */
static const struct {
    struct picture picture;
    enum lc_decode decode;
    const char *mode;
    uint8_t depth;
    bool blank;
    uint32_t rows;
} cases[] = {
    {{false, 40, 2, 2, 24, RAW, 0, BYTES(""), BYTES(ROW_24 ROW_24)},
     LC_DECODE_OK,
     "RGB",
     8,
     true,
     2},
    {{true, 40, 2, 2, 24, RAW, 0, BYTES(""), BYTES(ROW_24 "\1\2\3\1\2\4\0\0")},
     LC_DECODE_OK,
     "RGB",
     8,
     false,
     2},
    {{false, 12, 2, 2, 24, RAW, 0, BYTES(""), BYTES(ROW_24 ROW_24)},
     LC_DECODE_OK,
     "RGB",
     8,
     true,
     2},
    {{true, 12, 2, 2, 24, RAW, 0, BYTES(""), BYTES(ROW_24 ROW_24)},
     LC_DECODE_OK,
     "RGB",
     8,
     true,
     2},
    /* a palette, and the last row without padding: Pillow does not map this */
    {{false, 40, 2, 2, 8, RAW, 4, BYTES(FOUR_COLOURS), BYTES("\0\2\0\0\2\1")},
     LC_DECODE_OK,
     "P",
     8,
     false,
     2},
    {{false, 40, 2, 2, 8, RAW, 4, BYTES(FOUR_COLOURS), BYTES("\0\2\0\0\2\0")},
     LC_DECODE_OK,
     "P",
     8,
     true,
     2},
    /* the first row is the top one; the last row has no padding */
    {{false, 40, 2, (uint32_t)-2, 24, RAW, 0, BYTES(""), BYTES(ROW_24 "\1\2\3\1\2\3")},
     LC_DECODE_OK,
     "RGB",
     8,
     true,
     2},
    {{false, 40, 2, 2, 24, RAW, 0, BYTES(""), BYTES(ROW_24 "\1\2\3\1\2")},
     LC_DECODE_TRUNCATED,
     "RGB",
     8,
     false,
     1},
    {{false, 40, 2, 2, 24, RAW, 0, BYTES(""), BYTES("")},
     LC_DECODE_TRUNCATED,
     "RGB",
     8,
     false,
     0},
    /* bits that belong to no colour do not count */
    {{false, 40, 1, 2, 32, RAW, 0, BYTES(""), BYTES("\1\2\3\4\1\2\3\5")},
     LC_DECODE_OK,
     "RGB",
     8,
     true,
     2},
    {{false, 40, 2, 1, 16, RAW, 0, BYTES(""), BYTES("\1\2\1\x82")},
     LC_DECODE_OK,
     "RGB",
     5,
     true,
     1},
    {{false, 40, 2, 1, 16, BITFIELDS, 0, BYTES(MASKS_565), BYTES("\1\2\1\x82")},
     LC_DECODE_OK,
     "RGB",
     6,
     false,
     1},
    {{false, 40, 2, 1, 16, BITFIELDS, 0, BYTES(MASKS_444), BYTES("\1\2\1\2")},
     LC_DECODE_CORRUPT,
     "",
     0,
     false,
     0},
    {{false, 108, 1, 2, 32, BITFIELDS, 0, BYTES(""), BYTES("\1\2\3\4\1\2\3\5")},
     LC_DECODE_OK,
     "RGBA",
     8,
     true,
     2},
    /* palettes: two indices of one colour, grays, black and white */
    {{false, 40, 4, 1, 8, RAW, 4, BYTES(FOUR_COLOURS), BYTES("\0\2\0\2")},
     LC_DECODE_OK,
     "P",
     8,
     true,
     1},
    {{false, 40, 4, 1, 8, RAW, 4, BYTES(FOUR_COLOURS), BYTES("\0\2\0\1")},
     LC_DECODE_OK,
     "P",
     8,
     false,
     1},
    {{false, 40, 4, 1, 4, RAW, 4, BYTES(FOUR_COLOURS), BYTES("\x02\x20\0\0")},
     LC_DECODE_OK,
     "P",
     4,
     true,
     1},
    {{false, 40, 3, 1, 1, RAW, 2, BYTES(TWO_COLOURS), BYTES("\xE0\0\0\0")},
     LC_DECODE_OK,
     "P",
     1,
     true,
     1},
    {{false, 40, 3, 1, 1, RAW, 2, BYTES(BLACK_WHITE), BYTES("\xE0\0\0\0")},
     LC_DECODE_OK,
     "1",
     1,
     true,
     1},
    {{false, 40, 3, 1, 1, RAW, 0, BYTES(BLACK_WHITE), BYTES("\xC0\0\0\0")},
     LC_DECODE_OK,
     "1",
     1,
     false,
     1},
    {{false, 40, 2, 1, 8, RAW, 1, BYTES("\0\0\0\0"), BYTES("\7\7\0\0")},
     LC_DECODE_OK,
     "L",
     8,
     true,
     1},
    /* more pixels than fit in a row: in the file's mapping, rows overlap */
    {{false, 40, 6, 2, 4, RAW, 1, BYTES("\0\0\0\0"), BYTES("\0\0\0\0\0\0\0\0")},
     LC_DECODE_OK,
     "L",
     4,
     true,
     2},
    {{false, 40, 6, 2, 4, RAW, 1, BYTES("\0\0\0\0"), BYTES("\0\0\0\0\0\0\7\0")},
     LC_DECODE_OK,
     "L",
     4,
     false,
     2},
    {{false, 40, 6, 2, 4, RAW, 1, BYTES("\0\0\0\0"), BYTES("\0\0\0\0\0\0")},
     LC_DECODE_CORRUPT,
     "L",
     4,
     false,
     0},
    {{false, 40, 9, 2, 4, RAW, 70000, BYTES(""), BYTES("")},
     LC_DECODE_CORRUPT,
     "",
     0,
     false,
     0},
    /* runs */
    {{false, 40, 2, 2, 8, RLE8, 4, BYTES(FOUR_COLOURS), BYTES("\2\1\0\0\2\1\0\1")},
     LC_DECODE_OK,
     "P",
     8,
     true,
     2},
    {{false, 40, 2, 2, 8, RLE8, 4, BYTES(FOUR_COLOURS), BYTES("\7\1\0\0\0\3\0\2\0")},
     LC_DECODE_OK,
     "P",
     8,
     false,
     2},
    {{false, 40, 2, 2, 8, RLE8, 4, BYTES(FOUR_COLOURS), BYTES("\2\1\0\1")},
     LC_DECODE_CORRUPT,
     "P",
     8,
     false,
     1},
    {{false, 40, 2, 2, 8, RLE8, 4, BYTES(FOUR_COLOURS), BYTES("\0\2\7\7\0\2")},
     LC_DECODE_OK,
     "P",
     8,
     true,
     2},
    {{false, 40, 2, 2, 4, RLE4, 4, BYTES(FOUR_COLOURS), BYTES("\2\x02\0\0\0\2\x20")},
     LC_DECODE_CORRUPT,
     "P",
     4,
     false,
     1},
    {{false, 40, 4, 1, 4, RLE4, 4, BYTES(FOUR_COLOURS), BYTES("\0\4\x02\x01")},
     LC_DECODE_OK,
     "P",
     4,
     false,
     1},
    {{false, 40, 2, 2, 1, RLE8, 2, BYTES(BLACK_WHITE), BYTES("\2\1\0\0\2\1\0\1")},
     LC_DECODE_CORRUPT,
     "1",
     1,
     false,
     0},
    /* headers that Pillow refuses */
    {{false, 52, 2, 2, 24, RAW, 0, BYTES(""), BYTES(ROW_24 ROW_24)},
     LC_DECODE_CORRUPT,
     "",
     0,
     false,
     0},
    {{false, 40, 2, 2, 15, RAW, 0, BYTES(""), BYTES(ROW_24 ROW_24)},
     LC_DECODE_CORRUPT,
     "",
     0,
     false,
     0},
    {{false, 40, 2, 2, 24, 4, 0, BYTES(""), BYTES(ROW_24 ROW_24)},
     LC_DECODE_CORRUPT,
     "",
     0,
     false,
     0},
    {{false, 40, 2, 0, 24, RAW, 0, BYTES(""), BYTES(ROW_24 ROW_24)},
     LC_DECODE_CORRUPT,
     "RGB",
     8,
     false,
     0},
};

static void test_cases(void **state)
{
    static struct file file;
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++) {
        struct lc_image_info info;

        write_file(&file, &cases[seen].picture);
        info = inspect(&file);
        if (info.decode != cases[seen].decode || info.depth != cases[seen].depth ||
            info.blank != cases[seen].blank || info.rows_decoded != cases[seen].rows ||
            strcmp(info.mode, cases[seen].mode) != 0)
            fail_msg("case %zu: decode %d, mode %s, depth %u, blank %d, %u rows: %s",
                     seen, (int)info.decode, info.mode, info.depth, info.blank,
                     info.rows_decoded, info.detail);
        assert_int_equal(info.trailing, 0);
        assert_int_equal(info.detail[0] != '\0', info.decode != LC_DECODE_OK);
        if (info.decode == LC_DECODE_OK)
            assert_int_equal(info.frames, 1);
        assert_string_equal(info.format, cases[seen].picture.is_dib ? "dib" : "bmp");
    }
    assert_int_equal(seen, 36);
}

/* Layouts that only Pillow 9.4 refuses, and others. */
static void test_unknown_layouts(void **state)
{
    static const struct {
        const char *masks;
        bool is_newer;
    } layouts[] = {
        {"\0\0\0\xFF\0\xFF\0\0\xFF\0\0", true},
        {"\0\0\0\xFF\0\xFF\0\0\0\xFF\0", false},
        {"\0\0\0\xFF\xFF\0\0\0\xFF\0\0", false},
        {"\0\0\0\xF0\0\xFF\0\0\xFF\0\0", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(layouts); i++) {
        struct picture picture = {false, 40,
                                  2,     2,
                                  32,    BITFIELDS,
                                  0,     layouts[i].masks,
                                  12,    BYTES("0123456789abcdef")};
        static struct file file;
        struct lc_image_info info;

        write_file(&file, &picture);
        info = inspect(&file);
        assert_int_equal(info.decode, LC_DECODE_CORRUPT);
        assert_string_equal(info.detail, layouts[i].is_newer
                                             ? "a colour layout, which Pillow 9.4 refuses"
                                             : "unknown colour layout");
    }
}

static const struct picture plain = {
    false, 40, 2, 2, 24, RAW, 0, BYTES(""), BYTES(ROW_24 ROW_24)};

/* Bytes after the end that the headers give. */
static void test_trailing(void **state)
{
    static struct file file;

    (void)state;
    write_file(&file, &plain);
    add(&file, "tail", 4);
    assert_int_equal(inspect(&file).trailing, 4);
    file.data[2] += 3; /* the file's size in the header */
    assert_int_equal(inspect(&file).trailing, 1);
    file.data[2] += 3;
    assert_int_equal(inspect(&file).trailing, 4);
    file.data[34] = 20; /* the size of the pixels */
    assert_int_equal(inspect(&file).trailing, 0);
}

static void test_cuts(void **state)
{
    static struct file file;
    size_t whole;

    (void)state;
    write_file(&file, &plain);
    whole = file.size;
    for (file.size = 4; file.size < whole - 2; file.size++)
        assert_int_equal(inspect(&file).decode, LC_DECODE_TRUNCATED);
    for (; file.size <= whole; file.size++)
        assert_int_equal(inspect(&file).decode, LC_DECODE_OK);
}

static void test_offset_at_the_palette(void **state)
{
    static const struct picture palette = {
        false, 40, 2, 1, 8, RAW, 4, BYTES(FOUR_COLOURS), BYTES("\0\1\0\0")};
    static struct file file;

    (void)state;
    write_file(&file, &palette);
    file.data[10] = 54;
    assert_int_equal(inspect(&file).decode, LC_DECODE_OK);
    file.data[10] = 0;
    assert_int_equal(inspect(&file).decode, LC_DECODE_OK);
    file.data[10] = 71; /* one byte too far; rows have 4 bytes, 2 of them pixels */
    assert_int_equal(inspect(&file).decode, LC_DECODE_OK);
    file.data[10] = 73;
    assert_int_equal(inspect(&file).decode, LC_DECODE_TRUNCATED);
    assert_false(inspect(&file).blank);
}

static void test_limits(void **state)
{
    static struct file file;
    struct picture picture = plain;
    struct lc_image_info info;

    (void)state;
    picture.width = 13377;
    picture.height = 13377;
    write_file(&file, &picture);
    info = inspect(&file);
    assert_int_equal(info.decode, LC_DECODE_TRUNCATED);
    picture.height++;
    picture.width = 13378;
    write_file(&file, &picture);
    info = inspect(&file);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    assert_int_equal(info.width, 13378);
    assert_int_equal(info.height, 13378);

    /* more than a row can have in Pillow's decoder: 2^31 bits */
    picture = plain;
    picture.bits = 32;
    picture.width = 67108857;
    picture.height = 1;
    write_file(&file, &picture);
    assert_int_equal(inspect(&file).decode, LC_DECODE_CORRUPT);
    picture.width--;
    write_file(&file, &picture);
    assert_int_equal(inspect(&file).decode, LC_DECODE_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_unknown_layouts),
        cmocka_unit_test(test_trailing),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_offset_at_the_palette),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
