/* test_names.c - src/scan/archives/names: the layout that members of an archive vote for
 */
#include "unit.h"

#include "scan/archives/names.h"

enum { MOST = 3 };

static void add_path(struct lc_paths *paths, const char *path)
{
    struct lc_hash hash = lc_hash_bytes(path, strlen(path));
    uint32_t number;

    assert_int_equal(lc_paths_add(paths, span(path), &hash, &number, NULL), LC_OK);
}

/* The layout for members of an archive, as "+added" or "-removed". */
static void layout_of(const char *const *images, const char *const *members,
                      const char *stem, char out[64], size_t *votes)
{
    struct lc_paths paths = {0};
    struct lc_links links = {.paths = &paths};
    struct lc_names *names = NULL;
    struct lc_member_votes all = {0};
    struct lc_member_layout layout = {0};

    for (; links.count < MOST && images[links.count]; links.count++)
        add_path(&paths, images[links.count]);
    assert_int_equal(lc_paths_sort(&paths, &links.order, NULL), LC_OK);
    assert_int_equal(lc_names_new(&links, false, &names, NULL), LC_OK);
    for (size_t i = 0; i < MOST && members[i]; i++)
        assert_int_equal(lc_member_layout_vote(names, span(members[i]), &all, NULL),
                         LC_OK);
    assert_int_equal(lc_member_layout_choose(&all, span(stem), &layout, votes, NULL),
                     LC_OK);
    assert_true(!layout.added.size || !layout.removed.size);
    out[0] = 0;
    if (layout.added.size)
        snprintf(out, 64, "+%.*s", (int)layout.added.size, layout.added.data);
    if (layout.removed.size)
        snprintf(out, 64, "-%.*s", (int)layout.removed.size, layout.removed.data);
    lc_member_layout_clear(&layout);
    lc_member_votes_clear(&all);
    lc_names_free(names);
    lc_links_clear(&links);
    lc_paths_clear(&paths);
}

static void layouts(void **state)
{
    static const struct {
        const char *images[MOST], *members[MOST], *stem, *layout;
        size_t votes;
    } cases[] = {
        {{"1.jpg"}, {"1.jpg"}, "", "", 1},
        {{"a/1.jpg"}, {"1.jpg"}, "", "+a/", 1},
        {{"1.jpg"}, {"a/b/1.jpg"}, "", "-a/b/", 1},
        {{"./a//1.jpg"}, {"1.jpg"}, "", "+a/", 1},
        {{"1.jpg"}, {"2.jpg"}, "", "", 0},
        {{"a1.jpg"}, {"1.jpg"}, "", "", 0},
        {{"../1.jpg"}, {"1.jpg"}, "", "", 0},
        /* the most votes; then no change; then the archive's name */
        {{"1.jpg", "b/1.jpg", "b/2.jpg"}, {"1.jpg", "2.jpg"}, "", "+b/", 2},
        {{"1.jpg", "a/1.jpg"}, {"1.jpg"}, "a", "", 1},
        {{"aaa/1.jpg", "z/1.jpg"}, {"1.jpg"}, "aaa", "+aaa/", 1},
        {{"b/aaa/1.jpg", "z/1.jpg"}, {"1.jpg"}, "aaa", "+b/aaa/", 1},
        {{"1.jpg", "a/zz/1.jpg"}, {"zz/1.jpg"}, "zz", "+a/", 1},
        /* then the shorter one, then the first by its bytes, whoever votes first */
        {{"aaa/1.jpg", "z/1.jpg"}, {"1.jpg"}, "", "+z/", 1},
        {{"aaa/2.jpg", "z/1.jpg"}, {"1.jpg", "2.jpg"}, "", "+z/", 1},
        {{"a/2.jpg", "b/1.jpg"}, {"1.jpg", "2.jpg"}, "", "+a/", 1},
        {{"a/1.jpg", "b/2.jpg"}, {"1.jpg", "2.jpg"}, "", "+a/", 1},
    };

    (void)state;
    EXPECT_CASES(cases, 16);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char got[64];
        size_t votes;

        layout_of(cases[i].images, cases[i].members, cases[i].stem, got, &votes);
        if (strcmp(got, cases[i].layout) != 0 || votes != cases[i].votes)
            fail_msg("case %zu: '%s' with %zu votes", i, got, votes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
