#include "cli/gauge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOST_WIDTH 600

/* A run that is in the middle of its images: 20,000 a second, 2 GB a second. */
static struct lc_gauge middle(void)
{
    struct lc_gauge gauge = {0};

    lc_gauge_update(&gauge, &(struct lc_progress){.stage = LC_STAGE_ROWS}, 100);
    lc_gauge_update(&gauge, &(struct lc_progress){.stage = LC_STAGE_IMAGES}, 101);
    for (int i = 0; i <= 100; i++)
        lc_gauge_update(&gauge,
                        &(struct lc_progress){.stage = LC_STAGE_IMAGES,
                                              .done = (uint64_t)i * 2000,
                                              .total = 450000,
                                              .bytes = (uint64_t)i * 200000000,
                                              .findings = {7, 1, 1234}},
                        102 + i * 0.1);
    return gauge;
}

/* Count columns: each character takes one, whatever its size in bytes. */
static size_t columns(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void test_bar_at_usual_widths(void **state)
{
    struct lc_gauge gauge = middle();
    char line[LC_GAUGE_LINE];

    (void)state;
    lc_gauge_bar(&gauge, 200, line);
    assert_string_equal(line, "images  [================>                     ]   44%  "
                              "200,000 of 450,000  20,000/s  2000 MB/s  ETA 13s   "
                              "  1,234 errors, 1 warning");
    lc_gauge_bar(&gauge, 80, line);
    assert_string_equal(line, "images  [==========>             ]   44%  ETA 13s   "
                              "  1,234 errors, 1 warning");
    lc_gauge_bar(&gauge, 24, line);
    assert_string_equal(line, "images  [====>      ]");
}

static void test_bar_is_never_wider(void **state)
{
    struct lc_gauge gauge = middle();
    struct lc_gauge first = {0};
    char line[LC_GAUGE_LINE];

    (void)state;
    lc_gauge_update(&first, &(struct lc_progress){.stage = LC_STAGE_INDEX}, 1);
    for (size_t width = 0; width < MOST_WIDTH; width++) {
        lc_gauge_bar(&gauge, width, line);
        assert_true(columns(line) <= width && (!width || columns(line) < width));
        lc_gauge_bar(&first, width, line);
        assert_true(columns(line) <= width && (!width || columns(line) < width));
        assert_true(strlen(line) < LC_GAUGE_LINE);
    }
}

static void test_bar_without_a_measure(void **state)
{
    struct lc_gauge gauge = {0};
    char line[LC_GAUGE_LINE];

    (void)state;
    lc_gauge_update(&gauge, &(struct lc_progress){.stage = LC_STAGE_LINKS}, 1);
    lc_gauge_bar(&gauge, 80, line);
    assert_string_equal(line, "matching rows and images …");
}

static void test_numbers_at_their_ends(void **state)
{
    struct lc_gauge gauge = {0};
    struct lc_progress most = {.stage = LC_STAGE_IMAGES,
                               .done = UINT64_MAX,
                               .total = UINT64_MAX,
                               .bytes = UINT64_MAX,
                               .findings = {UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    char line[LC_GAUGE_LINE];

    (void)state;
    lc_gauge_update(&gauge, &(struct lc_progress){.stage = LC_STAGE_IMAGES}, 1);
    lc_gauge_update(&gauge, &most, 2);
    for (size_t width = 0; width < MOST_WIDTH; width++)
        lc_gauge_bar(&gauge, width, line);
    lc_gauge_sentence(&gauge, line);
    lc_gauge_json(&gauge, false, line);
    assert_int_equal(line[strlen(line) - 1], '}');
}

static void test_rate_is_the_present_one(void **state)
{
    struct lc_gauge gauge = {0};
    char line[LC_GAUGE_LINE];

    (void)state;
    for (int i = 0; i <= 100; i++) /* known images first, then slow ones */
        lc_gauge_update(&gauge,
                        &(struct lc_progress){.stage = LC_STAGE_IMAGES,
                                              .done = 100000 + (uint64_t)i * 10,
                                              .total = 102000},
                        i ? i : -1000);
    lc_gauge_sentence(&gauge, line);
    assert_string_equal(line, "reading the images: 99%, 101,000 of 102,000, 10/s, "
                              "0 MB/s, ETA 1m40s");
    gauge.now.total = 101000 + 10 * (3 * 3600 + 5 * 60 + 59);
    lc_gauge_sentence(&gauge, line);
    assert_non_null(strstr(line, "ETA 3h05m"));
}

static void test_sentence_and_json(void **state)
{
    struct lc_gauge gauge = middle();
    char line[LC_GAUGE_LINE];

    (void)state;
    lc_gauge_sentence(&gauge, line);
    assert_string_equal(line, "reading the images: 44%, 200,000 of 450,000, 20,000/s, "
                              "2000 MB/s, ETA 13s, 1,234 errors, 1 warning");
    lc_gauge_json(&gauge, false, line);
    assert_string_equal(line, "{\"stage\": \"images\", \"unit\": \"images\", \"done\": "
                              "200000, \"total\": 450000, \"bytes\": 20000000000, "
                              "\"errors\": 1234, \"warnings\": 1, \"infos\": 7, "
                              "\"seconds\": 12.000, \"rate\": 20000.0, \"bytes_rate\": "
                              "2000000000, \"eta\": 12.5}");
}

static void test_lines_come_when_they_are_due(void **state)
{
    struct lc_gauge gauge = {0};
    int lines = 0;

    (void)state;
    for (int i = 0; i <= 1000; i++) {
        lc_gauge_update(&gauge, &(struct lc_progress){.stage = LC_STAGE_ROWS}, i * 0.1);
        lines += lc_gauge_is_due(&gauge, 30);
    }
    assert_int_equal(lines, 3);
}

static void test_times_of_stages(void **state)
{
    struct lc_gauge gauge = middle();
    char line[LC_GAUGE_LINE];

    (void)state;
    lc_gauge_times(&gauge, line);
    assert_string_equal(line, "rows 1.0 s, images 11.0 s; 12.0 s in all");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bar_at_usual_widths),
        cmocka_unit_test(test_bar_is_never_wider),
        cmocka_unit_test(test_bar_without_a_measure),
        cmocka_unit_test(test_numbers_at_their_ends),
        cmocka_unit_test(test_rate_is_the_present_one),
        cmocka_unit_test(test_sentence_and_json),
        cmocka_unit_test(test_lines_come_when_they_are_due),
        cmocka_unit_test(test_times_of_stages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
