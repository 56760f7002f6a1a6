#include "base/near.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"check",     "report",     "verify", "threads",
                                    "fail-on",   "index",      "CNV303", "CNV310",
                                    "llava-1.5", "llava-next", "",       NULL};

static const char *name_at(const void *list, size_t index)
{
    return ((const char *const *)list)[index];
}

static void test_near(void **state)
{
    static const struct {
        const char *word;
        const char *near;
    } cases[] = {
        {"chekc", "check"},
        {"chek", "check"},
        {"CHECK", "check"},
        {"reprot", "report"},
        {"thread", "threads"},
        {"thraeds", "threads"},
        {"threds", "threads"},
        {"tread", NULL},
        {"fail", "fail-on"},
        {"fa", NULL},
        {"CNV30", "CNV303"},
        {"CNV999", NULL},
        {"cnv313", "CNV303"},
        {"llava", NULL},
        {"llava-n", "llava-next"},
        {"llava-1.6", "llava-1.5"},
        {"", NULL},
        {"x", NULL},
        {"ind", "index"},
        {"something-that-is-longer-than-any-name", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *near =
            lc_nearest_name(cases[i].word, strlen(cases[i].word), name_at, names);

        if (!cases[i].near)
            assert_null(near);
        else
            assert_string_equal(near, cases[i].near);
    }
}

static void test_only_the_words_bytes_count(void **state)
{
    (void)state;
    assert_string_equal(lc_nearest_name("indexes=3", 5, name_at, names), "index");
    assert_string_equal(lc_nearest_name("chekc=3", 5, name_at, names), "check");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near),
        cmocka_unit_test(test_only_the_words_bytes_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
