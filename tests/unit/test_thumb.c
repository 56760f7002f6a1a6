/* test_thumb.c - src/thumb: the contents of thumbnails, and that no bytes make their
 * decoders fail. tests/cli/test_thumbnails.py compares them with Pillow. */
#include "unit.h"

#include <webp/encode.h>
#include <zlib.h>

#include "encode_jpeg.h"
#include "thumb/decode.h"
#include "thumb/encode.h"

enum { ROOM = 1 << 16, WIDTH = 40, HEIGHT = 24, MUTANTS = 1500, MOST_CHANGES = 4 };

struct file {
    uint8_t data[ROOM];
    size_t size;
};

static struct lc_canvas canvas;

static void add(struct file *file, const void *bytes, size_t size)
{
    assert_true(size <= ROOM - file->size);
    if (size)
        memcpy(file->data + file->size, bytes, size);
    file->size += size;
}

static void add32(struct file *file, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 8), (uint8_t)value};

    add(file, bytes, sizeof(bytes));
}

static void add_chunk(struct file *file, const char *name, const uint8_t *body,
                      size_t size)
{
    add32(file, (uint32_t)size);
    add(file, name, 4);
    add(file, body, size);
    add32(file, (uint32_t)crc32(0, (const uint8_t *)name, 4)); /* nothing checks it */
}

/* Make a PNG with stored rows, so that changing a byte changes a pixel. */
static void make_png(struct file *file, uint8_t depth, uint8_t colour, bool interlaced)
{
    static uint8_t rows[16384], packed[ROOM];
    const uint8_t head[] = {0,      0,     0,      WIDTH, 0, 0,         0,
                            HEIGHT, depth, colour, 0,     0, interlaced};
    uLongf size = sizeof(packed);

    for (size_t i = 0; i < sizeof(rows); i++)
        rows[i] = (uint8_t)(i * 7 % 5);
    assert_int_equal(compress2(packed, &size, rows, sizeof(rows), 0), Z_OK);
    file->size = 0;
    add(file, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(file, "IHDR", head, sizeof(head));
    if (colour == 3)
        add_chunk(file, "PLTE", rows, 60);
    if (!(colour & 4))
        add_chunk(file, "tRNS", rows, colour == 3 ? 20 : 6);
    add_chunk(file, "IDAT", packed, 100);
    add_chunk(file, "IDAT", packed + 100, size - 100);
    add_chunk(file, "IEND", NULL, 0);
}

static void make_webp(struct file *file, bool lossless)
{
    uint8_t pixels[WIDTH * HEIGHT * 4], *out = NULL;
    size_t size;

    for (size_t i = 0; i < sizeof(pixels); i++)
        pixels[i] = (uint8_t)(i * 37 + i / 160 * 11);
    size = lossless ? WebPEncodeLosslessRGBA(pixels, WIDTH, HEIGHT, WIDTH * 4, &out)
                    : WebPEncodeRGBA(pixels, WIDTH, HEIGHT, WIDTH * 4, 60, &out);
    assert_true(size > 0);
    file->size = 0;
    add(file, out, size);
    WebPFree(out);
}

static uint8_t sample_at(size_t i, unsigned y)
{
    return (uint8_t)(i * 5 + y * 9);
}

static void make_jpeg(struct file *file, int components, bool progressive)
{
    file->size =
        encode_jpeg(WIDTH, HEIGHT, components, progressive, sample_at, file->data, ROOM);
}

/* Decode a copy of the exact size. Returns whether something was painted. */
static bool paint(const struct file *file, bool seen, uint64_t budget, const char **why)
{
    uint8_t *copy = grab(file->size + 1);
    struct lc_painter painter = {.data = copy,
                                 .size = file->size,
                                 .seen = seen,
                                 .budget = budget,
                                 .canvas = &canvas};

    memcpy(copy, file->data, file->size);
    assert_int_equal(lc_paint(&painter, NULL), LC_OK);
    free(copy);
    if (why)
        *why = painter.why;
    assert_true(painter.budget <= budget);
    assert_true(painter.why || canvas.painted > 0);
    return !painter.why;
}

/* Change bytes and cut off the end: the result may be painted or not. */
static void mutate(const struct file *whole)
{
    static struct file file;
    uint64_t state = 7;
    size_t painted = 0;

    for (size_t i = 0; i < MUTANTS; i++) {
        size_t changes = next_random(&state) % MOST_CHANGES;

        file = *whole;
        for (size_t j = 0; j < changes; j++)
            file.data[next_random(&state) % file.size] = (uint8_t)next_random(&state);
        if (next_random(&state) % 4 == 0)
            file.size = next_random(&state) % file.size;
        painted += paint(&file, i % 2, 1000000, NULL);
    }
    assert_in_range(painted, MUTANTS / 10, MUTANTS - 1);
}

static void png_of_any_bytes(void **state)
{
    static const uint8_t kinds[][2] = {{1, 0},  {2, 0},  {8, 0}, {16, 0}, {8, 2},
                                       {16, 2}, {1, 3},  {4, 3}, {8, 3},  {8, 4},
                                       {8, 6},  {16, 6}, {16, 4}};
    static struct file file;

    (void)state;
    EXPECT_CASES(kinds, 13);
    for (size_t i = 0; i < 2 * COUNT(kinds); i++) {
        make_png(&file, kinds[i / 2][0], kinds[i / 2][1], i % 2);
        assert_true(paint(&file, i % 3, 1000000, NULL));
        assert_int_equal(canvas.painted, WIDTH * HEIGHT);
        mutate(&file);
    }
}

static void jpeg_of_any_bytes(void **state)
{
    static struct file file;

    (void)state;
    for (int components = 1; components <= 4; components += components) {
        make_jpeg(&file, components == 2 ? 3 : components, components > 1);
        assert_true(paint(&file, false, 1000000, NULL));
        mutate(&file);
    }
}

static void webp_of_any_bytes(void **state)
{
    static struct file file;

    (void)state;
    for (int lossless = 0; lossless < 2; lossless++) {
        make_webp(&file, lossless);
        assert_true(paint(&file, true, 1000000, NULL));
        mutate(&file);
    }
}

/* Make a GIF of four colours; its codes are those of its pixels, and clear codes. */
static void make_gif(struct file *file, bool interlaced)
{
    static const uint8_t head[] = {'G', 'I',  'F', '8', '9', 'a', WIDTH, 0,   HEIGHT,
                                   0,   0x81, 0,   0,   9,   9,   9,     200, 0,
                                   0,   0,    0,   200, 0,   200, 0};
    const uint8_t frame[] = {',', 0, 0, 0, 0, WIDTH, 0, HEIGHT, 0, interlaced ? 0x40 : 0,
                             2};
    uint8_t block[256] = {0};
    uint32_t bits = 0;
    unsigned count = 0;

    file->size = 0;
    add(file, head, sizeof(head));
    add(file, "!\xf9\4\1\0\0\2\0", 8);
    add(file, frame, sizeof(frame));
    for (unsigned i = 0; i < WIDTH * HEIGHT * 2; i++) {
        unsigned code = i % 2 ? i / 2 * 3 % 7 % 4 : 4; /* clear before each pixel */

        bits |= code << count;
        count += 3;
        if (count >= 8) {
            block[++block[0]] = (uint8_t)bits;
            bits >>= 8;
            count -= 8;
        }
        if (block[0] == 200 || i == WIDTH * HEIGHT * 2 - 1) {
            add(file, block, (size_t)block[0] + 1);
            block[0] = 0;
        }
    }
    add(file, "\0;", 2);
}

static void gif_of_any_bytes(void **state)
{
    static struct file file;

    (void)state;
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        make_gif(&file, interlaced);
        assert_true(paint(&file, interlaced, 1000000, NULL));
        assert_int_equal(canvas.painted, WIDTH * HEIGHT);
        mutate(&file);
    }
}

/* Each scan of a JPEG, like every picture, costs as much as it has pixels. */
static void what_is_decoded_is_limited(void **state)
{
    static struct file file;
    const char *why = NULL;

    (void)state;
    make_jpeg(&file, 3, true);
    assert_true(paint(&file, false, 20 * WIDTH * HEIGHT, &why));
    assert_false(paint(&file, false, 3 * WIDTH * HEIGHT, &why));
    assert_string_equal(why, "it has too many scans");
    assert_false(paint(&file, false, WIDTH * HEIGHT - 1, &why));
    assert_string_equal(why, "the limit on decoded pictures was reached");
    make_png(&file, 8, 2, false);
    memcpy(file.data + 16, "\0\0\x40\0\0\0\x40", 7); /* 16,384 by 16,408 */
    assert_false(paint(&file, false, UINT64_MAX, &why));
    assert_string_equal(why, "it has too many pixels");
    memcpy(file.data + 16, "\0\x3f\xff\xff\0\0\0\1", 8); /* 4,194,303 by 1 */
    assert_false(paint(&file, false, UINT64_MAX, &why));
    assert_string_equal(why, "its rows are too long");
    memcpy(file.data + 16, "\0\0\0\0", 4);
    assert_false(paint(&file, false, UINT64_MAX, &why));
    assert_string_equal(why, "its header has no size");
}

/* Memory that the libraries would need for pictures that are not too large. */
static void memory_is_limited(void **state)
{
    static struct file file;
    const char *why = NULL;
    uint8_t *frame;

    (void)state;
    make_jpeg(&file, 3, true);
    frame = memmem(file.data, file.size, "\xFF\xC2", 2);
    assert_non_null(frame);
    memcpy(frame + 5, "\x17\x70\x17\x70", 4); /* 6,000 by 6,000 */
    assert_false(paint(&file, false, UINT64_MAX, &why));
    assert_string_equal(why, "decoding it takes too much memory");
    make_webp(&file, true);
    memcpy(file.data + 21, "\x6F\xD7\xDB\x05", 4); /* the same */
    assert_false(paint(&file, false, UINT64_MAX, &why));
    assert_string_equal(why, "it has too many pixels");
}

static void a_canvas_has_the_mean(void **state)
{
    static const uint8_t row[] = {10, 20, 30, 30, 40, 50};
    uint8_t rgb[LC_CANVAS_SIDE * LC_CANVAS_BYTES];

    (void)state;
    lc_canvas_begin(&canvas, 2 * LC_CANVAS_SIDE, 1);
    assert_int_equal(canvas.width, LC_CANVAS_SIDE);
    assert_int_equal(canvas.height, 1);
    lc_canvas_add(&canvas, 0, 0, 1, row, 2);
    lc_canvas_add(&canvas, 3, 0, 1, row, 1);
    lc_canvas_read(&canvas, rgb);
    assert_memory_equal(rgb, ((uint8_t[]){20, 30, 40, 10, 20, 30, 128, 128, 128}), 9);
}

static void a_canvas_turns(void **state)
{
    /* two columns and three rows, as each orientation shows them */
    static const char *const turned[] = {"ABCDEF", "BADCFE", "FEDCBA", "EFCDAB",
                                         "ACEBDF", "ECAFDB", "FDBECA", "BDFACE"};
    uint8_t from[6 * LC_CANVAS_BYTES], to[6 * LC_CANVAS_BYTES];

    (void)state;
    EXPECT_CASES(turned, 8);
    for (size_t i = 0; i < sizeof(from); i++)
        from[i] = (uint8_t)('A' + i / LC_CANVAS_BYTES);
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        lc_canvas_turn(from, 2, 3, orientation, to);
        for (size_t i = 0; i < sizeof(to); i++)
            assert_int_equal(to[i], turned[orientation - 1][i / LC_CANVAS_BYTES]);
    }
}

static void base64_is_padded(void **state)
{
    static const uint8_t rgb[20 * 3] = {200, 10};
    size_t endings[3] = {0};

    (void)state;
    for (uint32_t width = 1; width <= 20; width++) {
        struct lc_buffer text = {0};
        size_t size;

        assert_int_equal(lc_thumb_encode(rgb, width, 1, &text, NULL), LC_OK);
        assert_int_equal(text.size % 4, 0);
        assert_memory_equal(text.data, "/9j", 3); /* a JPEG's first bytes */
        size = text.size;
        while (text.data[size - 1] == '=')
            size--;
        assert_in_range(text.size - size, 0, 2);
        endings[text.size - size]++;
        lc_buffer_clear(&text);
    }
    assert_true(endings[0] + endings[1] + endings[2] == 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_of_any_bytes),           cmocka_unit_test(jpeg_of_any_bytes),
        cmocka_unit_test(webp_of_any_bytes),          cmocka_unit_test(gif_of_any_bytes),
        cmocka_unit_test(what_is_decoded_is_limited), cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(a_canvas_has_the_mean),      cmocka_unit_test(a_canvas_turns),
        cmocka_unit_test(base64_is_padded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
