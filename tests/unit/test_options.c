/* test_options.c - src/base/options: option structs from callers of other versions */
#include "unit.h"

#include "base/options.h"
#include "llava_check.h"

/* A struct as it was, is, and may become. */
struct first {
    size_t size;
    const char *path;
    size_t count;
};

struct present {
    size_t size;
    const char *path;
    size_t count;
    bool flag;
    unsigned width;
};

struct future {
    struct present present;
    uint64_t limit;
};

static void test_struct_of_this_version_is_copied(void **state)
{
    const struct present in = {
        .size = sizeof(in), .path = "p", .count = 2, .flag = true, .width = 80};
    struct present out;

    (void)state;
    assert_int_equal(LC_OPTIONS_COPY(&out, &in, count, NULL), LC_OK);
    assert_memory_equal(&out, &in, sizeof(in));
}

static void test_what_an_older_struct_lacks_is_zero(void **state)
{
    const struct first in = {.size = sizeof(in), .path = "p", .count = 2};
    struct present out;

    (void)state;
    memset(&out, 0xFF, sizeof(out));
    assert_int_equal(
        LC_OPTIONS_COPY(&out, (const struct present *)(const void *)&in, count, NULL),
        LC_OK);
    assert_string_equal(out.path, "p");
    assert_int_equal(out.count, 2);
    assert_false(out.flag);
    assert_int_equal(out.width, 0);
    assert_int_equal(out.size, sizeof(out));
}

static void test_newer_struct_may_only_add_zeros(void **state)
{
    struct future in = {.present = {.size = sizeof(in), .path = "p", .width = 7}};
    struct lc_error error = {0};
    struct present out;

    (void)state;
    assert_int_equal(LC_OPTIONS_COPY(&out, &in.present, count, &error), LC_OK);
    assert_int_equal(out.width, 7);
    assert_int_equal(out.size, sizeof(out));
    for (size_t i = 0; i < 8; i++) {
        in.limit = UINT64_C(1) << 8 * i;
        error = (struct lc_error){0};
        assert_int_equal(LC_OPTIONS_COPY(&out, &in.present, count, &error), LC_ERR_USAGE);
        assert_non_null(strstr(error.message, "this version does not have"));
    }
}

static void test_size_that_is_not_set_is_an_error(void **state)
{
    const size_t sizes[] = {0, 1, sizeof(size_t), sizeof(struct first) - 1};
    struct present in = {.path = "p"}, out;
    struct lc_error error;

    (void)state;
    EXPECT_CASES(sizes, 4);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        error = (struct lc_error){0};
        in.size = sizes[i];
        assert_int_equal(LC_OPTIONS_COPY(&out, &in, count, &error), LC_ERR_USAGE);
        assert_non_null(strstr(error.message, "too small"));
    }
}

/* Every public function with options first refuses a struct whose size is not set. */
static void test_public_functions_look_at_the_size(void **state)
{
    static const struct lc_check_options check;
    static const struct lc_verify_options verify;
    static const struct lc_index_check_options examiner;
    static const struct lc_selection none;
    static const struct lc_baseline_options baseline;
    static const struct lc_report_options report;
    static const struct lc_diff_options diff;
    struct lc_baseline_counts counts;
    struct lc_index *index = NULL;
    struct lc_view *view = NULL;
    bool equal;

    (void)state;
    assert_int_equal(lc_check(&check, &index, NULL), LC_ERR_USAGE);
    assert_int_equal(lc_verify(&verify, &index, NULL), LC_ERR_USAGE);
    assert_int_equal(lc_index_check(NULL, 0, &examiner, NULL), LC_ERR_USAGE);
    assert_int_equal(lc_view_new(NULL, &none, &view, NULL), LC_ERR_USAGE);
    assert_int_equal(lc_baseline_write(NULL, &none, &baseline, NULL, &counts, NULL),
                     LC_ERR_USAGE);
    assert_int_equal(lc_report_write(NULL, &report, NULL, NULL), LC_ERR_USAGE);
    assert_int_equal(lc_diff_write(NULL, NULL, &diff, NULL, &equal, NULL), LC_ERR_USAGE);
    assert_null(index);
    assert_null(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_struct_of_this_version_is_copied),
        cmocka_unit_test(test_what_an_older_struct_lacks_is_zero),
        cmocka_unit_test(test_newer_struct_may_only_add_zeros),
        cmocka_unit_test(test_size_that_is_not_set_is_an_error),
        cmocka_unit_test(test_public_functions_look_at_the_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
