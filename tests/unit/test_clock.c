/* test_clock.c - src/base/clock: points in time as nanoseconds */
#include "unit.h"

#include "base/clock.h"

static void saturates_beyond_64_bits(void **state)
{
    static const struct {
        int64_t seconds, nanoseconds, ns;
    } cases[] = {
        {0, 0, 0},
        {0, 999999999, 999999999},
        {1, 5, 1000000005},
        {-1, 5, -999999995},                                 /* just before 1970 */
        {9223372036, 854775806, INT64_MAX - 1},              /* the last exact one */
        {9223372036, 854775808, LC_CLOCK_LATEST},            /* one beyond */
        {9223372037, 0, LC_CLOCK_LATEST},                    /* 2262-04-11 23:47:17 */
        {10413792000, 0, LC_CLOCK_LATEST},                   /* 2300-01-01 */
        {15032385535, 999999999, LC_CLOCK_LATEST},           /* the last of ext4: 2446 */
        {INT64_MAX, 999999999, LC_CLOCK_LATEST},             /* of tmpfs, XFS: any */
        {-9223372036, 0, INT64_C(-9223372036) * 1000000000}, /* 1677-09-21 */
        {-9223372037, 0, LC_CLOCK_EARLIEST},
        {-11676096000, 0, LC_CLOCK_EARLIEST}, /* 1600-01-01 */
        {INT64_MIN, 999999999, LC_CLOCK_EARLIEST},
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct timespec time = {(time_t)cases[i].seconds,
                                      (long)cases[i].nanoseconds};

        assert_int_equal(lc_clock_ns(cases[i].seconds, cases[i].nanoseconds),
                         cases[i].ns);
        assert_int_equal(lc_clock_of(&time), cases[i].ns);
    }
}

/* A value that stands for many times is never before another: it could be any of them. */
static void a_time_out_of_range_is_before_none(void **state)
{
    static const struct {
        int64_t time, limit;
        bool before;
    } cases[] = {
        {1, 2, true},
        {2, 2, false},
        {3, 2, false},
        {INT64_MIN + 1, 2, true},
        {LC_CLOCK_EARLIEST, 2, false},
        {LC_CLOCK_EARLIEST, LC_CLOCK_LATEST, false},
        {LC_CLOCK_LATEST, LC_CLOCK_LATEST, false},
        {INT64_MAX - 1, LC_CLOCK_LATEST, true},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(lc_clock_is_before(cases[i].time, cases[i].limit),
                         cases[i].before);
}

static void a_clock_goes_on(void **state)
{
    int64_t monotonic = lc_clock_now(CLOCK_MONOTONIC);

    (void)state;
    assert_true(lc_clock_now(CLOCK_MONOTONIC) >= monotonic);
    assert_in_range(lc_clock_now(CLOCK_REALTIME), INT64_C(1700000000) * 1000000000,
                    INT64_C(9000000000) * 1000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saturates_beyond_64_bits),
        cmocka_unit_test(a_time_out_of_range_is_before_none),
        cmocka_unit_test(a_clock_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
