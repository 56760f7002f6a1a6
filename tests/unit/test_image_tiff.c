/* test_image_tiff.c - src/image on generated TIFF pictures, whole and broken */

#include "inspect.h"

#include <zlib.h>

#include "image/image.h"

enum { ROOM = 1 << 16, WIDTH = 40, HEIGHT = 24, PIXELS = WIDTH * HEIGHT };

enum { BYTE = 1, ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5, SLONG = 9, FLOAT = 11 };

/* A file being built: its pixels, then its directory, then its larger values. */
struct file {
    uint8_t data[ROOM];
    size_t size;
    size_t directory;
};

static void put16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *to, uint32_t value)
{
    put16(to, value & 0xFFFF);
    put16(to + 2, value >> 16);
}

/* Begin a file with size bytes of pixels at offset 8. */
static void begin(struct file *file, const uint8_t *pixels, size_t size)
{
    memset(file, 0, sizeof(*file));
    memcpy(file->data, "II\x2A\0", 4);
    memcpy(file->data + 8, pixels, size);
    file->directory = 8 + ((size + 1) & ~(size_t)1);
    put32(file->data + 4, (uint32_t)file->directory);
    file->size = file->directory + 2 + 4;
}

/* Add an entry; for values of more than 4 bytes, value is an offset. Entries are not
 * sorted. */
static void add_raw(struct file *file, unsigned tag, unsigned type, uint32_t count,
                    uint32_t value)
{
    uint8_t *head = file->data + file->directory;
    unsigned entries = head[0];
    uint8_t *entry = head + 2 + (size_t)entries * 12;

    assert_true(file->size + 12 < ROOM);
    put16(head, entries + 1);
    put16(entry, tag);
    put16(entry + 2, type);
    put32(entry + 4, count);
    put32(entry + 8, value);
    put32(entry + 12, 0);
    file->size += 12;
}

static void add(struct file *file, unsigned tag, uint32_t value)
{
    add_raw(file, tag, value > 0xFFFF ? LONG : SHORT, 1, value);
}

/* Find the first entry with this tag, to give it another value. */
static uint8_t *find(struct file *file, unsigned tag)
{
    uint8_t *head = file->data + file->directory;
    unsigned i;

    for (i = 0; i < head[0]; i++) {
        uint8_t *entry = head + 2 + (size_t)i * 12;

        if (entry[0] == (tag & 255) && entry[1] == tag >> 8)
            return entry;
    }
    fail_msg("no tag %u", tag);
    return NULL;
}

/* A gray picture of one strip. */
static void make_gray(struct file *file, bool flat, bool compressed)
{
    uint8_t pixels[PIXELS];
    uint8_t packed[PIXELS + 100];
    uLongf size = sizeof(packed);
    size_t i;

    for (i = 0; i < sizeof(pixels); i++)
        pixels[i] = flat ? 77 : (uint8_t)(i * 37 + i / 40 * 11);
    assert_int_equal(compress(packed, &size, pixels, sizeof(pixels)), Z_OK);
    if (compressed)
        begin(file, packed, size);
    else
        begin(file, pixels, sizeof(pixels));
    add(file, 256, WIDTH);
    add(file, 257, HEIGHT);
    add(file, 258, 8);
    add(file, 259, compressed ? 8 : 1);
    add(file, 262, 1);
    add(file, 273, 8);
    add(file, 278, HEIGHT);
    add(file, 279, compressed ? (uint32_t)size : PIXELS);
}

static struct lc_image_info inspect(const struct file *file,
                                    const struct lc_image_limits *limits)
{
    return inspect_as(LC_CONTENT_TIFF, file->data, file->size, limits);
}

static struct lc_image_info inspect_default(const struct file *file)
{
    return inspect(file, &lc_image_limits_default);
}

static void test_gray(void **state)
{
    static struct file file;
    int i;

    (void)state;
    for (i = 0; i < 4; i++) {
        struct lc_image_info info;

        make_gray(&file, i & 1, i & 2);
        info = inspect_default(&file);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_int_equal(info.width, WIDTH);
        assert_int_equal(info.height, HEIGHT);
        assert_int_equal(info.rows_decoded, HEIGHT);
        assert_int_equal(info.depth, 8);
        assert_int_equal(info.frames, 1);
        assert_int_equal(info.orientation, 0);
        assert_string_equal(info.mode, "L");
        assert_int_equal(info.blank, i & 1);
    }
}

static void test_modes(void **state)
{
    static const struct {
        uint32_t samples, bits, photometric, extra, format;
        const char *mode;
    } cases[] = {
        {1, 1, 0, 0, 1, "1"},     {1, 2, 1, 0, 1, "L"},    {1, 4, 1, 0, 1, "L"},
        {1, 16, 1, 0, 1, "I;16"}, {1, 16, 1, 0, 2, "I"},   {1, 32, 1, 0, 3, "F"},
        {3, 8, 2, 0, 1, "RGB"},   {3, 16, 2, 0, 1, "RGB"}, {4, 8, 2, 2, 1, "RGBA"},
        {4, 8, 2, 1, 1, "RGBA"},  {4, 8, 5, 0, 1, "CMYK"}, {2, 8, 1, 2, 1, "LA"},
        {3, 8, 8, 0, 1, "LAB"},   {3, 8, 6, 0, 1, "RGB"},  {1, 12, 1, 0, 1, "I;16"},
        {1, 7, 1, 0, 1, ""},      {3, 8, 1, 0, 1, ""},     {1, 8, 9, 0, 1, ""},
    };
    static struct file file;
    uint8_t pixels[WIDTH * 8] = {1};
    size_t i;

    (void)state;
    EXPECT_CASES(cases, 18);
    for (i = 0; i < COUNT(cases); i++) {
        struct lc_image_info info;

        begin(&file, pixels, sizeof(pixels));
        add(&file, 256, WIDTH);
        add(&file, 257, 1);
        add(&file, 258, cases[i].bits);
        add(&file, 262, cases[i].photometric);
        add(&file, 273, 8);
        add(&file, 277, cases[i].samples);
        if (cases[i].extra)
            add(&file, 338, cases[i].extra);
        add(&file, 339, cases[i].format);
        info = inspect_default(&file);
        assert_int_equal(info.decode,
                         cases[i].mode[0] ? LC_DECODE_OK : LC_DECODE_CORRUPT);
        assert_string_equal(info.mode, cases[i].mode);
        assert_int_equal(info.depth, cases[i].mode[0] ? (int)cases[i].bits : 0);
    }
}

/* Add an array of 4-byte numbers at the end of the file; call it after all entries were
 * added. */
static void set_array(struct file *file, unsigned tag, const uint32_t *values,
                      unsigned count)
{
    uint8_t *entry = find(file, tag);

    put16(entry + 2, LONG);
    put32(entry + 4, count);
    put32(entry + 8, (uint32_t)file->size);
    for (unsigned i = 0; i < count; i++, file->size += 4)
        put32(file->data + file->size, values[i]);
}

/* Four planes of one colour, one after the other: alpha does not count, black does. */
static void test_planes(void **state)
{
    enum { RGB = 2, SEPARATED = 5, SAMPLES = 4, SIDE = 4, PLANE = SIDE * SIDE };

    static struct file file;

    (void)state;
    for (unsigned kind = RGB; kind <= SEPARATED; kind += SEPARATED - RGB) {
        for (unsigned plane = 0; plane <= SAMPLES; plane++) {
            uint32_t offsets[SAMPLES], sizes[SAMPLES];
            uint8_t pixels[SAMPLES * PLANE + 1];
            struct lc_image_info info;

            memset(pixels, 200, sizeof(pixels));
            pixels[plane * PLANE] = 199; /* in the last plane, past the end */
            begin(&file, pixels, sizeof(pixels));
            add(&file, 256, SIDE);
            add(&file, 257, SIDE);
            add(&file, 258, 8);
            add(&file, 259, 1);
            add(&file, 262, kind);
            add(&file, 273, 0);
            add(&file, 277, SAMPLES);
            add(&file, 278, SIDE);
            add(&file, 279, 0);
            add(&file, 284, 2); /* planes */
            if (kind == RGB)
                add(&file, 338, 2);
            for (unsigned i = 0; i < SAMPLES; i++) {
                offsets[i] = 8 + i * PLANE;
                sizes[i] = PLANE;
            }
            set_array(&file, 273, offsets, SAMPLES);
            set_array(&file, 279, sizes, SAMPLES);
            info = inspect_default(&file);
            assert_int_equal(info.decode, LC_DECODE_OK);
            assert_string_equal(info.mode, kind == RGB ? "RGBA" : "CMYK");
            assert_int_equal(info.blank, plane == SAMPLES || (plane == 3 && kind == RGB));
        }
    }
}

/* The padding of tiles at the right and at the bottom is not part of the picture. */
static void test_tiles(void **state)
{
    enum { TILE = 16, TILES = 2, SIDE = 20 };

    static struct file file;

    (void)state;
    for (unsigned i = 0; i < 2 * TILES * TILE; i++) {
        unsigned other = i / 2, step = i % 2 ? TILE : 1;
        uint8_t pixels[TILES * TILES][TILE * TILE];
        uint8_t packed[TILES * TILES * 400];
        uint32_t offsets[TILES * TILES], sizes[TILES * TILES];
        struct lc_image_info info;
        size_t at = 0;

        memset(pixels, 9,
               sizeof(pixels)); /* one different pixel, at an upper or left border */
        pixels[other / TILE * (TILES + 1)][other % TILE * step] = 8;
        for (unsigned tile = 0; tile < TILES * TILES; tile++) {
            uLongf size = sizeof(packed) - at;

            assert_int_equal(compress(packed + at, &size, pixels[tile], TILE * TILE),
                             Z_OK);
            offsets[tile] = (uint32_t)(8 + at);
            sizes[tile] = (uint32_t)size;
            at += size;
        }
        begin(&file, packed, at);
        add(&file, 256, SIDE);
        add(&file, 257, SIDE);
        add(&file, 258, 8);
        add(&file, 259, 8);
        add(&file, 262, 1);
        add(&file, 277, 1);
        add(&file, 322, TILE);
        add(&file, 323, TILE);
        add(&file, 324, 0);
        add(&file, 325, 0);
        set_array(&file, 324, offsets, TILES * TILES);
        set_array(&file, 325, sizes, TILES * TILES);
        info = inspect_default(&file);
        assert_string_equal(info.detail, "");
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_int_equal(info.blank, other >= SIDE);
    }
}

/* Pillow accepts numbers up to 2^63 - 1 as the first offset of a BigTIFF, of 8 bytes. */
static void test_large_offsets(void **state)
{
    uint8_t data[24] = "II\x2B\0\x08\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F";

    (void)state;
    assert_int_equal(
        inspect_as(LC_CONTENT_TIFF, data, sizeof(data), &lc_image_limits_default).decode,
        LC_DECODE_TRUNCATED);
    data[15] = 0x80;
    assert_int_equal(
        inspect_as(LC_CONTENT_TIFF, data, sizeof(data), &lc_image_limits_default).decode,
        LC_DECODE_CORRUPT);
}

static void test_cuts(void **state)
{
    static struct file file;
    struct lc_image_info info;
    int compressed;

    (void)state;
    for (compressed = 0; compressed < 2; compressed++) {
        size_t size;
        size_t whole;

        make_gray(&file, false, compressed);
        whole = file.size;
        /* without compression, Pillow can do without the last two entries */
        whole -= compressed ? 4 : 4 + 2 * 12;
        for (size = 4; size < whole; size++) {
            file.size = size;
            assert_int_equal(inspect_default(&file).decode, LC_DECODE_TRUNCATED);
        }
    }
    make_gray(&file, false, false); /* pixels at the end: only half are there */
    put32(find(&file, 273) + 8, (uint32_t)(file.size - PIXELS / 2));
    info = inspect_default(&file);
    assert_int_equal(info.decode, LC_DECODE_TRUNCATED);
    assert_int_equal(info.rows_decoded, HEIGHT / 2);
    make_gray(&file, false, true);
    put32(find(&file, 273) + 8, (uint32_t)(file.size - 10));
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_TRUNCATED);
}

static void test_broken_is_corrupt(void **state)
{
    static const struct {
        unsigned tag;
        uint32_t type;
        uint32_t value;
        enum lc_decode wanted;
    } cases[] = {
        {256, SHORT, 0, LC_DECODE_CORRUPT},
        {256, BYTE, 40, LC_DECODE_CORRUPT},
        {256, FLOAT, 0x42200000, LC_DECODE_CORRUPT}, /* 40.0: not for Pillow 11.1 */
        {256, ASCII, 0x34, LC_DECODE_CORRUPT},       /* the text "4": the same */
        {259, SHORT, 999, LC_DECODE_CORRUPT},
        {259, BYTE, 1, LC_DECODE_CORRUPT},
        {259, FLOAT, 0x3F800000, LC_DECODE_OK}, /* 1.0 */
        {262, SHORT, 77, LC_DECODE_CORRUPT},
        {273, FLOAT, 8, LC_DECODE_CORRUPT},
        {273, SLONG, 4, LC_DECODE_OK},
        {278, ASCII, 24, LC_DECODE_CORRUPT},
        {278, FLOAT, 24, LC_DECODE_NONE},
        {279, SHORT, 0, LC_DECODE_OK},
        {278, SHORT, 5, LC_DECODE_DAMAGED}, /* only one of five strips exists */
    };
    static struct file file;
    size_t i;

    (void)state;
    EXPECT_CASES(cases, 14);
    for (i = 0; i < COUNT(cases); i++) {
        make_gray(&file, false, false);
        put16(find(&file, cases[i].tag) + 2, cases[i].type);
        put32(find(&file, cases[i].tag) + 8, cases[i].value);
        assert_int_equal(inspect_default(&file).decode, cases[i].wanted);
    }
    make_gray(&file, false, true);
    memset(file.data + 12, 0xFF, 30);
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
    make_gray(&file, false, false);
    put32(file.data + 4, 0); /* no directory */
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
}

static void test_orientation_and_frames(void **state)
{
    static struct file file;
    struct lc_image_info info;

    (void)state;
    make_gray(&file, false, false);
    add(&file, 274, 6);
    info = inspect_default(&file);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_int_equal(info.orientation, 6);
    assert_int_equal(info.width, WIDTH); /* not rotated yet */
    make_gray(&file, false, false);      /* a chain that bites its tail */
    put32(file.data + file.size - 4, (uint32_t)file.directory);
    assert_int_equal(inspect_default(&file).frames, 1);
    put32(file.data + file.size - 4, (uint32_t)file.size);
    memset(file.data + file.size, 0, 12); /* two directories without entries */
    put32(file.data + file.size + 2, (uint32_t)file.size + 6);
    file.size += 12;
    assert_int_equal(inspect_default(&file).frames, 3);
    put32(file.data + file.size - 4, (uint32_t)file.size - 12);
    assert_int_equal(inspect_default(&file).frames, 3);
}

static void test_exif_directories(void **state)
{
    static struct file file;

    (void)state;
    make_gray(&file, false, false);
    add(&file, 34665, 0xFFFFFF); /* outside: Pillow ignores it */
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_OK);
    make_gray(&file, false, false);
    add_raw(&file, 34665, SLONG, 1, 0xFFFFFFFF); /* before the file: Pillow raises */
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
    make_gray(&file, false, false);
    add(&file, 40965, 8); /* belongs into Exif: Pillow raises */
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
}

static void test_palette(void **state)
{
    static struct file file;
    uint32_t counts[] = {768, 6, 3 * 257};
    enum lc_decode wanted[] = {LC_DECODE_OK, LC_DECODE_OK, LC_DECODE_CORRUPT};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(counts); i++) {
        make_gray(&file, false, false);
        put32(find(&file, 262) + 8, 3);
        add_raw(&file, 320, SHORT, counts[i], (uint32_t)file.size + 12);
        file.size += (size_t)counts[i] * 2; /* black, as far as it exists */
        assert_int_equal(inspect_default(&file).decode, wanted[i]);
        assert_int_equal(inspect_default(&file).blank, i == 0);
    }
    make_gray(&file, false, false);
    put32(find(&file, 262) + 8, 3); /* no palette */
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
}

/* Strips that cover the picture several times: up to eight layers are examined. More
 * would take too long, so it is then unknown whether the picture has a single colour. */
static void test_strips_over_strips(void **state)
{
    enum { LAYERS = 12 };
    static struct file file;

    (void)state;
    for (unsigned layers = 1; layers <= LAYERS; layers++) {
        uint8_t pixels[PIXELS + 2 * LAYERS];
        struct lc_image_info info;

        memset(pixels, 77, sizeof(pixels));
        begin(&file, pixels, sizeof(pixels));
        add(&file, 256, WIDTH);
        add(&file, 257, HEIGHT);
        add(&file, 258, 8);
        add(&file, 259, 1);
        add(&file, 262, 1);
        add_raw(&file, 273, LONG, 2 * layers, (uint32_t)file.size + 36);
        add(&file, 278, HEIGHT / 2);
        add(&file, 279, PIXELS / 2);
        for (unsigned i = 0; i < 2 * layers;
             i++, file.size += 4) /* each starts a byte later */
            put32(file.data + file.size, 8 + i);
        info = inspect_default(&file);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_int_equal(info.blank, layers <= 8);
    }
}

static void test_limits(void **state)
{
    static struct file file;
    struct lc_image_limits limits = lc_image_limits_default;
    struct lc_image_info info;

    (void)state;
    make_gray(&file, false, true);
    limits.max_pixels = PIXELS - 1;
    info = inspect(&file, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    limits = lc_image_limits_default;
    limits.max_memory = PIXELS - 1; /* the strip does not fit */
    info = inspect(&file, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    limits = lc_image_limits_default;
    limits.max_stream = 1; /* the compressed data are larger */
    info = inspect(&file, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    assert_string_equal(info.detail, "strips or tiles of more than 1 bytes in total");
    limits.max_stream = 0;
    assert_int_equal(inspect(&file, &limits).decode, LC_DECODE_OK);
    make_gray(&file, false, false);
    limits.max_memory = 8; /* not even the list of strips fits */
    info = inspect(&file, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gray),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_planes),
        cmocka_unit_test(test_tiles),
        cmocka_unit_test(test_large_offsets),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_broken_is_corrupt),
        cmocka_unit_test(test_orientation_and_frames),
        cmocka_unit_test(test_exif_directories),
        cmocka_unit_test(test_palette),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_strips_over_strips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
