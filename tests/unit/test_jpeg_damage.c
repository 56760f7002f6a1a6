/* test_jpeg_damage.c - JPEGs with entropy-coded data that no encoder writes are damaged,
 * even if libjpeg-turbo decodes them without a warning */
#include "unit.h"

#include "../diff/silence.h"
#include "encode_jpeg.h"
#include "image/image.h"
#include "image/jpeg/damage.h"

enum { SIDE = 256, CAPACITY = 1 << 17, WANTED = 20 };

struct description {
    struct lc_jpeg_damage damage;
    const char *text;
};

static const struct description descriptions[] = {
    {{.fault = LC_JPEG_BAD_CODE, .mcu = 811, .mcus = 4050},
     "MCU 812 of 4050: invalid Huffman code; 79.9 % of the picture follows"},
    {{.fault = LC_JPEG_TOO_MANY, .scan = 3, .mcu = 0, .mcus = 1},
     "MCU 1 of 1 in scan 3: too many coefficients in a block; 0.0 % of the picture "
     "follows"},
    {{.fault = LC_JPEG_LONG_RUN, .scan = 2, .mcu = 9, .mcus = 20},
     "MCU 10 of 20 in scan 2: run of empty blocks past the last block; 50.0 % of the "
     "picture follows"},
    {{.fault = LC_JPEG_ENDS_EARLY, .mcu = 19, .mcus = 20},
     "MCU 20 of 20: the data ends early; 0.0 % of the picture follows"},
    {{.fault = LC_JPEG_LEFT_OVER, .begin = 10, .mcu = 15, .mcus = 20, .bytes = 312},
     "MCU 11 to 15 of 20: 312 bytes left over; 25.0 % of the picture follows"},
    {{.fault = LC_JPEG_LEFT_OVER, .scan = 9, .mcu = 20, .mcus = 20, .bytes = 1},
     "MCU 1 to 20 of 20 in scan 9: 1 byte left over; 0.0 % of the picture follows"},
    {{.fault = LC_JPEG_BAD_RESTART, .mcu = 4, .mcus = 8},
     "MCU 5 of 8: restart marker out of order; 37.5 % of the picture follows"},
    {{.fault = LC_JPEG_CODED_TWICE, .component = 2}, "colour component 2 is coded twice"},
    {{.fault = LC_JPEG_NOT_CODED, .component = 3}, "colour component 3 is missing"},
};
EXPECT_CASES(descriptions, 9);

static void damage_is_described(void **state)
{
    char text[LC_JPEG_DAMAGE_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(descriptions); i++) {
        lc_jpeg_damage_describe(&descriptions[i].damage, text);
        assert_string_equal(text, descriptions[i].text);
    }
}

/* Descriptions are not cut even with the largest numbers that a file can have. */
static void no_description_is_cut(void **state)
{
    char text[LC_JPEG_DAMAGE_TEXT];
    size_t seen = 0;

    (void)state;
    for (int fault = LC_JPEG_BAD_CODE; fault <= LC_JPEG_BAD_RESTART; fault++, seen++) {
        struct lc_jpeg_damage damage = {
            .fault = (enum lc_jpeg_fault)fault,
            .scan = 500,
            .begin = 67000000,
            .mcu = 67000000,
            .mcus = 67043344,
            .bytes = (uint64_t)256 << 20,
        };

        lc_jpeg_damage_describe(&damage, text);
        assert_in_range(strlen(text), 60, LC_JPEG_DAMAGE_TEXT - 2);
        assert_string_equal(text + strlen(text) - strlen("% of the picture follows"),
                            "% of the picture follows");
    }
    assert_int_equal(seen, 6);
}

static uint8_t sample_at(size_t i, unsigned y)
{
    return (uint8_t)(i * 37 + y * (i % 11) * 19);
}

struct fixture {
    struct lc_image_scratch *scratch;
    uint8_t *data;
    size_t size;
};

static void set_up(struct fixture *f, bool progressive)
{
    f->data = grab(CAPACITY);
    f->size = encode_jpeg(SIDE, SIDE, 1, progressive, sample_at, f->data, CAPACITY);
    assert_int_equal(lc_image_scratch_new(&f->scratch, NULL), LC_OK);
}

static void tear_down(struct fixture *f)
{
    lc_image_scratch_free(f->scratch);
    free(f->data);
}

static struct lc_image_info inspect(const struct fixture *f)
{
    struct lc_image_info info;

    assert_int_equal(lc_image_inspect(f->scratch, f->data, f->size,
                                      &lc_image_limits_default, &info, NULL),
                     LC_OK);
    return info;
}

static size_t begin_of_scan(const struct fixture *f)
{
    const uint8_t *scan = memmem(f->data, f->size, "\xFF\xDA", 2);

    assert_non_null(scan);
    return (size_t)(scan - f->data) + 10;
}

typedef void spoil_fn(uint8_t *at, size_t i);
typedef bool condition_fn(const struct fixture *f);

/*
 * Damage a scan at one place after another, until there were enough files that libjpeg,
 * given the whole file at once, decodes without a warning although they are damaged.
 */
static void spoil_until(struct fixture *f, spoil_fn *spoil, condition_fn *is_damaged,
                        const char *detail)
{
    size_t begin = begin_of_scan(f);
    size_t found = 0;

    assert_int_equal(inspect(f).decode, LC_DECODE_OK);
    for (size_t i = 0; i < 4000 && found < WANTED; i++) {
        uint8_t *at = f->data + begin + i * 13 % (f->size - 10 - begin);
        uint8_t before[4];

        memcpy(before, at, sizeof(before));
        spoil(at, i);
        if (is_silent_in(f->data, f->size, f->size) && is_damaged(f)) {
            struct lc_image_info info = inspect(f);

            assert_int_equal(info.decode, LC_DECODE_DAMAGED);
            assert_int_equal(memcmp(info.detail, detail, strlen(detail)), 0);
            assert_int_equal(info.rows_decoded, SIDE);
            assert_false(info.blank);
            found++;
        }
        memcpy(at, before, sizeof(before));
    }
    assert_int_equal(found, WANTED);
}

/* Write sixteen ones, which are not a code, with byte stuffing. */
static void put_ones(uint8_t *at, size_t i)
{
    (void)i;
    memcpy(at, "\xFF\x00\xFF\x00", 4);
}

static void flip_bit(uint8_t *at, size_t i)
{
    *at ^= (uint8_t)(1 << i % 8);
}

static bool warns_of_small_blocks(const struct fixture *f)
{
    return !is_silent_in(f->data, f->size, SILENCE_BLOCK);
}

static bool is_found(const struct fixture *f)
{
    return inspect(f).decode != LC_DECODE_OK;
}

/* libjpeg does not notice nonexistent codes as long as it has plenty of input. */
static void codes_that_libjpeg_reads_in_haste_are_found(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, false);
    spoil_until(&f, put_ones, warns_of_small_blocks, "MCU ");
    tear_down(&f);
}

/* A file without tables, like a frame of Motion JPEG: the proof does not read it, so
 * libjpeg must be fed in small pieces. */
static void codes_of_no_table_of_the_file_are_found(void **state)
{
    struct fixture f;
    uint8_t *tables;

    (void)state;
    set_up(&f, false);
    while ((tables = memmem(f.data, f.size, "\xFF\xC4", 2))) {
        size_t size = 2 + (size_t)tables[2] * 256 + tables[3];

        memmove(tables, tables + size, (size_t)(f.data + f.size - tables) - size);
        f.size -= size;
    }
    spoil_until(&f, put_ones, warns_of_small_blocks,
                "Corrupt JPEG data: bad Huffman code");
    tear_down(&f);
}

/* libjpeg never notices terms past the end of a block or band, or runs past the last
 * block. */
static void damage_that_libjpeg_never_sees_is_found(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, true);
    spoil_until(&f, flip_bit, is_found, "MCU ");
    tear_down(&f);
}

/* Bytes inserted before EOI; one byte of padding is allowed. */
static const struct {
    const char *bytes;
    size_t size;
    enum lc_decode decode;
} endings[] = {
    {BYTES("\xFF\x00"), LC_DECODE_OK},
    {BYTES("\xFF"), LC_DECODE_OK}, /* fill bytes before the marker */
    {BYTES("\xFF\xFF\xFF"), LC_DECODE_OK},
    {BYTES("\xFF\x00\xFF\x00"), LC_DECODE_DAMAGED},
    {BYTES("\x00"), LC_DECODE_DAMAGED},
    {BYTES("\x7F"), LC_DECODE_DAMAGED},
    {BYTES("\xFF\xD0"), LC_DECODE_OK}, /* a last restart marker */
};
EXPECT_CASES(endings, 7);

static void one_byte_of_padding_is_no_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(endings); i++) {
        struct fixture f;
        struct lc_image_info info;
        size_t size = endings[i / 2].size;

        set_up(&f, i % 2);
        memmove(f.data + f.size - 2 + size, f.data + f.size - 2, 2);
        memcpy(f.data + f.size - 2, endings[i / 2].bytes, size);
        f.size += size;
        info = inspect(&f);
        if (info.decode != endings[i / 2].decode)
            fail_msg("ending %zu: %s", i / 2, info.detail);
        tear_down(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_described),
        cmocka_unit_test(no_description_is_cut),
        cmocka_unit_test(codes_that_libjpeg_reads_in_haste_are_found),
        cmocka_unit_test(codes_of_no_table_of_the_file_are_found),
        cmocka_unit_test(damage_that_libjpeg_never_sees_is_found),
        cmocka_unit_test(one_byte_of_padding_is_no_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
