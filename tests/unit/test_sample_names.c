/* test_sample_names.c - keys and suffixes of members, compared with webdataset's regular
 * expression */
#include "unit.h"

#include <string.h>

#include "dataset/sample_names.h"

#define LONGEST 7

/* Match ^((?:.*\/|)[^.]+)[.]([^\/]*)$ by trying all ways, the longest first part first,
 * as Python does (webdataset 1.0.2, tariterators.py). Returns the size of the key; 0: no
 * match. */
static size_t match(const char *name, size_t size)
{
    for (size_t from = size + 1; from-- > 0;) {
        if (from && (name[from - 1] != '/' || memchr(name, '\n', from)))
            continue;
        for (size_t end = size; end-- > from + 1;)
            if (name[end] == '.' && !memchr(name + from, '.', end - from) &&
                !memchr(name + end, '/', size - end))
                return end;
    }
    return 0;
}

static void names_are_split_as_webdataset_splits_them(void **state)
{
    static const char letters[] = "a./\n";
    size_t names = 0, matched = 0;

    (void)state;
    for (size_t size = 1; size <= LONGEST; size++) {
        for (size_t which = 0; which < (size_t)1 << 2 * size; which++) {
            char name[LONGEST];
            struct lc_span key = {0}, suffix = {0};
            size_t want;

            for (size_t i = 0; i < size; i++)
                name[i] = letters[which >> 2 * i & 3];
            want = match(name, size);
            assert_int_equal(lc_shard_split((struct lc_span){name, size}, &key, &suffix),
                             want > 0);
            if (want) {
                assert_int_equal(key.size, want);
                assert_int_equal(suffix.size, size - want - 1);
            }
            names++;
            matched += want > 0;
        }
    }
    assert_int_equal(names, 21844);
    assert_true(matched > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_split_as_webdataset_splits_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
