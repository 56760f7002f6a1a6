/* test_path.c - src/base/path: joining, tidying, taking apart */
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>

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

        assert_int_equal(lc_path_normalize(cases[i].path, &path, NULL), LC_OK);
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

/* Folders in a scratch folder:   a/b  a/bc  ab  link -> a/b */
static char scratch[64];

static int enter(void **state)
{
    static const char *const folders[] = {"a", "a/b", "a/bc", "ab"};
    char path[128];

    (void)state;
    make_scratch(scratch);
    for (size_t i = 0; i < COUNT(folders); i++) {
        snprintf(path, sizeof(path), "%s/%s", scratch, folders[i]);
        if (mkdir(path, 0700) != 0)
            return 1;
    }
    snprintf(path, sizeof(path), "%s/link", scratch);
    return symlink("a/b", path);
}

static int leave(void **state)
{
    (void)state;
    remove_scratch(scratch);
    return 0;
}

/* Files need not exist: only their folders are resolved. */
static void relative(void **state)
{
    static const struct {
        const char *folder, *path, *relative;
    } cases[] = {
        {"a", "a/x", "x"},
        {"a", "a/b/x", "b/x"},
        {"a/b", "a/x", "../x"},
        {"a/b", "ab/x", "../../ab/x"},
        {"a/b", "a/bc/x", "../bc/x"}, /* b is not a component of bc */
        {"a/bc", "a/b/x", "../b/x"},
        {"a", "ab/x", "../ab/x"},
        {"ab", "a/x", "../a/x"},
        {"a/b", "x", "../../x"},
        {".", "x", "x"},
        {".", "a/b/x", "a/b/x"},
        {"a/../a/./b/", "a//b/../bc/x", "../bc/x"},
        {"link", "a/x", "../x"}, /* by the link's target */
        {"a", "link/x", "b/x"},
        {"a", "link", "../link"}, /* the last component is kept */
        {"link", "link/x", "x"},
        {"a", "a/b", "b"},
        {"a", "a", "../a"},
    };
    EXPECT_CASES(cases, 18);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char folder[128], path[128], *got = NULL;

        snprintf(folder, sizeof(folder), "%s/%s", scratch, cases[i].folder);
        snprintf(path, sizeof(path), "%s/%s", scratch, cases[i].path);
        assert_int_equal(lc_path_relative(folder, path, &got, NULL), LC_OK);
        if (strcmp(got, cases[i].relative) != 0)
            fail_msg("%s in %s: %s", cases[i].path, cases[i].folder, got);
        free(got);
    }
}

/* From and to the top of the tree, and of relative paths. */
static void relative_to_the_top(void **state)
{
    static const struct {
        const char *folder, *path, *relative;
    } cases[] = {
        {"/", "/x", "x"},        {"/", "/proc/x", "proc/x"},
        {"/proc", "/x", "../x"}, {"/proc/sys", "/x", "../../x"},
        {".", "x", "x"},
    };
    EXPECT_CASES(cases, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *got = NULL;

        assert_int_equal(lc_path_relative(cases[i].folder, cases[i].path, &got, NULL),
                         LC_OK);
        if (strcmp(got, cases[i].relative) != 0)
            fail_msg("%s in %s: %s", cases[i].path, cases[i].folder, got);
        free(got);
    }
}

static void relative_to_nothing(void **state)
{
    char none[128], there[128], *got = NULL;
    struct lc_error error = {0};

    (void)state;
    snprintf(none, sizeof(none), "%s/none/x", scratch);
    snprintf(there, sizeof(there), "%s/a", scratch);
    assert_int_equal(lc_path_relative(there, none, &got, &error), LC_ERR_IO);
    assert_int_equal(error.os_errno, ENOENT);
    free(got);
    got = NULL;
    assert_int_equal(lc_path_relative(none, there, &got, NULL), LC_ERR_IO);
    free(got);
}

/* A path that cannot be looked at is an error, which tests/faults provokes. */
static void looks(void **state)
{
    static const struct {
        const char *path;
        enum lc_path_kind kind;
    } cases[] = {
        {"/", LC_PATH_FOLDER},          {"/none", LC_PATH_MISSING},
        {"/proc/self", LC_PATH_FOLDER}, {"/proc/self/exe", LC_PATH_FILE},
        {"/dev/null", LC_PATH_OTHER},   {"/dev/null/x", LC_PATH_MISSING},
    };
    char far[5000];
    enum lc_path_kind kind;
    EXPECT_CASES(cases, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(lc_path_probe(cases[i].path, &kind, NULL), LC_OK);
        assert_int_equal(kind, cases[i].kind);
    }
    memset(far, 'x', sizeof(far) - 1);
    far[sizeof(far) - 1] = '\0';
    assert_int_equal(lc_path_probe(far, &kind, NULL), LC_OK);
    assert_int_equal(kind, LC_PATH_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins),
        cmocka_unit_test(tidies),
        cmocka_unit_test(parents_and_names),
        cmocka_unit_test(ends),
        cmocka_unit_test(looks),
        cmocka_unit_test_setup_teardown(relative, enter, leave),
        cmocka_unit_test(relative_to_the_top),
        cmocka_unit_test_setup_teardown(relative_to_nothing, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
