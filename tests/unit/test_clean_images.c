/* test_clean_images.c - images that others change between the check and the copy */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "llava_check/clean.h"
#include "store/tree.h"

enum { PATH = 256 };

static char root[64];

static const char *inside(const char *name)
{
    static char path[4][PATH];
    static unsigned turn;
    char *out = path[turn++ % 4];

    snprintf(out, PATH, "%s/%s", root, name);
    return out;
}

static void put(const char *name, const char *text, size_t size)
{
    FILE *file = fopen(inside(name), "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* A BMP of a black pixel, and one of a white one. */
static const char black[] =
    "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0"
    "\x18\0\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
static const char white[] =
    "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0"
    "\x18\0\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377\377\377";

static int make_root(void **state)
{
    static const char rows[] =
        "[{\"id\":1,\"image\":\"a.bmp\",\"conversations\":[{\"from\":\"human\",\"value\":"
        "\"<image>\\nWhat?\"},{\"from\":\"gpt\",\"value\":\"This.\"}]}]";

    (void)state;
    snprintf(root, sizeof(root), "/tmp/llava-check-clean-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(mkdir(inside("images"), 0700), 0);
    assert_int_equal(mkdir(inside("new"), 0700), 0);
    put("images/a.bmp", black, sizeof(black) - 1);
    put("rows.json", rows, sizeof(rows) - 1);
    return 0;
}

static int remove_entry(const char *path, const struct stat *st, int flag,
                        struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void change_bytes(void)
{
    put("images/a.bmp", white, sizeof(white) - 1);
}

static void change_size(void)
{
    put("images/a.bmp", white, 9);
}

static void remove_image(void)
{
    assert_int_equal(unlink(inside("images/a.bmp")), 0);
}

static void make_folder(void)
{
    remove_image();
    assert_int_equal(mkdir(inside("images/a.bmp"), 0700), 0);
}

static void make_fifo(void)
{
    remove_image();
    assert_int_equal(mkfifo(inside("images/a.bmp"), 0700), 0);
}

static void make_link(void)
{
    remove_image();
    put("other.bmp", white, sizeof(white) - 1);
    assert_int_equal(symlink("../other.bmp", inside("images/a.bmp")), 0);
}

static void (*const changes[])(void) = {change_bytes, change_size, remove_image,
                                        make_folder,  make_fifo,   make_link};
EXPECT_CASES(changes, 6);

static struct lc_clean *check(enum lc_clean_images how)
{
    const char *path = inside("rows.json"), *drop = "ROW210";
    const struct lc_check_options checked = {.size = sizeof(checked),
                                             .paths = &path,
                                             .path_count = 1,
                                             .no_index = true,
                                             .threads = 2,
                                             .images = inside("images")};
    const struct lc_clean_options options = {.size = sizeof(options),
                                             .check = &checked,
                                             .name = "out.json",
                                             .drop = &drop,
                                             .drop_count = 1,
                                             .images = how};
    struct lc_clean *clean = NULL;
    struct lc_error error = {0};

    if (lc_clean_new(&options, &clean, &error) != LC_OK)
        fail_msg("%s", error.message);
    return clean;
}

static void what_changed_since_the_check_is_named(void **state)
{
    static const enum lc_clean_images kinds[] = {
        LC_CLEAN_IMAGES_COPY, LC_CLEAN_IMAGES_SYMBOLIC, LC_CLEAN_IMAGES_HARD};

    for (size_t i = 0; i < COUNT(changes); i++)
        for (size_t kind = 0; kind < COUNT(kinds); kind++) {
            struct lc_error error = {0};
            struct lc_clean *clean;
            struct stat st;

            assert_int_equal(make_root(state), 0);
            clean = check(kinds[kind]);
            changes[i]();
            assert_int_equal(lc_clean_place_images(clean, inside("new"), &error),
                             LC_ERR_IO);
            assert_string_equal(error.message,
                                "a.bmp: the image changed since it was checked: run the "
                                "command again");
            assert_int_not_equal(lstat(inside("new/a.bmp"), &st), 0);
            assert_int_equal(rmdir(inside("new")), 0); /* it is empty */
            lc_clean_free(clean);
            assert_int_equal(remove_root(state), 0);
        }
}

static void what_did_not_change_is_placed(void **state)
{
    struct lc_error error = {0};
    struct lc_clean *clean;
    struct stat st;

    assert_int_equal(make_root(state), 0);
    for (int i = 0; i < 2; i++) {
        clean = check(LC_CLEAN_IMAGES_COPY);
        for (int time = 0; time < 2;
             time++) { /* the files that this run placed are new */
            assert_int_equal(lc_clean_place_images(clean, inside("new"), &error), LC_OK);
            assert_int_equal(lc_clean_counts(clean)->placed, 1);
            assert_int_equal(lc_clean_counts(clean)->placed_before, i);
            assert_int_equal(lc_clean_counts(clean)->placed_bytes, sizeof(black) - 1);
        }
        lc_clean_free(clean);
    }
    assert_int_equal(stat(inside("new/a.bmp"), &st), 0);
    assert_int_equal(st.st_size, sizeof(black) - 1);
    assert_int_equal(remove_root(state), 0);
}

/* ---- the tree by itself ---- */

static void paths_stay_in_the_tree(void **state)
{
    static const struct {
        const char *path;
        bool goes;
    } cases[] = {{"a", true},       {"a/b", true},     {"a//b", true},
                 {"./a/./b", true}, {"/a/b", true},    {"a/..b", true},
                 {"a/../b", false}, {"../b", false},   {"a/b/..", true},
                 {"...", true},     {"link/b", false}, {"a/link/b", false},
                 {"file/b", false}};
    struct lc_tree_place place = {0};
    struct lc_tree *tree = NULL;
    struct stat st;

    assert_int_equal(make_root(state), 0);
    assert_int_equal(mkdir(inside("new/a"), 0700), 0);
    assert_int_equal(symlink("..", inside("new/link")), 0);
    assert_int_equal(symlink("/tmp", inside("new/a/link")), 0);
    put("new/file", "x", 1);
    assert_int_equal(lc_tree_open(inside("new"), &tree, NULL), LC_OK);
    place.tree = tree;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum lc_tree_kind kind;
        uint64_t size;
        int fd;

        assert_int_equal(lc_tree_go(&place, cases[i].path, NULL) == LC_OK, cases[i].goes);
        if (cases[i].goes) {
            assert_int_equal(lc_tree_look(&place, &kind, &fd, &size, NULL), LC_OK);
            assert_true(kind == LC_TREE_NOTHING || kind == LC_TREE_OTHER);
        }
    }
    lc_tree_place_clear(&place);
    lc_tree_close(tree);
    assert_int_not_equal(lstat(inside("b"), &st), 0);
    assert_int_equal(remove_root(state), 0);
}

static void a_name_is_taken_once(void **state)
{
    struct lc_tree_place place = {0};
    struct lc_tree *tree = NULL;
    bool there;

    assert_int_equal(make_root(state), 0);
    assert_int_equal(lc_tree_open(inside("new"), &tree, NULL), LC_OK);
    place.tree = tree;
    assert_int_equal(lc_tree_go(&place, "deep/er/a", NULL), LC_OK);
    for (int i = 0; i < 3; i++) {
        struct lc_tree_file file;

        assert_int_equal(lc_tree_file_new(&place, &file, NULL), LC_OK);
        assert_int_equal(write(file.fd, "x", 1), 1);
        if (i < 2) {
            assert_int_equal(lc_tree_file_name(&place, &file, &there, NULL), LC_OK);
            assert_int_equal(there, i > 0);
        }
        lc_tree_file_end(&place, &file);
    }
    assert_int_equal(lc_tree_symlink(&place, "x", &there, NULL), LC_OK);
    assert_true(there);
    assert_int_equal(lc_tree_sync(tree, NULL), LC_OK);
    lc_tree_place_clear(&place);
    lc_tree_close(tree);
    assert_int_equal(unlink(inside("new/deep/er/a")), 0);
    assert_int_equal(rmdir(inside("new/deep/er")), 0); /* no other files are left */
    assert_int_equal(remove_root(state), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changed_since_the_check_is_named),
        cmocka_unit_test(what_did_not_change_is_placed),
        cmocka_unit_test(paths_stay_in_the_tree),
        cmocka_unit_test(a_name_is_taken_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
