/* test_where.c - conditions of --where: what is accepted, and what is refused */
#include "unit.h"

#include "query/image.h"
#include "query/where.h"

static const struct lc_choice no_choices[] = {{NULL, NULL, NULL}};

static enum lc_status read_condition(const char *text, struct lc_condition *out)
{
    return lc_where_read(lc_image_fields, lc_image_field_count, no_choices, text, out,
                         NULL);
}

/* Numbers up to 2^63 - 1, the largest that is supported; larger ones must not wrap
 * around.
 */
static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        uint64_t number; /* UINT64_MAX: refused */
    } cases[] = {
        {"0", 0},
        {"007", 7},
        {"1k", 1024},
        {"10M", UINT64_C(10) << 20},
        {"2g", UINT64_C(2) << 30},
        {"288230376151711743", UINT64_C(288230376151711743)},
        {"8589934591G", UINT64_C(8589934591) << 30},
        {"8589934592G", UINT64_MAX},
        {"8796093022207M", UINT64_C(8796093022207) << 20},
        {"8796093022208M", UINT64_MAX},
        {"9007199254740991K", UINT64_C(9007199254740991) << 10},
        {"9007199254740992K", UINT64_MAX},
        {"17179869184G", UINT64_MAX},          /* 2^64: 0 if it wraps around */
        {"9223372036854775808", UINT64_MAX},   /* 2^63 */
        {"18446744073709551616", UINT64_MAX},  /* 2^64 */
        {"18446744073709551617", UINT64_MAX},  /* 2^64 + 1 */
        {"184467440737095516160", UINT64_MAX}, /* 10 * 2^64 */
        {"K", UINT64_MAX},
        {"", UINT64_MAX},
        {"-1", UINT64_MAX},
        {"1.5K", UINT64_MAX},
        {"1KK", UINT64_MAX},
        {"1T", UINT64_MAX},
        {"/", UINT64_MAX}, /* next to the digits in ASCII */
        {":", UINT64_MAX},
    };
    EXPECT_CASES(cases, 25);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_condition condition;
        char text[64];
        enum lc_status status;

        snprintf(text, sizeof(text), "size=%s", cases[i].text);
        status = read_condition(text, &condition);
        if (status != (cases[i].number == UINT64_MAX ? LC_ERR_USAGE : LC_OK))
            fail_msg("%s: status %d", text, status);
        if (status == LC_OK && condition.number != cases[i].number)
            fail_msg("%s: %llu", text, (unsigned long long)condition.number);
    }
}

/* Every operator below, at and above the value. */
static void test_order(void **state)
{
    static const struct {
        const char *text;
        bool holds[3]; /* of widths 9, 10 and 11 */
    } cases[] = {
        {"width=10", {false, true, false}}, {"width==10", {false, true, false}},
        {"width!=10", {true, false, true}}, {"width<10", {true, false, false}},
        {"width<=10", {true, true, false}}, {"width>10", {false, false, true}},
        {"width>=10", {false, true, true}}, {" width  >=  10 ", {false, true, true}},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (uint32_t at = 0; at < 3; at++) {
            const struct lc_image_record image = {
                .path = span("a"), .state = LC_IMAGE_OK, .width = 9 + at, .height = 1};
            struct lc_buffer place = {0};
            struct lc_condition condition;
            struct lc_image_line line;

            assert_int_equal(lc_image_line(NULL, 0, &image, &place, &line, NULL), LC_OK);
            assert_int_equal(read_condition(cases[i].text, &condition), LC_OK);
            if (lc_where_holds(&condition, &line) != cases[i].holds[at])
                fail_msg("%s of %u", cases[i].text, 9 + at);
            lc_buffer_clear(&place);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
