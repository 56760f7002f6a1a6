/* test_ids.c - ids sorted by hash and row, compared with a sort by comparison */
#include "scan/common/ids.h"

#include "unit.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

static int by_hash_and_row(const void *a, const void *b)
{
    const struct lc_row_id *x = a, *y = b;
    int order = lc_hash_compare(&x->hash, &y->hash);

    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Make the ids of count rows; every repeat-th row has the id of an earlier one. */
static struct lc_row_id *make_ids(size_t count, size_t repeat)
{
    struct lc_row_id *ids = malloc((count + 1) * sizeof(*ids));

    assert_non_null(ids);
    for (size_t i = 0; i < count; i++) {
        size_t text = repeat && i % repeat == 0 ? i / 7 : i;

        ids[i] = (struct lc_row_id){lc_hash_bytes(&text, sizeof(text)), i};
    }
    return ids;
}

static void sorts_as_comparison_does(void **state)
{
    static const struct {
        size_t count;
        size_t repeat;
    } cases[] = {{0, 0},  {1, 0},    {2, 1},     {3, 0},     {4, 0},     {5, 2},
                 {17, 3}, {1000, 0}, {1000, 1},  {65536, 5}, {65537, 0}, {300000, 3},
                 {50, 1}, {4096, 2}, {4097, 64}, {100000, 1}};

    (void)state;
    EXPECT_CASES(cases, 16);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lc_row_id *ids = make_ids(cases[i].count, cases[i].repeat);
        struct lc_row_id *wanted = make_ids(cases[i].count, cases[i].repeat);

        qsort(wanted, cases[i].count, sizeof(*wanted), by_hash_and_row);
        assert_int_equal(lc_row_ids_sort(&ids, cases[i].count, NULL), LC_OK);
        assert_memory_equal(ids, wanted, cases[i].count * sizeof(*ids));
        free(ids);
        free(wanted);
    }
}

/* All rows have the same id: a single bucket holds them all, already sorted. */
static void one_id_on_all_rows(void **state)
{
    const size_t count = 2000000;
    struct lc_row_id *ids = malloc(count * sizeof(*ids));

    (void)state;
    assert_non_null(ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = (struct lc_row_id){lc_hash_bytes("same", 4), i};
    assert_int_equal(lc_row_ids_sort(&ids, count, NULL), LC_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(ids[i].row, i);
    free(ids);
}

/* Hashes with the same first half, descending by the second, as those of one question
 * with many answers may be: sorting must not take quadratic time. */
static void one_half_on_all_rows(void **state)
{
    const size_t count = 300000;
    struct lc_row_id *ids = calloc(count, sizeof(*ids));

    (void)state;
    assert_non_null(ids);
    for (size_t i = 0; i < count; i++) {
        uint64_t half = htobe64((count - i) / 2);

        memset(ids[i].hash.bytes, 0x77, 8);
        memcpy(ids[i].hash.bytes + 8, &half, sizeof(half));
        ids[i].row = i;
    }
    assert_int_equal(lc_row_ids_sort(&ids, count, NULL), LC_OK);
    for (size_t i = 1; i < count; i++)
        assert_true(by_hash_and_row(&ids[i - 1], &ids[i]) < 0);
    free(ids);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_as_comparison_does),
        cmocka_unit_test(one_id_on_all_rows),
        cmocka_unit_test(one_half_on_all_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
