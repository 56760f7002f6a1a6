/* test_paths.c - the image paths of a data set: each once, sorted by their bytes */
#include "unit.h"

#include "scan/common/paths.h"

static struct lc_hash hash_of(struct lc_span path)
{
    return lc_hash_bytes(path.text, path.size);
}

/* Make a path that resembles others: it has few different letters, among them NUL. */
static struct lc_span make_path(uint64_t *state, char text[64])
{
    static const char letters[] = {'\0', 'a', 'b', '/', (char)0xFF};
    size_t common = next_random(state) % 3 * 12, size = common + next_random(state) % 20;

    memset(text, 'p', common);
    for (size_t i = common; i < size; i++)
        text[i] = letters[next_random(state) % sizeof(letters)];
    return (struct lc_span){text, size};
}

static bool is_before(struct lc_span a, struct lc_span b)
{
    int order = memcmp(a.text, b.text, a.size < b.size ? a.size : b.size);

    return order ? order < 0 : a.size < b.size;
}

static void add(struct lc_paths *paths, struct lc_span path, uint32_t *number)
{
    struct lc_hash hash = hash_of(path);

    for (int step = 0; step < 3; step++)
        lc_paths_prefetch(paths, &hash, step);
    assert_int_equal(lc_paths_add(paths, path, &hash, number, NULL), LC_OK);
    assert_true(lc_paths_has(paths, path, &hash));
}

static void expect_sorted(const struct lc_paths *paths)
{
    uint32_t *order = NULL;
    uint8_t *seen = calloc(paths->count + 1, 1);

    assert_non_null(seen);
    assert_int_equal(lc_paths_sort(paths, &order, NULL), LC_OK);
    for (size_t i = 0; i < paths->count; i++) {
        assert_true(order[i] < paths->count && !seen[order[i]]++);
        assert_true(i == 0 || is_before(lc_paths_get(paths, order[i - 1]),
                                        lc_paths_get(paths, order[i])));
    }
    free(order);
    free(seen);
}

static void many_alike(void **state)
{
    static const size_t counts[] = {0, 1, 2, 16, 17, 100, 5000, 40000};
    EXPECT_CASES(counts, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct lc_paths paths = {0};
        uint64_t random = 1 + i;
        struct lc_hash none = hash_of(span("none"));

        assert_false(lc_paths_has(&paths, span("none"), &none));
        for (size_t n = 0; n < counts[i]; n++) {
            char text[64];
            struct lc_span path = make_path(&random, text);
            size_t before = paths.count;
            uint32_t number, again;

            add(&paths, path, &number);
            assert_true(number <= before && paths.count - before <= 1);
            add(&paths, path, &again);
            assert_int_equal(again, number);
        }
        assert_false(lc_paths_has(&paths, span("none"), &none));
        expect_sorted(&paths);
        lc_paths_clear(&paths);
    }
}

/* Each path is a prefix of the next; the last ones differ only in NULs. */
static void each_within_the_next(void **state)
{
    enum { LONGEST = 70000, STEP = 997 };
    static char text[LONGEST];
    struct lc_paths paths = {0};
    uint32_t number;

    (void)state;
    memset(text, 'x', 40000);
    for (size_t size = LONGEST; size > STEP; size -= STEP)
        add(&paths, (struct lc_span){text, size}, &number);
    for (size_t size = LONGEST - 40; size < LONGEST; size++)
        add(&paths, (struct lc_span){text, size}, &number);
    expect_sorted(&paths);
    lc_paths_clear(&paths);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_alike),
        cmocka_unit_test(each_within_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
