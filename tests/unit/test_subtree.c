/* test_subtree.c - src/dataset/subtree: what a walk visits, in which order, and how far
 */
#include "unit.h"

#include "dataset/subtree.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lc_subtree_limits far = {
    .depth = 20, .entries = 100000, .time_ns = INT64_MAX / 2};

struct listing {
    char text[2048];
    size_t size;
    const char *root;
    const char *until; /* ends the walk */
};

static bool wants(void *user, const char *name, bool is_folder)
{
    (void)user;
    return is_folder ? name[0] == 'w' : name[0] != 'n';
}

static enum lc_status visit(void *user, const char *folder, const char *name,
                            bool is_folder, bool *done, struct lc_error *err)
{
    struct listing *list = user;
    const char *below = folder + strlen(list->root);

    (void)err;
    list->size +=
        (size_t)snprintf(list->text + list->size, sizeof(list->text) - list->size,
                         "%s/%s%s ", below, name, is_folder ? "/" : "");
    assert_true(list->size < sizeof(list->text));
    *done = list->until && strcmp(name, list->until) == 0;
    return LC_OK;
}

static char root[64];

static void make_entry(const char *name, bool is_folder)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", root, name);
    if (is_folder) {
        assert_int_equal(mkdir(path, 0755), 0);
        return;
    }
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static int make_tree(void **state)
{
    static const char *const folders[] = {
        "b",    "a",       "a/deep",       "a/deep/er",
        "want", ".hidden", "node_modules", "__pycache__"};
    static const char *const files[] = {"z",
                                        "1",
                                        "n",
                                        "b/2",
                                        "a/3",
                                        "a/deep/4",
                                        "a/deep/er/5",
                                        ".hidden/6",
                                        "node_modules/7",
                                        ".8",
                                        "__pycache__/9",
                                        "want/0"};
    char link[128];

    (void)state;
    snprintf(root, sizeof(root), "/tmp/lc-subtree-XXXXXX");
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < COUNT(folders); i++)
        make_entry(folders[i], true);
    for (size_t i = 0; i < COUNT(files); i++)
        make_entry(files[i], false);
    snprintf(link, sizeof(link), "%s/b/up", root);
    return symlink("..", link);
}

static int remove_tree(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -r '%s'", root);
    return system(command); /* NOLINT(cert-env33-c): made by this test */
}

static struct lc_subtree_bounds walk(const struct lc_subtree_limits *limits,
                                     const char *until, const char *wanted)
{
    struct listing list = {.root = root, .until = until};
    const struct lc_subtree_visitor visitor = {&list, wants, visit};
    struct lc_subtree_bounds bounds;

    assert_int_equal(lc_subtree_walk(root, limits, &visitor, &bounds, NULL), LC_OK);
    assert_string_equal(list.text, wanted);
    return bounds;
}

/* Near folders come first, sorted by name; links count as files. */
static void visits_all(void **state)
{
    struct lc_subtree_bounds bounds =
        walk(&far, NULL, "/1 /want/ /z /a/3 /b/2 /b/up /want/0 /a/deep/4 /a/deep/er/5 ");

    (void)state;
    assert_false(bounds.depth || bounds.entries || bounds.time);
}

static void ends_when_done(void **state)
{
    (void)state;
    (void)walk(&far, "3", "/1 /want/ /z /a/3 ");
}

static void stops_at_its_limits(void **state)
{
    struct lc_subtree_limits limits = far;
    struct lc_subtree_bounds bounds;

    (void)state;
    limits.depth = 1;
    bounds = walk(&limits, NULL, "/1 /want/ /z /a/3 /b/2 /b/up /want/0 ");
    assert_true(bounds.depth && !bounds.entries && !bounds.time);
    limits = far;
    limits.entries = 8; /* six in the first folder, two in a/ */
    bounds = walk(&limits, NULL, "/1 /want/ /z /a/3 ");
    assert_true(bounds.entries && !bounds.depth && !bounds.time);
    limits = far;
    limits.time_ns = -1;
    bounds = walk(&limits, NULL, "");
    assert_true(bounds.time && !bounds.depth && !bounds.entries);
}

static void passes_over_what_is_not_there(void **state)
{
    struct listing list = {.root = root};
    const struct lc_subtree_visitor visitor = {&list, wants, visit};
    struct lc_subtree_bounds bounds;

    (void)state;
    assert_int_equal(lc_subtree_walk("/nowhere", &far, &visitor, &bounds, NULL), LC_OK);
    assert_int_equal(list.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(visits_all),
        cmocka_unit_test(ends_when_done),
        cmocka_unit_test(stops_at_its_limits),
        cmocka_unit_test(passes_over_what_is_not_there),
    };

    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
