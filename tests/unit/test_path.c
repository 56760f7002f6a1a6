/* test_path.c - src/base/path: joining, tidying, taking apart */
#include "unit.h"

#include "base/path.h"

static void joins(void **state)
{
    static const struct {
        const char *folder, *name, *path;
    } cases[] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"},      {"", "b", "b"},
        {".", "b", "b"},   {"a", ".", "a"},    {"a", "b/c", "a/b/c"}, {"..", "b", "../b"},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *path = NULL;

        assert_int_equal(lc_path_join(cases[i].folder, cases[i].name, &path, NULL),
                         LC_OK);
        assert_string_equal(path, cases[i].path);
        free(path);
    }
}

static void tidies(void **state)
{
    static const struct {
        const char *path, *tidy;
    } cases[] = {
        {"a", "a"},    {"a/", "a"},       {"a//", "a"},       {"./a", "a"},
        {".//a", "a"}, {"././a", "a"},    {"a//b", "a/b"},    {"a///b//", "a/b"},
        {"/", "/"},    {"//", "/"},       {"/a/", "/a"},      {".", "."},
        {"./", "."},   {"..", ".."},      {"../a", "../a"},   {"", "."},
        {".a", ".a"},  {".git/", ".git"}, {"a/./b", "a/./b"},
    };
    EXPECT_CASES(cases, 19);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *path = NULL;

        assert_int_equal(lc_path_tidy(cases[i].path, &path, NULL), LC_OK);
        assert_string_equal(path, cases[i].tidy);
        free(path);
    }
}

static void parents_and_names(void **state)
{
    static const struct {
        const char *path, *parent, *name;
    } cases[] = {
        {"a", ".", "a"},  {"a/b", "a", "b"},   {"a/b/c", "a/b", "c"},
        {"/a", "/", "a"}, {"../a", "..", "a"}, {"/a/b.json", "/a", "b.json"},
    };
    EXPECT_CASES(cases, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *parent = NULL;
        const char *name = lc_path_name(cases[i].path);

        assert_int_equal(lc_path_parent(cases[i].path, &parent, NULL), LC_OK);
        assert_string_equal(parent, cases[i].parent);
        assert_string_equal(name, cases[i].name);
        assert_true(name >= cases[i].path &&
                    name <= cases[i].path + strlen(cases[i].path));
        free(parent);
    }
}

static void ends(void **state)
{
    static const struct {
        const char *path, *suffix;
        bool yes;
    } cases[] = {
        {"a.json", ".json", true}, {"a.JSON", ".json", true}, {"a.jsonl", ".json", false},
        {"json", ".json", false},  {".json", ".json", true},  {"", ".json", false},
    };
    EXPECT_CASES(cases, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(lc_path_ends(cases[i].path, cases[i].suffix), cases[i].yes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins),
        cmocka_unit_test(tidies),
        cmocka_unit_test(parents_and_names),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
