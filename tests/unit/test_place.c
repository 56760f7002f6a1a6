/* test_place.c - which folder an index goes to, by the environment and existing folders
 */
#include "unit.h"

#include <sys/stat.h>

#include "base/hash.h"
#include "scan/place.h"

static char folder[64];

static int enter(void **state)
{
    (void)state;
    make_scratch(folder);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    remove_scratch(folder);
    return 0;
}

static void set(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void make_folder(const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

/* Relative paths in the environment are ignored: XDG Base Directory Specification. */
static void test_cache_folder(void **state)
{
    static const struct {
        const char *cache, *home;
        const char *where; /* NULL: refused */
    } cases[] = {
        {"/c", "/h", "/c/llava-check/"},
        {"/c", NULL, "/c/llava-check/"},
        {"/c", "h", "/c/llava-check/"},
        {NULL, "/h", "/h/.cache/llava-check/"},
        {"", "/h", "/h/.cache/llava-check/"},
        {"c", "/h", "/h/.cache/llava-check/"},
        {NULL, NULL, NULL},
        {"c", "h", NULL},
        {"", "", NULL},
    };
    EXPECT_CASES(cases, 9);
    struct lc_hash hash;
    char name[33], wanted[128], *real = realpath(folder, NULL);

    (void)state;
    assert_non_null(real);
    hash = lc_hash_bytes(real, strlen(real));
    free(real);
    lc_hash_hex(&hash, name);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_error err = {0};
        char *got = NULL;
        enum lc_status status;

        set("XDG_CACHE_HOME", cases[i].cache);
        set("HOME", cases[i].home);
        status = lc_place_index_in_cache(folder, NULL, &got, &err);
        assert_int_equal(status, cases[i].where ? LC_OK : LC_ERR_IO);
        if (status == LC_OK) {
            snprintf(wanted, sizeof(wanted), "%s%s", cases[i].where, name);
            assert_string_equal(got, wanted);
        }
        free(got);
    }
}

static void test_cache_folder_of_one_file(void **state)
{
    struct lc_error err = {0};
    char *all = NULL, *one = NULL, wanted[256];

    (void)state;
    set("XDG_CACHE_HOME", folder);
    assert_int_equal(lc_place_index_in_cache(folder, NULL, &all, &err), LC_OK);
    assert_int_equal(lc_place_index_in_cache(folder, "rows.json", &one, &err), LC_OK);
    snprintf(wanted, sizeof(wanted), "%s/rows.json", all);
    assert_string_equal(one, wanted);
    free(all);
    free(one);
    one = NULL;
    assert_int_equal(lc_place_index_in_cache("/nowhere/at/all", NULL, &one, &err),
                     LC_ERR_IO);
    assert_null(one);
}

static void test_folder_in_the_data(void **state)
{
    struct lc_error err = {0};
    char *got = NULL, path[128], wanted[128];

    (void)state;
    set("XDG_CACHE_HOME", "/nowhere");
    snprintf(wanted, sizeof(wanted), "%s/.llava-check", folder);
    for (int made = 0; made < 2; made++) { /* writable, and one that is there already */
        assert_int_equal(lc_place_index(folder, NULL, NULL, true, &got, &err), LC_OK);
        assert_string_equal(got, wanted);
        free(got);
        got = NULL;
        if (!made)
            make_folder(".llava-check");
    }
    assert_int_equal(lc_place_index(folder, NULL, "/x//y/", true, &got, &err), LC_OK);
    assert_string_equal(got, "/x/y");
    free(got);
    got = NULL;
    snprintf(path, sizeof(path), "%s/.llava-check/rows.json", folder);
    assert_int_equal(symlink("/tmp", path), 0);
    assert_int_equal(lc_place_index(folder, "rows.json", NULL, true, &got, &err),
                     LC_ERR_USAGE);
    free(got);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cache_folder, enter, leave),
        cmocka_unit_test_setup_teardown(test_cache_folder_of_one_file, enter, leave),
        cmocka_unit_test_setup_teardown(test_folder_in_the_data, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
