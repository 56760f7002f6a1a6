/* test_image_gif.c - src/image on generated GIFs, whole and broken */

#include "inspect.h"

/*
 * Parts of pictures of 2 x 2 pixels. The codes of PIXELS have 3 bits and then 4, lowest
 * bit first: clear (4), 0, 1, 1, 0, end (5). Those of FLAT have 1 for every pixel.
 */
#define SCREEN "GIF89a\2\0\2\0\0\0\0"
#define COLOURED "GIF89a\2\0\2\0\x81\0\0\1\2\3\4\5\6\1\2\3\7\7\7"
#define FRAME ",\0\0\0\0\2\0\2\0\0"
#define PIXELS "\2\3\x44\x02\x05\0"
#define FLAT "\2\3\x4C\x12\x05\0"
#define END ";"

static struct lc_image_info inspect(const char *data, size_t size)
{
    return inspect_as(LC_CONTENT_GIF, (const uint8_t *)data, size,
                      &lc_image_limits_default);
}

static const struct {
    const char *bytes;
    size_t size;
    enum lc_decode decode;
    const char *mode;
    uint32_t width, height;
    uint32_t frames;
    uint64_t trailing;
    uint8_t depth;
    bool blank;
} cases[] = {
    {BYTES(SCREEN FRAME PIXELS END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8, false},
    {BYTES(SCREEN FRAME FLAT END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8, true},
    {BYTES(COLOURED FRAME PIXELS END), LC_DECODE_OK, "P", 2, 2, 1, 0, 2, false},
    {BYTES(COLOURED FRAME FLAT END), LC_DECODE_OK, "P", 2, 2, 1, 0, 2, true},
    /* 0 and 2 have one colour: codes clear, 0, 2, 2, 0, end */
    {BYTES(COLOURED FRAME "\2\3\x84\x04\x05\0" END), LC_DECODE_OK, "P", 2, 2, 1, 0, 2,
     true},
    /* interlaced; a local table with only grays */
    {BYTES(SCREEN ",\0\0\0\0\2\0\2\0\x40" PIXELS END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8,
     false},
    {BYTES(COLOURED ",\0\0\0\0\2\0\2\0\x80\0\0\0\1\1\1" PIXELS END), LC_DECODE_OK, "L", 2,
     2, 1, 0, 1, false},
    /* several frames, no trailer, bytes after the trailer */
    {BYTES(SCREEN FRAME PIXELS FRAME FLAT END), LC_DECODE_OK, "L", 2, 2, 2, 0, 8, false},
    {BYTES(SCREEN FRAME PIXELS), LC_DECODE_OK, "L", 2, 2, 1, 0, 8, false},
    {BYTES(SCREEN FRAME PIXELS FRAME "\2\3"), LC_DECODE_OK, "L", 2, 2, 2, 0, 8, false},
    {BYTES(SCREEN FRAME PIXELS ",\0\0"), LC_DECODE_OK, "L", 2, 2, 1, 0, 8, false},
    {BYTES(SCREEN FRAME PIXELS END "tail"), LC_DECODE_OK, "L", 2, 2, 1, 4, 8, false},
    /* extensions; bytes between blocks that belong to none, except NULs */
    {BYTES(SCREEN "!\xF9\4\1\0\0\1\0" FRAME FLAT END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8,
     true},
    {BYTES(SCREEN "!\xFE\2ab\1c\0" FRAME FLAT END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8,
     true},
    /* blocks of extensions that look like a trailer and a frame are skipped */
    {BYTES(SCREEN "!\1\3;,!\3;,!\0" FRAME FLAT END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8,
     true},
    {BYTES(SCREEN "!\xFE\3;,!\3;,!\0" FRAME FLAT END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8,
     true},
    {BYTES(SCREEN "\0\0" FRAME FLAT END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8, true},
    {BYTES(SCREEN "xyz" FRAME FLAT END), LC_DECODE_DAMAGED, "L", 2, 2, 1, 0, 8, false},
    /* a frame smaller than the screen: around it is its transparent colour, or the first
     */
    {BYTES("GIF89a\3\0\2\0\0\0\0" FRAME FLAT END), LC_DECODE_OK, "L", 3, 2, 1, 0, 8,
     false},
    {BYTES("GIF89a\3\0\2\0\0\0\0!\xF9\4\1\0\0\1\0" FRAME FLAT END), LC_DECODE_OK, "L", 3,
     2, 1, 0, 8, true},
    /* a frame larger than the screen; one without a width is refused */
    {BYTES("GIF89a\1\0\1\0\0\0\0" FRAME PIXELS END), LC_DECODE_OK, "L", 2, 2, 1, 0, 8,
     false},
    {BYTES(SCREEN ",\0\0\0\0\0\0\1\0\0" PIXELS END), LC_DECODE_CORRUPT, "L", 2, 2, 1, 0,
     8, false},
    {BYTES(SCREEN ",\1\0\0\0\0\0\1\0\0" PIXELS END), LC_DECODE_CORRUPT, "L", 2, 2, 1, 0,
     8, false},
    /* codes that end too early, are invalid, or are too wide */
    {BYTES(SCREEN FRAME "\2\3\x44\x02"), LC_DECODE_TRUNCATED, "L", 2, 2, 1, 0, 8, false},
    {BYTES(SCREEN FRAME "\2\2\x44\x0A\0" END), LC_DECODE_TRUNCATED, "L", 2, 2, 1, 0, 8,
     false},
    {BYTES(SCREEN FRAME "\2\2\x7C\x00\0" END), LC_DECODE_CORRUPT, "L", 2, 2, 1, 0, 8,
     false},
    {BYTES(SCREEN FRAME "\x0D\3\x44\x02\x05\0" END), LC_DECODE_CORRUPT, "L", 2, 2, 1, 0,
     8, false},
    /* headers that make Pillow fail */
    {BYTES("GIF89a\2\0\2\0"), LC_DECODE_TRUNCATED, "", 0, 0, 0, 0, 0, false},
    {BYTES(SCREEN), LC_DECODE_TRUNCATED, "", 2, 2, 0, 0, 0, false},
    {BYTES(SCREEN END "tail"), LC_DECODE_CORRUPT, "", 2, 2, 0, 0, 0, false},
    {BYTES(SCREEN "!\xF9\2\0\0\0" FRAME), LC_DECODE_CORRUPT, "", 2, 2, 0, 0, 0, false},
    {BYTES(SCREEN "!\xFF\0" FRAME FLAT), LC_DECODE_CORRUPT, "", 2, 2, 0, 0, 0, false},
    {BYTES(SCREEN "!\xFF\x0BNETSCAPE2.0\0" FRAME), LC_DECODE_CORRUPT, "", 2, 2, 0, 0, 0,
     false},
    {BYTES(SCREEN ",\0\0\0\0"), LC_DECODE_TRUNCATED, "", 2, 2, 0, 0, 0, false},
    {BYTES("GIF89a\0\0\0\0\0\0\0,\0\0\0\0\0\0\0\0\0\2\1\0;"), LC_DECODE_CORRUPT, "L", 0,
     0, 0, 0, 8, false},
    {BYTES("GIF89a\0\0\2\0\0\0\0,\0\0\0\0\0\0\2\0\0" PIXELS END), LC_DECODE_CORRUPT, "L",
     0, 2, 0, 0, 8, false},
    {BYTES("GIF89a\2\0\0\0\0\0\0,\0\0\0\0\2\0\0\0\0" PIXELS END), LC_DECODE_CORRUPT, "L",
     2, 0, 0, 0, 8, false},
};

static void test_cases(void **state)
{
    size_t seen = 0;

    (void)state;
    for (; seen < COUNT(cases); seen++) {
        struct lc_image_info info = inspect(cases[seen].bytes, cases[seen].size);

        if (info.decode != cases[seen].decode || info.frames != cases[seen].frames ||
            info.trailing != cases[seen].trailing || info.depth != cases[seen].depth ||
            info.blank != cases[seen].blank)
            fail_msg(
                "case %zu: decode %d, %u frames, %u trailing, depth %u, blank %d: %s",
                seen, (int)info.decode, info.frames, (unsigned)info.trailing, info.depth,
                info.blank, info.detail);
        assert_string_equal(info.mode, cases[seen].mode);
        assert_int_equal(info.width, cases[seen].width);
        assert_int_equal(info.height, cases[seen].height);
        assert_int_equal(info.detail[0] != '\0', info.decode != LC_DECODE_OK);
    }
    assert_int_equal(seen, 37);
}

/* The first byte that belongs to no block is reported; NULs do not count. */
static void test_bytes_between_blocks(void **state)
{
    struct lc_image_info info = inspect(BYTES(SCREEN "\0x" FRAME FLAT "yz" END));

    (void)state;
    assert_int_equal(info.decode, LC_DECODE_DAMAGED);
    assert_string_equal(info.detail, "bytes between blocks at offset 14");
    info = inspect(BYTES(SCREEN "xyz\0" FRAME FLAT END));
    assert_string_equal(info.detail, "bytes between blocks at offset 13");
}

/* Every prefix of a sound picture is sound or truncated, never anything else. */
static void test_cuts(void **state)
{
    static const char whole[] = COLOURED "!\xF9\4\1\0\0\1\0" FRAME PIXELS END;
    size_t sound = 0;
    size_t size;

    (void)state;
    for (size = 4; size < sizeof(whole); size++) {
        struct lc_image_info info = inspect(whole, size);

        if (info.decode == LC_DECODE_OK)
            sound++;
        else
            assert_int_equal(info.decode, LC_DECODE_TRUNCATED);
    }
    assert_int_equal(sound, 3); /* whole; without the trailer; without the empty block */
}

/* A screen, or a frame that extends it, that exceeds Pillow's limit. */
static void test_limits(void **state)
{
    static const char *const large[] = {
        "GIF89a\xFF\xFF\xFF\xFF\0\0\0" FRAME PIXELS END,
        "GIF89a\2\0\2\0\0\0\0,\0\0\0\0\xFF\xFF\xFF\xFF\0" PIXELS END,
    };
    struct lc_image_info info;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(large); i++) {
        info = inspect(large[i], sizeof(SCREEN FRAME PIXELS END) - 1);
        assert_int_equal(info.decode, LC_DECODE_NONE);
        assert_true(info.limited);
        assert_int_equal(info.width, 65535);
        assert_int_equal(info.height, 65535);
        assert_string_equal(info.mode, i == 0 ? "L" : ""); /* the frame was not read */
    }
    /* the size is checked first, even if the file ends after it */
    info = inspect(large[1], 13 + 9);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    info = inspect(large[1], 13 + 8);
    assert_int_equal(info.decode, LC_DECODE_TRUNCATED);
    /* allowed, and nothing is stored of it */
    info = inspect(BYTES("GIF89a\xFF\xFF\xAA\x0A\0\0\0" FRAME PIXELS END));
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_int_equal(info.rows_decoded, 2730);
}

/* Codes of up to 12 bits, lowest bit first, in blocks of 255 bytes. */
struct codes {
    uint8_t file[1 << 14];
    size_t size;
    size_t block; /* offset of its length byte */
    uint32_t buffer;
    unsigned buffered;
};

static void add_byte(struct codes *codes, uint8_t byte)
{
    if (codes->file[codes->block] == 255) {
        codes->block = codes->size++;
        codes->file[codes->block] = 0;
    }
    codes->file[codes->size++] = byte;
    codes->file[codes->block]++;
}

static void add_code(struct codes *codes, unsigned code, unsigned width)
{
    codes->buffer |= code << codes->buffered;
    for (codes->buffered += width; codes->buffered >= 8; codes->buffered -= 8) {
        add_byte(codes, (uint8_t)codes->buffer);
        codes->buffer >>= 8;
    }
}

/* With all 4096 codes in use, codes keep their 12 bits until the table is cleared. */
static void test_full_table(void **state)
{
    enum { SIDE = 72, PIXELS_WANTED = SIDE * SIDE, CLEAR = 4, STOP = 5, MOST = 4096 };

    static const char head[] = "GIF89a\x48\0\x48\0\0\0\0,\0\0\0\0\x48\0\x48\0\0\2";
    static struct codes codes;
    struct lc_image_info info;
    unsigned width = 3, next = STOP;

    (void)state;
    assert_true(PIXELS_WANTED > MOST + 1000);
    memcpy(codes.file, head, sizeof(head) - 1);
    codes.block = sizeof(head) - 1;
    codes.size = codes.block + 1;
    add_code(&codes, CLEAR, width);
    for (unsigned i = 0; i < PIXELS_WANTED; i++) {
        add_code(&codes, i % 2 ? 1 : 3,
                 width); /* odd: with a bit more they are no codes */
        if (next == (1U << width) - 1 && width < 12) /* the decoder's next code */
            width++;
        next += next < MOST;
    }
    add_code(&codes, STOP, width);
    add_code(&codes, 0, 7);
    memcpy(codes.file + codes.size, "\0;", 2);
    info = inspect((const char *)codes.file, codes.size + 2);
    assert_string_equal(info.detail, "");
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_int_equal(info.rows_decoded, SIDE);
    assert_int_equal(info.trailing, 0);
}

static void test_decoded_rows_are_counted(void **state)
{
    struct lc_image_info info;

    (void)state;
    /* codes clear, 0, 1 and end: one row of two */
    info = inspect(BYTES(SCREEN FRAME "\2\2\x44\x0A\0" END));
    assert_int_equal(info.decode, LC_DECODE_TRUNCATED);
    assert_int_equal(info.rows_decoded, 1);
    info = inspect(BYTES(SCREEN FRAME "\2\1\x44\0" END));
    assert_int_equal(info.rows_decoded, 0);
    assert_string_equal(info.detail, "0 of 2 rows decoded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_bytes_between_blocks),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_full_table),
        cmocka_unit_test(test_decoded_rows_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
