/* test_statistics.c - src/index/format/statistics: histograms, compared with counting one
 * by one */
#include "unit.h"

#include "index/format/statistics.h"

static void one_value(void **state)
{
    static const struct {
        uint64_t value;
        unsigned bucket;
    } cases[] = {
        {0, 0},
        {1, 1},
        {2, 2},
        {3, 2},
        {4, 3},
        {7, 3},
        {8, 4},
        {1023, 10},
        {1024, 11},
        {UINT32_MAX, 32},
        {UINT64_C(1) << 32, 33},
        {(UINT64_C(1) << 39) - 1, 39},
        {UINT64_C(1) << 39, 40},
        {UINT64_C(1) << 40, 40}, /* the last bucket is unlimited */
        {UINT64_C(1) << 63, 40},
        {UINT64_MAX, 40},
    };
    EXPECT_CASES(cases, 16);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_histogram histogram = {0};

        lc_histogram_add(&histogram, cases[i].value);
        assert_int_equal(histogram.count, 1);
        assert_true(histogram.sum == cases[i].value);
        assert_true(histogram.most == cases[i].value);
        for (unsigned b = 0; b < LC_BUCKETS; b++)
            assert_int_equal(histogram.buckets[b], b == cases[i].bucket);
    }
}

static void least_of_a_bucket(void **state)
{
    static const struct {
        unsigned bucket;
        uint64_t least;
    } cases[] = {{0, 0},
                 {1, 1},
                 {2, 2},
                 {3, 4},
                 {11, 1024},
                 {33, UINT64_C(1) << 32},
                 {40, UINT64_C(1) << 39}};
    EXPECT_CASES(cases, 7);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_true(lc_bucket_least(cases[i].bucket) == cases[i].least);
    /* a bucket's least value is counted there, the value below it is not */
    for (unsigned b = 1; b < LC_BUCKETS; b++) {
        struct lc_histogram histogram = {0};

        lc_histogram_add(&histogram, lc_bucket_least(b));
        lc_histogram_add(&histogram, lc_bucket_least(b) - 1);
        assert_int_equal(histogram.buckets[b], 1);
        assert_int_equal(histogram.buckets[b - 1], 1);
    }
}

/* Find the bucket of a value by halving it, instead of by its bits. */
static unsigned slow_bucket(uint64_t value)
{
    unsigned bucket = 0;

    for (; value; value /= 2)
        bucket++;
    return bucket < LC_BUCKETS ? bucket : LC_BUCKETS - 1;
}

static void many_values(void **state)
{
    enum { VALUES = 20000 };
    struct lc_histogram histogram = {0}, wanted = {0};
    uint64_t seed = 11;

    (void)state;
    for (int i = 0; i < VALUES; i++) {
        uint64_t value = next_random(&seed) >> (12 + next_random(&seed) % 52);

        lc_histogram_add(&histogram, value);
        wanted.count++;
        wanted.sum += value;
        wanted.most = value > wanted.most ? value : wanted.most;
        wanted.buckets[slow_bucket(value)]++;
    }
    assert_int_equal(wanted.count, VALUES);
    assert_true(wanted.buckets[0] && wanted.buckets[LC_BUCKETS - 1]);
    assert_memory_equal(&histogram, &wanted, sizeof(wanted));
}

/* Merging parts gives the same as counting at once, however the values are distributed.
 */
static void merged(void **state)
{
    enum { PARTS = 3 };
    struct lc_histogram parts[PARTS] = {0}, whole = {0}, sum = {0};
    const struct lc_histogram none = {0};
    uint64_t seed = 12;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        uint64_t value = next_random(&seed) >> (next_random(&seed) % 40 + 20);

        lc_histogram_add(&parts[next_random(&seed) % PARTS], value);
        lc_histogram_add(&whole, value);
    }
    for (int i = 0; i < PARTS; i++) {
        assert_true(parts[i].count > 0 && parts[i].count < whole.count);
        lc_histogram_merge(&sum, &parts[i]);
    }
    assert_memory_equal(&sum, &whole, sizeof(whole));
    lc_histogram_merge(&sum, &none);
    assert_memory_equal(&sum, &whole, sizeof(whole));
    parts[0] = none;
    lc_histogram_add(&parts[0], 1);
    lc_histogram_merge(&sum, &parts[0]);
    assert_true(whole.most > 1 && sum.most == whole.most);
    sum = none;
    lc_histogram_merge(&sum, &none);
    assert_memory_equal(&sum, &none, sizeof(none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_value),
        cmocka_unit_test(least_of_a_bucket),
        cmocka_unit_test(many_values),
        cmocka_unit_test(merged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
