/* test_image_webp.c - src/image on generated WebP pictures, whole and broken */

#include "inspect.h"

#include <webp/encode.h>

#include "image/image.h"

enum { ROOM = 1 << 16, WIDTH = 40, HEIGHT = 24 };

struct file {
    uint8_t data[ROOM];
    size_t size;
};

static void add(struct file *file, const void *bytes, size_t size)
{
    assert_true(size <= ROOM - file->size);
    memcpy(file->data + file->size, bytes, size);
    file->size += size;
}

static void add32(struct file *file, uint32_t value)
{
    uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                       (uint8_t)(value >> 24)};

    add(file, bytes, sizeof(bytes));
}

static void set_size(struct file *file)
{
    size_t end = file->size;

    file->size = 4;
    add32(file, (uint32_t)end - 8);
    file->size = end;
}

static void add_chunk(struct file *file, const char *name, const void *bytes, size_t size)
{
    add(file, name, 4);
    add32(file, (uint32_t)size);
    add(file, bytes, size);
    if (size & 1)
        add(file, "", 1);
    set_size(file);
}

/* Make a picture of one colour, or of many. */
static void encode_file(struct file *file, bool lossless, bool alpha, bool flat)
{
    uint8_t pixels[WIDTH * HEIGHT * 4];
    uint8_t *out = NULL;
    size_t size;
    size_t i;

    for (i = 0; i < sizeof(pixels); i++)
        pixels[i] = flat && i % 4 != 3 ? 90 : (uint8_t)(i * 37 + i / 160 * 11);
    for (i = 3; i < sizeof(pixels) && !alpha; i += 4)
        pixels[i] = 255;
    size = lossless ? WebPEncodeLosslessRGBA(pixels, WIDTH, HEIGHT, WIDTH * 4, &out)
                    : WebPEncodeRGBA(pixels, WIDTH, HEIGHT, WIDTH * 4, 80, &out);
    assert_true(size > 0);
    file->size = 0;
    add(file, out, size);
    WebPFree(out);
}

/* Make a file of the extended format: a canvas with these flags, and a picture of 40 x 24
 * in it. */
static void make_extended(struct file *file, uint8_t flags, uint8_t width)
{
    static struct file still;
    uint8_t head[10] = {flags, 0, 0, 0, (uint8_t)(width - 1), 0, 0, HEIGHT - 1, 0, 0};

    encode_file(&still, false, false, false);
    file->size = 0;
    add(file, "RIFF\0\0\0\0WEBP", 12);
    add_chunk(file, "VP8X", head, sizeof(head));
    add(file, still.data + 12, still.size - 12);
    set_size(file);
}

static struct lc_image_info inspect(const struct file *file,
                                    const struct lc_image_limits *limits)
{
    return inspect_as(LC_CONTENT_WEBP, file->data, file->size, limits);
}

static struct lc_image_info inspect_default(const struct file *file)
{
    return inspect(file, &lc_image_limits_default);
}

static void test_kinds(void **state)
{
    static const struct {
        bool lossless, alpha, flat;
        const char *mode;
    } cases[] = {
        {false, false, false, "RGB"}, {false, true, false, "RGBA"},
        {true, false, false, "RGB"},  {true, true, false, "RGBA"},
        {true, false, true, "RGB"},   {false, false, true, "RGB"},
    };
    static struct file file;
    size_t i;

    (void)state;
    EXPECT_CASES(cases, 6);
    for (i = 0; i < COUNT(cases); i++) {
        struct lc_image_info info;

        encode_file(&file, cases[i].lossless, cases[i].alpha, cases[i].flat);
        info = inspect_default(&file);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_int_equal(info.width, WIDTH);
        assert_int_equal(info.height, HEIGHT);
        assert_int_equal(info.rows_decoded, HEIGHT);
        assert_int_equal(info.frames, 1);
        assert_int_equal(info.depth, 8);
        assert_int_equal(info.trailing, 0);
        assert_string_equal(info.mode, cases[i].mode);
        assert_int_equal(info.blank, cases[i].flat);
    }
}

static void test_every_cut_is_truncated(void **state)
{
    static struct file file;
    bool lossless = false;

    (void)state;
    do {
        size_t whole;

        encode_file(&file, lossless, true, false);
        whole = file.size;
        for (file.size = 12; file.size < whole; file.size++)
            assert_int_equal(inspect_default(&file).decode, LC_DECODE_TRUNCATED);
        lossless = !lossless;
    } while (lossless);
}

static void test_broken_is_corrupt(void **state)
{
    static struct file file;

    (void)state;
    encode_file(&file, true, false, false);
    memset(file.data + 25, 0xFF, 40);
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
    encode_file(&file, false, false, false);
    memcpy(file.data + 12, "ABCD", 4);
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
    encode_file(&file, false, false, false);
    memset(file.data + 4, 0xFF, 4); /* a container larger than possible */
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
    make_extended(&file, 0, WIDTH + 2); /* the canvas has another size than the picture */
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
}

static void test_trailing_bytes(void **state)
{
    static struct file file;
    struct lc_image_info info;

    (void)state;
    encode_file(&file, false, false, false);
    add(&file, "12345", 5);
    info = inspect_default(&file);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_int_equal(info.trailing, 5);
}

static void test_orientation(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        uint8_t flags;
        int wanted;
    } cases[] = {
        {BYTES("II\x2A\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"), 8, 6},
        {BYTES("Exif\0\0MM\0\x2A\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\3\0\0\0\0\0\0"), 8, 3},
        {BYTES("II\x2A\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x09\0\0\0\0\0\0\0"), 8, 0},
        {BYTES("nonsense"), 8, 0},
        /* a chunk without its flag does not count */
        {BYTES("II\x2A\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"), 0, 0},
    };
    static struct file file;
    size_t i;

    (void)state;
    EXPECT_CASES(cases, 5);
    for (i = 0; i < COUNT(cases); i++) {
        struct lc_image_info info;

        make_extended(&file, cases[i].flags, WIDTH);
        add_chunk(&file, "EXIF", cases[i].bytes, cases[i].size);
        info = inspect_default(&file);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_int_equal(info.orientation, cases[i].wanted);
    }
}

/* Make an animation with the picture as a frame, at 0,0 of a canvas that may be larger.
 */
static void make_animation(struct file *file, uint8_t width, bool black, int frames)
{
    uint8_t head[10] = {2, 0, 0, 0, (uint8_t)(width - 1), 0, 0, HEIGHT - 1, 0, 0};
    uint8_t frame[4096] = {0, 0, 0, 0, 0, 0, WIDTH - 1, 0, 0, HEIGHT - 1, 0, 0, 40};
    static struct file still;

    encode_file(&still, true, false, true);
    if (black) {
        uint8_t pixels[WIDTH * HEIGHT * 4] = {0};
        uint8_t *out = NULL;
        size_t size = WebPEncodeLosslessRGBA(pixels, WIDTH, HEIGHT, WIDTH * 4, &out);

        still.size = 0;
        add(&still, out, size);
        WebPFree(out);
    }
    assert_true(still.size - 12 < sizeof(frame) - 16);
    memcpy(frame + 16, still.data + 12, still.size - 12);
    file->size = 0;
    add(file, "RIFF\0\0\0\0WEBP", 12);
    add_chunk(file, "VP8X", head, sizeof(head));
    add_chunk(file, "ANIM", "\0\0\0\0\0\0", 6);
    while (frames-- > 0)
        add_chunk(file, "ANMF", frame, 16 + still.size - 12);
}

static void test_animation(void **state)
{
    static struct file file;
    struct lc_image_info info;

    (void)state;
    make_animation(&file, WIDTH, false, 3);
    info = inspect_default(&file);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_int_equal(info.frames, 3);
    assert_true(info.blank);
    make_animation(&file, WIDTH + 8, false, 2); /* a gray frame on a black canvas */
    info = inspect_default(&file);
    assert_int_equal(info.width, WIDTH + 8);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_false(info.blank);
    make_animation(&file, WIDTH + 8, true, 1);
    assert_true(inspect_default(&file).blank);
    make_animation(&file, WIDTH - 8, false, 1);
    assert_int_equal(inspect_default(&file).decode, LC_DECODE_CORRUPT);
}

static void test_limits(void **state)
{
    static struct file file;
    struct lc_image_limits limits = lc_image_limits_default;
    struct lc_image_info info;

    (void)state;
    encode_file(&file, false, false, false);
    limits.max_pixels = WIDTH * HEIGHT - 1;
    info = inspect(&file, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    limits = lc_image_limits_default;
    limits.max_memory = WIDTH * HEIGHT * 9 - 1;
    info = inspect(&file, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    limits.max_memory++;
    assert_int_equal(inspect(&file, &limits).decode, LC_DECODE_OK);
    limits.max_memory = 0; /* any */
    assert_int_equal(inspect(&file, &limits).decode, LC_DECODE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_every_cut_is_truncated),
        cmocka_unit_test(test_broken_is_corrupt),
        cmocka_unit_test(test_trailing_bytes),
        cmocka_unit_test(test_orientation),
        cmocka_unit_test(test_animation),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
