/* test_exif.c - integers of TIFF entries, of every type and in both byte orders */
#include "unit.h"

#include "image/common/exif.h"

static void test_integers(void **state)
{
    static const struct {
        enum lc_tiff_type type;
        const char *big; /* most significant byte first */
        size_t size;
        int64_t value;
    } cases[] = {
        {LC_TIFF_SHORT, BYTES("\x01\x02"), 0x102},
        {LC_TIFF_SHORT, BYTES("\xFF\xFE"), 0xFFFE},
        {LC_TIFF_LONG, BYTES("\x81\x02\x03\x04"), 0x81020304},
        {LC_TIFF_IFD, BYTES("\x81\x02\x03\x04"), 0x81020304},
        {LC_TIFF_SBYTE, BYTES("\x7F"), 127},
        {LC_TIFF_SBYTE, BYTES("\x80"), -128},
        {LC_TIFF_SSHORT, BYTES("\x7F\xFF"), 32767},
        {LC_TIFF_SSHORT, BYTES("\x80\x01"), -32767},
        {LC_TIFF_SLONG, BYTES("\x80\x00\x00\x01"), -2147483647},
        {LC_TIFF_LONG8, BYTES("\x00\x00\x00\x02\x03\x04\x05\x06"), 0x203040506},
        {LC_TIFF_LONG8, BYTES("\x3F\xFF\xFF\xFF\x80\x00\x00\x01"), 0x3FFFFFFF80000001},
        {LC_TIFF_LONG8, BYTES("\x40\x00\x00\x00\x00\x00\x00\x00"), INT64_MAX},
        {LC_TIFF_LONG8, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), INT64_MAX},
    };
    EXPECT_CASES(cases, 13);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int big = 0; big < 2; big++) {
            uint8_t *bytes = grab(cases[i].size); /* a sanitizer sees reads beyond it */
            const struct lc_tiff_entry entry = {.type = cases[i].type,
                                                .big_endian = big,
                                                .value = {bytes, cases[i].size}};
            int64_t value = 0;

            for (size_t at = 0; at < cases[i].size; at++)
                bytes[at] = (uint8_t)cases[i].big[big ? at : cases[i].size - 1 - at];
            assert_true(lc_tiff_integer(&entry, &value));
            assert_true(value == cases[i].value);
            free(bytes);
        }
}

static void test_other_types_have_no_integer(void **state)
{
    static const uint8_t bytes[8] = {1};

    (void)state;
    for (uint16_t type = 0; type < 20; type++) {
        const struct lc_tiff_entry entry = {.type = type, .value = {bytes, 8}};
        const bool is_integer = type == 3 || type == 4 || type == 6 || type == 8 ||
                                type == 9 || type == 13 || type == 16;
        int64_t value;

        assert_int_equal(lc_tiff_integer(&entry, &value), is_integer);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_other_types_have_no_integer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
