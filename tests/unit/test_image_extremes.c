/* test_image_extremes.c - src/image on images that are too large for files of the tests
 */
#include "unit.h"

#include "encode_jpeg.h"
#include "image/image.h"
#include "image/common/decoder.h"

enum { SIDE = 40, SMALL = 1 << 14 };

static uint8_t sample_at(size_t i, unsigned y)
{
    return (uint8_t)(i * 37 + y * (i % 11) * 19);
}

static struct lc_image_info inspect(const uint8_t *data, size_t size,
                                    const struct lc_image_limits *limits)
{
    struct lc_image_scratch *scratch = NULL;
    struct lc_image_info info;

    assert_int_equal(lc_image_scratch_new(&scratch, NULL), LC_OK);
    assert_int_equal(lc_image_inspect(scratch, data, size, limits, &info, NULL), LC_OK);
    lc_image_scratch_free(scratch);
    return info;
}

/* Proving it copies nothing, and pages after the picture are never touched. */
static void a_very_large_jpeg_is_decoded(void **state)
{
    size_t size = ((size_t)256 << 20) + 1;
    uint8_t *data = calloc(1, size);
    size_t used = encode_jpeg(SIDE, SIDE, 3, false, sample_at, data, SMALL);
    struct lc_image_info info = inspect(data, size, &lc_image_limits_default);

    (void)state;
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_string_equal(info.fallback_reason, "a very large file");
    assert_int_equal(info.trailing, size - used);
    info = inspect(data, size - 1, &lc_image_limits_default);
    assert_int_equal(info.decode, LC_DECODE_OK);
    assert_null(info.fallback_reason);
    free(data);
}

/* A picture with this number of blocks is left to the decoder and its limits. */
static void very_many_blocks_are_not_proven(void **state)
{
    struct lc_image_limits limits = lc_image_limits_default;
    uint8_t data[SMALL] = {0};
    size_t size = encode_jpeg(SIDE, SIDE, 1, true, sample_at, data, SMALL);
    uint8_t *frame = memmem(data, size, "\xFF\xC2", 2);
    struct lc_image_info info;

    (void)state;
    assert_non_null(frame);
    memcpy(frame + 5, "\x4E\x20\x4E\x20", 4); /* 20,000 by 20,000 */
    limits.max_pixels = UINT64_MAX;
    limits.max_memory = 1 << 20;
    info = inspect(data, size, &limits);
    assert_int_equal(info.decode, LC_DECODE_NONE);
    assert_true(info.limited);
    assert_string_equal(info.fallback_reason, "very many blocks");
}

/* The program is linked with --wrap=malloc: large allocations fail on demand. */
static bool is_large_refused;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return is_large_refused && size >= 1 << 20 ? NULL : __real_malloc(size);
}

/* If a library may have run out of memory, its verdict that a file is bad is not used. */
static void no_verdict_without_memory(void **state)
{
    static const uint8_t tiff[16] = "II\x2A\0\x08\0\0\0\1";
    struct lc_image_scratch *scratch = NULL;
    struct lc_image_info info;
    struct lc_error err;

    (void)state;
    assert_int_equal(inspect(tiff, sizeof(tiff), &lc_image_limits_default).decode,
                     LC_DECODE_TRUNCATED);
    assert_int_equal(lc_image_scratch_new(&scratch, NULL), LC_OK);
    is_large_refused = true;
    assert_int_equal(lc_image_inspect(scratch, tiff, sizeof(tiff),
                                      &lc_image_limits_default, &info, &err),
                     LC_ERR_MEMORY);
    is_large_refused = false;
    lc_image_scratch_free(scratch);
}

/* A library's message may quote bytes of the file. */
static void a_detail_is_printable(void **state)
{
    struct lc_image_info info = {0};

    (void)state;
    lc_image_judge(&info, LC_DECODE_CORRUPT, "%s", "a\tb \x1B[1m\x7F\xC3~");
    assert_string_equal(info.detail, "a?b ?[1m??~");
    lc_image_warn(&info, "%s", "\r\n");
    assert_string_equal(info.detail, "??");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_very_large_jpeg_is_decoded),
        cmocka_unit_test(very_many_blocks_are_not_proven),
        cmocka_unit_test(no_verdict_without_memory),
        cmocka_unit_test(a_detail_is_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
