/* test_image_png.c - the facts about generated PNGs, with and without the shortcut */

#include "unit.h"

#include <assert.h>
#include <zlib.h>

#include "image/common/decoder.h"
#include "image/image.h"
#include "image/png/blank.h"
#include "image/png/filter.h"

enum { ROOM = 1 << 16, WIDTH = 37, HEIGHT = 23 };

struct file {
    uint8_t data[ROOM];
    size_t size;
};

/* The contents of a picture; all zeros make a sound one. */
struct recipe {
    uint8_t depth, colour, interlace;
    uint32_t width, height;
    size_t pieces; /* number of chunks of pixels, at least 1 */
    int more;      /* additional bytes after the last row; negative: missing bytes */
    size_t spot;   /* the byte of the rows to set */
    uint8_t value; /* to this, if not 0 */
    int level;     /* of zlib */
    int strategy;
    size_t after;            /* bytes after the stream, in its last chunk */
    bool wrong_sum;          /* of the stream */
    bool wrong_crc;          /* of the last chunk of pixels */
    bool empty_chunks;       /* of pixels, between the others */
    const char *second_name; /* of the second chunk of pixels and those after it */
};

static const struct recipe sound = {
    .depth = 8, .colour = 2, .width = WIDTH, .height = HEIGHT, .pieces = 1, .level = 6};

static void add(struct file *file, const void *bytes, size_t size)
{
    assert(size <= ROOM - file->size);
    memcpy(file->data + file->size, bytes, size);
    file->size += size;
}

static void put32(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
}

static void add_chunk(struct file *file, const char *name, const void *data, size_t size)
{
    uint8_t number[4];
    size_t begin;

    put32(number, (uint32_t)size);
    add(file, number, 4);
    begin = file->size;
    add(file, name, 4);
    if (size > 0)
        add(file, data, size);
    put32(number, (uint32_t)crc32(0, file->data + begin, (uInt)(file->size - begin)));
    add(file, number, 4);
}

static unsigned samples(uint8_t colour)
{
    return colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1;
}

/* Return the size of all rows with their filter bytes; PNG specification section 8.2. */
static size_t rows_size(const struct recipe *recipe)
{
    static const unsigned steps[7][4] = {{0, 8, 0, 8}, {0, 8, 4, 8}, {4, 8, 0, 4},
                                         {0, 4, 2, 4}, {2, 4, 0, 2}, {0, 2, 1, 2},
                                         {1, 2, 0, 1}};
    size_t bits = samples(recipe->colour) * recipe->depth;
    size_t size = 0;
    int i;

    if (!recipe->interlace)
        return recipe->height * ((recipe->width * bits + 7) / 8 + 1);
    for (i = 0; i < 7; i++) {
        size_t rows = 0, columns = 0;
        size_t at;

        for (at = steps[i][0]; at < recipe->height; at += steps[i][1])
            rows++;
        for (at = steps[i][2]; at < recipe->width; at += steps[i][3])
            columns++;
        size += columns ? rows * ((columns * bits + 7) / 8 + 1) : 0;
    }
    return size;
}

static size_t pack(const struct recipe *recipe, uint8_t *packed)
{
    static uint8_t rows[ROOM];
    z_stream stream = {.next_in = rows, .next_out = packed, .avail_out = ROOM};

    stream.avail_in = (uInt)((int)rows_size(recipe) + recipe->more);
    assert(stream.avail_in < ROOM);
    memset(rows, 0, sizeof(rows));
    if (recipe->value)
        rows[recipe->spot] = recipe->value;
    assert_int_equal(
        deflateInit2(&stream, recipe->level, Z_DEFLATED, 15, 8, recipe->strategy), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    if (recipe->wrong_sum)
        packed[stream.total_out - 1] ^= 1;
    memset(packed + stream.total_out, 7, recipe->after);
    return stream.total_out + recipe->after;
}

static void begin(struct file *file, const struct recipe *recipe)
{
    uint8_t head[13] = {[8] = recipe->depth, recipe->colour, 0, 0, recipe->interlace};

    file->size = 0;
    add(file, "\x89PNG\r\n\x1A\n", 8);
    put32(head, recipe->width);
    put32(head + 4, recipe->height);
    add_chunk(file, "IHDR", head, sizeof(head));
    if (recipe->colour == 3)
        add_chunk(file, "PLTE", "\1\2\3\1\2\3\4\5\6\1\2\3\1\2\3", 15);
}

static void add_pixels(struct file *file, const struct recipe *recipe)
{
    static uint8_t packed[ROOM];
    size_t size = pack(recipe, packed);
    size_t step = (size + recipe->pieces - 1) / recipe->pieces;
    const char *name = "IDAT";
    size_t at;

    for (at = 0; at < size; at += step) {
        add_chunk(file, name, packed + at, step < size - at ? step : size - at);
        if (recipe->empty_chunks)
            add_chunk(file, "IDAT", NULL, 0);
        name = recipe->second_name ? recipe->second_name : name;
    }
    if (recipe->wrong_crc)
        file->data[file->size - 1] ^= 1;
}

static void assert_same(const struct lc_image_info *a, const struct lc_image_info *b)
{
    assert_int_equal(a->decode, b->decode);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->rows_decoded, b->rows_decoded);
    assert_int_equal(a->warnings, b->warnings);
    assert_int_equal(a->frames, b->frames);
    assert_int_equal(a->trailing, b->trailing);
    assert_int_equal(a->orientation, b->orientation);
    assert_int_equal(a->depth, b->depth);
    assert_int_equal(a->blank, b->blank);
    assert_string_equal(a->mode, b->mode);
    assert_string_equal(a->detail, b->detail);
}

/* Inspect a file both ways; *shortcut: the first way did not need the decoder. */
static struct lc_image_info inspect(const struct file *file, bool *shortcut)
{
    struct lc_image_limits limits = lc_image_limits_default;
    struct lc_image_scratch *scratch = NULL;
    struct lc_image_info info, plain;
    uint8_t *copy = malloc(file->size);

    assert_non_null(copy);
    memcpy(copy, file->data, file->size);
    assert_int_equal(lc_image_scratch_new(&scratch, NULL), LC_OK);
    assert_int_equal(lc_image_inspect(scratch, copy, file->size, &limits, &info, NULL),
                     LC_OK);
    *shortcut = info.decode == LC_DECODE_OK && scratch->stream.total_in == 0;
    limits.no_shortcuts = true;
    assert_int_equal(lc_image_inspect(scratch, copy, file->size, &limits, &plain, NULL),
                     LC_OK);
    assert_true(info.decode != LC_DECODE_OK || scratch->stream.total_in > 0);
    lc_image_scratch_free(scratch);
    free(copy);
    assert_same(&info, &plain);
    return info;
}

static struct lc_image_info inspect_recipe(const struct recipe *recipe, bool *shortcut)
{
    static struct file file;

    begin(&file, recipe);
    add_pixels(&file, recipe);
    add_chunk(&file, "IEND", NULL, 0);
    return inspect(&file, shortcut);
}

static void test_kinds(void **state)
{
    static const uint8_t kinds[][2] = {{1, 0}, {2, 0},  {4, 0},  {8, 0}, {16, 0},
                                       {8, 2}, {16, 2}, {1, 3},  {2, 3}, {4, 3},
                                       {8, 3}, {8, 4},  {16, 4}, {8, 6}, {16, 6}};
    static const uint32_t sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {5, 5}, {WIDTH, HEIGHT}};
    size_t kind, size;
    uint8_t interlace;

    (void)state;
    EXPECT_CASES(kinds, 15);
    for (kind = 0; kind < COUNT(kinds); kind++) {
        for (size = 0; size < 2 * COUNT(sizes); size++) {
            struct recipe recipe = sound;
            struct lc_image_info info;
            bool shortcut;

            interlace = size % 2;
            recipe.depth = kinds[kind][0];
            recipe.colour = kinds[kind][1];
            recipe.interlace = interlace;
            recipe.width = sizes[size / 2][0];
            recipe.height = sizes[size / 2][1];
            info = inspect_recipe(&recipe, &shortcut);
            assert_int_equal(info.decode, LC_DECODE_OK);
            assert_true(shortcut);
            assert_true(info.blank);
            assert_int_equal(info.depth, recipe.depth);
            assert_int_equal(info.frames, 1);
            assert_int_equal(info.rows_decoded, recipe.height);
            if (recipe.depth < 8 || recipe.width * recipe.height == 1)
                continue;
            recipe.spot = rows_size(&recipe) - 1; /* alpha, or the low byte of 16 bits */
            recipe.value = 1;                     /* or a palette's second entry */
            info = inspect_recipe(&recipe, &shortcut);
            assert_true(shortcut);
            assert_int_equal(info.blank, recipe.colour > 2 ||
                                             (recipe.depth == 16 && recipe.colour == 2));
        }
    }
}

/* Pixels that are not all equal, and rows with every filter. */
static void test_blank(void **state)
{
    static const struct {
        const char *rows; /* 3 rows of 4 pixels */
        uint8_t depth, colour;
        bool blank;
    } cases[] = {
        {"\0\5\5\5\5\0\5\5\5\5\0\5\5\5\5", 8, 0, true},
        {"\0\5\5\5\5\0\5\5\6\5\0\5\5\5\5", 8, 0, false},
        {"\1\5\0\0\0\2\0\0\0\0\4\0\0\0\0", 8, 0, true},
        {"\1\5\0\0\0\2\0\0\0\0\4\0\0\0\1", 8, 0, false},
        {"\4\5\0\0\0\3\3\0\0\0\1\5\0\0\0", 8, 0, true},
        {"\4\5\0\0\0\3\2\0\0\0\1\5\0\0\0", 8, 0, false},
        {"\3\4\2\2\2\0\4\4\4\4\0\4\4\4\4", 8, 0, true},
        {"\0\0\0\0\0\0\0\1\0\1\0\0\1\1\0", 8, 3, true},  /* two entries, one colour */
        {"\0\0\0\0\0\0\0\1\2\1\0\0\1\1\0", 8, 3, false}, /* the third entry differs */
        {"\0\7\7\7\7\0\7\7\7\7\0\7\7\7\7", 8, 3, true},  /* beyond the palette */
        {"\0\7\7\7\7\0\7\6\7\7\0\7\7\7\7", 8, 3, false},
    };
    static const uint8_t wide[][9] = {{0, 1, 0, 2, 0, 0, 255, 255, 255},
                                      {0, 1, 0, 2, 0, 0, 254, 255, 255}};
    static struct file file;
    struct recipe recipe = sound;
    struct lc_image_info info;
    uint8_t packed[200];
    uLongf size;
    bool shortcut;
    size_t i;

    (void)state;
    EXPECT_CASES(cases, 11);
    recipe.width = 4;
    recipe.height = 3;
    for (i = 0; i < COUNT(cases); i++) {
        recipe.depth = cases[i].depth;
        recipe.colour = cases[i].colour;
        begin(&file, &recipe);
        size = sizeof(packed);
        assert_int_equal(compress(packed, &size, (const Bytef *)cases[i].rows, 15), Z_OK);
        add_chunk(&file, "IDAT", packed, size);
        info = inspect(&file, &shortcut);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_int_equal(info.blank, cases[i].blank);
        assert_true(shortcut);
    }
    /* Pillow clips 16-bit gray at 255: 255 and more are all white */
    recipe.depth = 16;
    recipe.colour = 0;
    recipe.height = 1;
    for (i = 0; i < 2; i++) {
        begin(&file, &recipe);
        size = sizeof(packed);
        assert_int_equal(compress(packed, &size, wide[i], sizeof(wide[i])), Z_OK);
        add_chunk(&file, "IDAT", packed, size);
        assert_int_equal(inspect(&file, &shortcut).blank, i == 0);
    }
}

static void test_streams(void **state)
{
    static const struct {
        struct recipe recipe; /* differences from a sound picture */
        enum lc_decode decode;
        bool shortcut;
    } cases[] = {
        {{.pieces = 2}, LC_DECODE_OK, true},
        {{.pieces = 9}, LC_DECODE_OK, true},
        {{.pieces = 100}, LC_DECODE_OK, true},
        {{.pieces = 3, .empty_chunks = true}, LC_DECODE_OK, true},
        {{.level = -1}, LC_DECODE_OK, true}, /* stored blocks */
        {{.strategy = Z_FIXED}, LC_DECODE_OK, true},
        {{.strategy = Z_HUFFMAN_ONLY}, LC_DECODE_OK, true},
        {{.spot = 5, .value = 200}, LC_DECODE_OK, true},
        {{.value = 4}, LC_DECODE_OK, true},
        {{.value = 5}, LC_DECODE_CORRUPT, false},
        {{.spot = 22 * (1 + 37 * 3), .value = 5}, LC_DECODE_CORRUPT, false},
        {{.wrong_crc = true}, LC_DECODE_OK, false},      /* the stream's own is right */
        {{.wrong_sum = true}, LC_DECODE_CORRUPT, false}, /* zlib notices in time */
        {{.wrong_sum = true, .pieces = 9999}, LC_DECODE_OK, false}, /* but not here */
        {{.wrong_sum = true, .pieces = 9999, .wrong_crc = true}, LC_DECODE_OK, false},
        {{.more = -1}, LC_DECODE_TRUNCATED, false},
        {{.more = -(1 + 37 * 3)}, LC_DECODE_DAMAGED, false},
        {{.more = 1}, LC_DECODE_OK, false},
        {{.more = 5000}, LC_DECODE_OK, false},
        {{.after = 1}, LC_DECODE_OK, false},
        {{.after = 3, .pieces = 5}, LC_DECODE_OK, false},
        {{.pieces = 3, .second_name = "DDAT"}, LC_DECODE_OK, false},
        {{.pieces = 3, .second_name = "tIME"}, LC_DECODE_TRUNCATED, false},
        {{.interlace = 1, .pieces = 3}, LC_DECODE_OK, true},
        {{.interlace = 1, .more = -1}, LC_DECODE_TRUNCATED, false},
        {{.interlace = 1, .value = 9}, LC_DECODE_CORRUPT, false},
    };
    size_t i;

    (void)state;
    EXPECT_CASES(cases, 26);
    for (i = 0; i < COUNT(cases); i++) {
        struct recipe recipe = cases[i].recipe;
        struct lc_image_info info;
        bool shortcut;

        recipe.depth = sound.depth;
        recipe.colour = sound.colour;
        recipe.width = sound.width;
        recipe.height = sound.height;
        recipe.pieces = recipe.pieces ? recipe.pieces : 1;
        recipe.level = recipe.level < 0 ? 0 : 6;
        info = inspect_recipe(&recipe, &shortcut);
        if (info.decode != cases[i].decode || shortcut != cases[i].shortcut)
            fail_msg("case %zu: %d %d %s", i, (int)info.decode, shortcut, info.detail);
    }
}

/* Cut anywhere: both ways give the same. */
static void test_cut(void **state)
{
    static struct file file;
    struct recipe recipe = sound;
    struct lc_image_info info;
    bool shortcut;
    size_t whole;

    (void)state;
    recipe.pieces = 3;
    recipe.spot = 77;
    recipe.value = 77;
    begin(&file, &recipe);
    add_pixels(&file, &recipe);
    whole = file.size;
    add_chunk(&file, "IEND", NULL, 0);
    for (; file.size > 0; file.size--) {
        info = inspect(&file, &shortcut);
        assert_int_equal(shortcut, file.size >= whole);
        assert_true(file.size < whole || info.decode == LC_DECODE_OK);
    }
}

static void test_trailing(void **state)
{
    static const uint8_t frame[26] = {[7] = 5, [11] = 5, [21] = 1};
    static struct file file;
    struct lc_image_info info;
    bool shortcut;

    (void)state;
    begin(&file, &sound);
    add_pixels(&file, &sound);
    assert_int_equal(inspect(&file, &shortcut).trailing, 0);
    add_chunk(&file, "tIME", "1234567", 7);
    add_chunk(&file, "IEND", NULL, 0);
    assert_int_equal(inspect(&file, &shortcut).trailing, 0);
    add(&file, "behind", 6);
    info = inspect(&file, &shortcut);
    assert_int_equal(info.trailing, 6);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_true(shortcut);

    begin(&file, &sound);
    add_chunk(&file, "acTL", "\0\0\0\3\0\0\0\0", 8);
    add_pixels(&file, &sound);
    add_chunk(&file, "fcTL", frame, sizeof(frame));
    add_chunk(&file, "fdAT", "\0\0\0\1xyz", 7);
    add_chunk(&file, "IEND", NULL, 0);
    add(&file, "behind", 6);
    info = inspect(&file, &shortcut);
    assert_int_equal(info.trailing, 6);
    assert_int_equal(info.frames,
                     4); /* and the picture, which is not one of the frames */
    assert_true(shortcut);
}

/* A frame's chunk that is too short for a sequence number is refused, or ignored if
 * LOAD_TRUNCATED_IMAGES is set. */
static void test_short_frame(void **state)
{
    static struct file file;
    struct lc_image_info info;
    bool shortcut;

    (void)state;
    for (size_t size = 0; size < 4; size++) {
        begin(&file, &sound);
        add_chunk(&file, "fdAT", "\0\0\0", size);
        add_pixels(&file, &sound);
        add_chunk(&file, "IEND", NULL, 0);
        info = inspect(&file, &shortcut);
        assert_int_equal(info.decode, LC_DECODE_CORRUPT);
        assert_string_equal(info.detail, "fdAT chunk too short");
        assert_int_equal(info.lenient, LC_LENIENT_WHOLE);
    }
}

/* The first frame covers only a part: the rest of the picture is black. */
static void test_part_of_the_picture(void **state)
{
    uint8_t frame[26] = {[7] = 5, [11] = 5, [21] = 1};
    static struct file file;
    struct recipe part = sound;
    struct lc_image_info info;
    bool shortcut;
    int value;

    (void)state;
    part.width = 5;
    part.height = 5;
    for (value = 0; value < 2; value++) {
        begin(&file, &sound);
        add_chunk(&file, "acTL", "\0\0\0\1\0\0\0\0", 8);
        add_chunk(&file, "fcTL", frame, sizeof(frame));
        part.spot = 1;
        part.value = (uint8_t)value;
        add_pixels(&file, &part);
        info = inspect(&file, &shortcut);
        assert_int_equal(info.decode, LC_DECODE_OK);
        assert_int_equal(info.frames, 1);
        assert_int_equal(info.blank, value == 0);
        assert_true(shortcut);
    }
}

/* An image that needs more memory than allowed goes the other way. */
static void test_memory(void **state)
{
    struct lc_image_limits limits = lc_image_limits_default;
    struct lc_image_scratch *scratch = NULL;
    static struct file file;
    struct lc_image_info info;

    (void)state;
    begin(&file, &sound);
    add_pixels(&file, &sound);
    assert_int_equal(lc_image_scratch_new(&scratch, NULL), LC_OK);
    limits.max_memory = 2000; /* the pixels have 2576 bytes */
    assert_int_equal(
        lc_image_inspect(scratch, file.data, file.size, &limits, &info, NULL), LC_OK);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_int_equal(scratch->buffer_size, 0);
    limits.max_memory = 0;
    assert_int_equal(
        lc_image_inspect(scratch, file.data, file.size, &limits, &info, NULL), LC_OK);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_true(scratch->buffer_size > 2576);
    lc_image_scratch_free(scratch);
}

/* The colour is the same everywhere but alpha is not, so that no row is skipped as flat:
 * to undo each filter, the bytes to the left, above and diagonal must be those of the
 * same sample. */
static void test_blank_by_filter(void **state)
{
    enum { PIXELS = 9, STEP = 4, SIZE = PIXELS * STEP, ROWS = 12 };
    const struct lc_png_mode mode = {.depth = 8, .colour = 6, .bits = 32};
    const struct lc_png png = {.mode = &mode};

    (void)state;
    for (int odd = 0; odd < 2; odd++) { /* a pixel of the last row has another colour */
        uint8_t kept[SIZE], row[1 + SIZE], above[SIZE] = {0}, now[SIZE];
        struct lc_png_blank blank;
        uint32_t seed = 3;

        lc_png_blank_begin(&blank, &png, kept);
        for (int y = 0; y < ROWS; y++) {
            enum lc_png_filter filter = (enum lc_png_filter)(4 - y % 5);

            assert_true(blank.possible);
            for (size_t i = 0; i < SIZE; i++) {
                static const uint8_t colour[] = {10, 200, 90};

                seed = seed * 1664525 + 1013904223;
                now[i] = i % STEP < 3 ? colour[i % STEP] : (uint8_t)(seed >> 24);
            }
            now[SIZE - 2] = (uint8_t)(now[SIZE - 2] + (odd && y == ROWS - 1));
            row[0] = (uint8_t)filter;
            for (size_t i = 0; i < SIZE; i++) {
                uint8_t left = i < STEP ? 0 : now[i - STEP];
                uint8_t corner = i < STEP ? 0 : above[i - STEP];

                row[1 + i] =
                    (uint8_t)(now[i] - lc_png_predict(filter, left, above[i], corner));
            }
            memcpy(above, now, SIZE);
            lc_png_blank_row(&blank, row, PIXELS);
        }
        assert_int_equal(blank.possible, !odd);
        assert_int_equal(blank.colour & 0xFFFF00, 10 << 16 | 200 << 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_blank),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_short_frame),
        cmocka_unit_test(test_trailing),
        cmocka_unit_test(test_part_of_the_picture),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_blank_by_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
