/* test_sampling.c - src/dataset/sampling: what the trainer samples, by Python's slices */
#include "unit.h"

#include "dataset/sampling.h"

/* How many rows the trainer's code samples from sets of these sizes, as printed by
 * Python 3.11 when it ran LazySupervisedDataset's lines. */
static const uint64_t sizes[] = {0, 1, 2, 3, 10, 99, 1000};
EXPECT_CASES(sizes, 7);

static const struct {
    const char *strategy;
    uint64_t rows[COUNT(sizes)];
} cases[] = {
    {"all", {0, 1, 2, 3, 10, 99, 1000}},
    {"", {0, 1, 2, 3, 10, 99, 1000}},
    {"first", {0, 1, 2, 3, 10, 99, 1000}},
    {"end", {0, 1, 2, 3, 10, 99, 1000}},
    {"random", {0, 1, 2, 3, 10, 99, 1000}},
    {"nonsense", {0, 1, 2, 3, 10, 99, 1000}},
    {"all:5", {0, 1, 2, 3, 10, 99, 1000}},
    {"nonsense:5", {0, 1, 2, 3, 10, 99, 1000}},
    {"first:0", {0, 0, 0, 0, 0, 0, 0}},
    {"first:1", {0, 1, 1, 1, 1, 1, 1}},
    {"first:3", {0, 1, 2, 3, 3, 3, 3}},
    {"first:10", {0, 1, 2, 3, 10, 10, 10}},
    {"first:11", {0, 1, 2, 3, 10, 11, 11}},
    {"first:-1", {0, 0, 1, 2, 9, 98, 999}},
    {"first:-3", {0, 0, 0, 0, 7, 96, 997}},
    {"first:-100", {0, 0, 0, 0, 0, 0, 900}},
    {"first:0%", {0, 0, 0, 0, 0, 0, 0}},
    {"first:1%", {0, 1, 1, 1, 1, 1, 10}},
    {"first:10%", {0, 1, 1, 1, 1, 10, 100}},
    {"first:33%", {0, 1, 1, 1, 4, 33, 330}},
    {"first:50%", {0, 1, 1, 2, 5, 50, 500}},
    {"first:99%", {0, 1, 2, 3, 10, 99, 990}},
    {"first:100%", {0, 1, 2, 3, 10, 99, 1000}},
    {"first:150%", {0, 1, 2, 3, 10, 99, 1000}},
    {"first:-1%", {0, 0, 0, 0, 0, 0, 990}},
    {"first:-10%", {0, 0, 0, 0, 9, 90, 900}},
    {"first:-50%", {0, 0, 1, 2, 5, 50, 500}},
    {"first:-150%", {0, 0, 0, 0, 0, 0, 0}},
    {"end:0", {0, 1, 2, 3, 10, 99, 1000}},
    {"end:1", {0, 1, 1, 1, 1, 1, 1}},
    {"end:3", {0, 1, 2, 3, 3, 3, 3}},
    {"end:10", {0, 1, 2, 3, 10, 10, 10}},
    {"end:2000", {0, 1, 2, 3, 10, 99, 1000}},
    {"end:-1", {0, 0, 1, 2, 9, 98, 999}},
    {"end:-3", {0, 0, 0, 0, 7, 96, 997}},
    {"end:-100", {0, 0, 0, 0, 0, 0, 900}},
    {"end:0%", {0, 1, 2, 3, 10, 99, 1000}},
    {"end:1%", {0, 1, 1, 1, 1, 1, 10}},
    {"end:33%", {0, 1, 1, 1, 4, 33, 330}},
    {"end:100%", {0, 1, 2, 3, 10, 99, 1000}},
    {"end:200%", {0, 1, 2, 3, 10, 99, 1000}},
    {"end:-1%", {0, 1, 2, 3, 10, 99, 990}},
    {"end:-10%", {0, 1, 2, 3, 9, 90, 900}},
    {"end:-50%", {0, 1, 1, 2, 5, 50, 500}},
    {"end:-100%", {0, 0, 0, 0, 0, 0, 0}},
    {"random:0", {0, 0, 0, 0, 0, 0, 0}},
    {"random:2", {0, 1, 2, 2, 2, 2, 2}},
    {"random:-2", {0, 0, 0, 1, 8, 97, 998}},
    {"random:33%", {0, 1, 1, 1, 4, 33, 330}},
    {"random:-33%", {0, 0, 0, 0, 7, 67, 670}},
    {"first: 5 ", {0, 1, 2, 3, 5, 5, 5}},
    {"first:+5", {0, 1, 2, 3, 5, 5, 5}},
    {"first:05", {0, 1, 2, 3, 5, 5, 5}},
    {"first:1_0", {0, 1, 2, 3, 10, 10, 10}},
    {"first:5 %", {0, 1, 1, 1, 1, 5, 50}},
    {"first:5%x", {0, 1, 1, 1, 1, 5, 50}},
    {"first:5%%", {0, 1, 1, 1, 1, 5, 50}},
    {"first:\t5\n", {0, 1, 2, 3, 5, 5, 5}},
    {"FIRST:5", {0, 1, 2, 3, 10, 99, 1000}},
    {" first:5", {0, 1, 2, 3, 10, 99, 1000}},
    {"first :5", {0, 1, 2, 3, 10, 99, 1000}},
    {"first:99999999999999999999", {0, 1, 2, 3, 10, 99, 1000}},
    {"first:-99999999999999999999", {0, 0, 0, 0, 0, 0, 0}},
    {"end:99999999999999999999", {0, 1, 2, 3, 10, 99, 1000}},
    {"end:-99999999999999999999", {0, 0, 0, 0, 0, 0, 0}},
    {"first:99999999999999999999%", {0, 1, 2, 3, 10, 99, 1000}},
    {"first:9223372036854775808", {0, 1, 2, 3, 10, 99, 1000}},
    {"end:-9223372036854775809%", {0, 0, 0, 0, 0, 0, 0}},
};
EXPECT_CASES(cases, 68);

static void strategies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_sampling sampling;

        memset(&sampling, 0xAA, sizeof(sampling));
        assert_true(lc_sampling_parse(cases[i].strategy, &sampling));
        for (size_t j = 0; j < COUNT(sizes); j++) {
            uint64_t rows = lc_sampling_rows(&sampling, sizes[j]);

            if (rows != cases[i].rows[j])
                fail_msg("%s of %u: %u", cases[i].strategy, (unsigned)sizes[j],
                         (unsigned)rows);
        }
    }
}

/* The trainer raises: too many values to unpack, or int() fails. */
static void refused(void **state)
{
    static const char *const strategies_refused[] = {
        "first:",     "first:x",    "first:5:6",   "first::",  ":",         "all:",
        "all:x",      "nonsense:x", "first:%",     "first:%5", "first:x%",  "first:5.0",
        "first:5e2",  "first:1__0", "first:_1",    "first:1_", "first:+-5", "first:+ 5",
        "first:0x10", "first:5 6",  "first:5,000", "first:5:", "end:-",     "end:+"};
    EXPECT_CASES(strategies_refused, 24);

    (void)state;
    for (size_t i = 0; i < COUNT(strategies_refused); i++) {
        struct lc_sampling sampling;

        if (lc_sampling_parse(strategies_refused[i], &sampling))
            fail_msg("%s is taken", strategies_refused[i]);
    }
}

static void kinds(void **state)
{
    static const struct {
        const char *strategy;
        int kind;
        int64_t number;
        bool percent;
    } parsed[] = {
        {"all", LC_SAMPLING_ALL, 0, false},
        {"first", LC_SAMPLING_ALL, 0, false},
        {"first:7", LC_SAMPLING_FIRST, 7, false},
        {"end:-7%", LC_SAMPLING_END, -7, true},
        {"random:10%", LC_SAMPLING_RANDOM, 10, true},
    };
    EXPECT_CASES(parsed, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(parsed); i++) {
        struct lc_sampling sampling;

        assert_true(lc_sampling_parse(parsed[i].strategy, &sampling));
        assert_int_equal(sampling.kind, parsed[i].kind);
        assert_int_equal(sampling.number, parsed[i].number);
        assert_int_equal(sampling.percent, parsed[i].percent);
    }
}

/* Every percentage for every small number of rows: math.ceil(percent * rows / 100). */
static void percentages(void **state)
{
    (void)state;
    for (int64_t percent = -210; percent <= 210; percent++) {
        struct lc_sampling sampling = {LC_SAMPLING_FIRST, percent, true, 0};

        for (int64_t rows = 0; rows <= 210; rows++) {
            int64_t share = percent * rows, wanted = 0;

            while (wanted * 100 < share)
                wanted++;
            while ((wanted - 1) * 100 >= share)
                wanted--;
            wanted = wanted < 0 ? rows + wanted : wanted; /* rows[:wanted] */
            wanted = wanted < 0 ? 0 : wanted > rows ? rows : wanted;
            assert_int_equal(lc_sampling_rows(&sampling, (uint64_t)rows), wanted);
        }
    }
}

static void numbers_of_other_registries(void **state)
{
    static const struct {
        const char *text;
        bool is_repeat, is_count;
        uint64_t repeated, counted; /* of 10 rows */
    } numbers[] = {
        {"1", true, true, 10, 1},     {"3", true, true, 30, 3},
        {"0", true, true, 0, 0},      {"0.29", true, false, 2, 0},
        {"1.0", true, false, 10, 0},  {"1e-1", true, false, 1, 0},
        {"1.5", false, false, 0, 0},  {"-1", false, false, 0, 0},
        {"", false, false, 0, 0},     {"x", false, false, 0, 0},
        {"0.5x", false, false, 0, 0}, {"nan", false, false, 0, 0},
        {".", false, false, 0, 0},    {"500", true, true, 5000, 500},
    };
    struct lc_sampling sampling;
    EXPECT_CASES(numbers, 14);

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        assert_int_equal(lc_sampling_parse_repeat(numbers[i].text, &sampling),
                         numbers[i].is_repeat);
        if (numbers[i].is_repeat)
            assert_int_equal(lc_sampling_rows(&sampling, 10), numbers[i].repeated);
        assert_int_equal(lc_sampling_parse_count(numbers[i].text, &sampling),
                         numbers[i].is_count);
        if (numbers[i].is_count)
            assert_int_equal(lc_sampling_rows(&sampling, 10), numbers[i].counted);
    }
    assert_true(lc_sampling_parse_repeat("99999999999999999999", &sampling));
    assert_int_equal(lc_sampling_rows(&sampling, 1000), INT64_MAX);
    assert_true(lc_sampling_parse_count("5", &sampling));
    assert_int_equal(lc_sampling_rows(&sampling, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_other_registries),
        cmocka_unit_test(strategies),
        cmocka_unit_test(refused),
        cmocka_unit_test(kinds),
        cmocka_unit_test(percentages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
