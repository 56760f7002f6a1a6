/* test_nearest.c - src/store: the listing of a folder, and which file is there instead of
 * a missing one */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/nearest.h"

enum { PATH = 512 };

static char root[64];
static struct lc_folder *folder;
static struct lc_listing *listing;
static struct lc_nearest *helper;

static const char *inside(const char *name)
{
    static char path[2][PATH];
    static unsigned turn;
    char *out = path[turn++ % 2];

    snprintf(out, PATH, "%s/%s", root, name);
    return out;
}

/* Create a file and its parent folders. */
static void touch(const char *name)
{
    char path[PATH];

    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof(path), "%s/%.*s", root, (int)(slash - name), name);
        mkdir(path, 0700);
    }
    write_bytes(inside(name), "12345", 5);
}

static int enter(void **state)
{
    (void)state;
    make_scratch(root);
    folder = NULL;
    listing = NULL;
    helper = NULL;
    return lc_folder_open(root, &folder, NULL) != LC_OK ||
           lc_nearest_new(folder, &helper, NULL) != LC_OK;
}

static int leave(void **state)
{
    (void)state;
    lc_nearest_free(helper);
    lc_nearest_free(NULL);
    lc_listing_free(listing);
    lc_listing_free(NULL);
    lc_folder_close(folder);
    remove_scratch(root);
    return 0;
}

static void list(void)
{
    assert_int_equal(lc_listing_new(folder, &listing, NULL), LC_OK);
}

static const char *hint_of(const char *path)
{
    const char *hint = "untouched";
    struct lc_nearest_file file;

    if (lc_nearest_is_broken_link(helper, span(path)))
        return "it is a broken symbolic link";
    assert_int_equal(lc_nearest_find(helper, listing, span(path), &file, NULL), LC_OK);
    assert_int_equal(lc_nearest_describe(helper, span(path), &file, &hint, NULL), LC_OK);
    return hint ? hint : "";
}

static void expect_hint(const char *path, const char *hint)
{
    const char *got = hint_of(path);

    if (strcmp(got, hint) != 0)
        fail_msg("%s: %s\nwanted: %s", path, got, hint);
}

static void hints(void **state)
{
    static const char *const files[] = {
        "a.jpg",
        "images/Cat.jpg",
        "images/dog.png",
        "images/dog.webp",
        "images/noext",
        "images/two.JPG",
        "images/two.png",
        "images/b c'd.jpg",
        "images/.hidden",
        "UP/X.JPEG",
        "COCO/Train2017/0001.jpg",
        "deep/in/there/lonely.jpg",
        "many/1/frame.jpg",
        "many/2/frame.jpg",
        "many/3/in/frame.jpg",
        "caf\u00e9/r\u00e9sum\u00e9.jpg",
        "full\uff21.jpg",
        "latin\xe9.JPG",
        "sign\u2100.jpg",
    };
    static const struct {
        const char *path, *hint;
    } cases[] = {
        {"images/cat.jpg", "there is 'Cat.jpg', in different case"},
        {"images/CAT.JPG", "there is 'Cat.jpg', in different case"},
        {"./images//CAT.JPG", "there is 'Cat.jpg', in different case"},
        {"images/Cat.png", "there is 'Cat.jpg', with another extension"},
        {"images/cat.png", "there is 'Cat.jpg', with another extension and in "
                           "different case"},
        {"images/dog.jpg", "there is 'dog.png', with another extension"},
        {"images/noext.jpg", "there is 'noext', with another extension"},
        {"images/two.jpg", "there is 'two.JPG', in different case"},
        {"images/two", "there is 'two.JPG', with another extension"},
        {"images/B C'D.JPG", "there is 'b c\\x27d.jpg', in different case"},
        {"images/.hidden.jpg", "there is '.hidden', with another extension"},
        {"images/bird.jpg", ""},
        {"images/ca.jpg", ""},
        {"images/cats.jpg", ""},
        {"images/t.jpg", ""}, /* the end of a name is not the name */
        {"a.png", "there is 'a.jpg', with another extension"},
        {"A.jpg", "there is 'a.jpg', in different case"},
        {"up/x.jpg",
         "there is 'UP/X.JPEG', with another extension and in different case"},
        {"coco/train2017/0001.jpg",
         "there is 'COCO/Train2017/0001.jpg', in different case"},
        /* too many folders, or too few */
        {"images/COCO/Train2017/0001.jpg",
         "there is 'COCO/Train2017/0001.jpg', with fewer parent folders"},
        {"x/y/coco/train2017/0001.jpg",
         "there is 'COCO/Train2017/0001.jpg', with fewer parent folders and in "
         "different case"},
        {"x/y/z/a.jpg", "there is 'a.jpg', with fewer parent folders"},
        {"x/a.png", ""}, /* another picture, for all we know */
        {"Train2017/0001.jpg",
         "there is 'COCO/Train2017/0001.jpg', with more parent folders"},
        {"Train2017/0001.png",
         "there is 'COCO/Train2017/0001.jpg', with more parent folders and with "
         "another extension"},
        {"0001.jpg", "there is 'COCO/Train2017/0001.jpg', with more parent folders"},
        {"0001.png", ""},
        {"frame.jpg", "there is 'many/1/frame.jpg', with more parent folders"},
        {"in/frame.jpg", "there is 'many/3/in/frame.jpg', with more parent folders"},
        /* elsewhere: the one with the most folders in common */
        {"elsewhere/lonely.jpg",
         "there is 'deep/in/there/lonely.jpg', in another folder"},
        {"elsewhere/Lonely.JPG",
         "there is 'deep/in/there/lonely.jpg', in another folder and in different case"},
        {"elsewhere/lonely.png", ""},
        {"none/3/in/frame.jpg", "there is 'many/3/in/frame.jpg', in another folder"},
        {"none/2/frame.jpg", "there is 'many/2/frame.jpg', in another folder"},
        {"none/2/frame.png",
         "there is 'many/2/frame.jpg', in another folder and with another extension"},
        /* Unicode forms */
        {"caf\u00e9/re\u0301sume\u0301.jpg",
         "there is 'r\u00e9sum\u00e9.jpg', in another Unicode form"},
        {"cafe\u0301/r\u00e9sum\u00e9.jpg",
         "there is 'caf\u00e9/r\u00e9sum\u00e9.jpg', in another Unicode form"},
        {"caf\u00e9/R\u00c9SUM\u00c9.jpg",
         "there is 'r\u00e9sum\u00e9.jpg', in different case"},
        {"fullA.jpg", "there is 'full\uff21.jpg', in another Unicode form"},
        /* bytes that are not UTF-8 */
        {"latin\xe9.jpg", "there is 'latin\\xe9.JPG', in different case"},
        {"latin\xc9.jpg", ""},
        {"x/latin\xe9.JPG", "there is 'latin\\xe9.JPG', with fewer parent folders"},
        /* a sign that looks like a/c is not a folder */
        {"x/sign\u2100.jpg", "there is 'sign\u2100.jpg', with fewer parent folders"},
        {"c.jpg", ""},
        /* nothing to look for */
        {"", ""},
        {"/", ""},
        {"./", ""},
        {"a.jpg/", "there is 'a.jpg'"}, /* a slash after it */
    };
    EXPECT_CASES(files, 19);
    EXPECT_CASES(cases, 48);

    (void)state;
    for (size_t i = 0; i < COUNT(files); i++)
        touch(files[i]);
    list();
    assert_int_equal(lc_listing_count(listing), COUNT(files));
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_hint(cases[i].path, cases[i].hint);
}

static void folders(void **state)
{
    static const struct {
        const char *path;
        const char *missing; /* its shortest prefix that does not exist */
    } cases[] = {
        {"a.jpg", ""},
        {"none.jpg", ""},
        {"sub/none.jpg", ""},
        {"sub/deep/none.jpg", ""},
        {"none/x/y.jpg", "none"},
        {"none/x/z.jpg", "none"},
        {"sub/none/x/y.jpg", "sub/none"},
        {"sub/deep/none/y.jpg", "sub/deep/none"},
        {"./sub/none/x.jpg", "./sub/none"},
        {"SUB/deep/b.jpg", "SUB"},
        {"a.jpg/b.jpg", "a.jpg"}, /* a file, no folder */
        {"linked/deep/b.jpg", ""},
        {"linked/none/b.jpg", ""}, /* targets of links are not searched */
        {"none/a.jpg", "none"},
    };
    char name[6000];
    EXPECT_CASES(cases, 14);

    (void)state;
    touch("a.jpg");
    touch("sub/deep/b.jpg");
    assert_int_equal(symlink("sub", inside("linked")), 0);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(lc_nearest_folder(helper, span(cases[i].path)),
                         strlen(cases[i].missing));
    memset(name, 'n', sizeof(name));
    memcpy(name + 300, "/x", 3); /* too long for a folder's name */
    assert_int_equal(lc_nearest_folder(helper, span(name)), 300);
    memset(name, 'n', sizeof(name));
    memcpy(name + 5000, "/x", 3);
    assert_int_equal(lc_nearest_folder(helper, span(name)), 0);
    list();
    assert_string_equal(hint_of(name), "");
}

static void links(void **state)
{
    char outside[64], secret[PATH];

    (void)state;
    touch("in/real.jpg");
    make_scratch(outside);
    snprintf(secret, sizeof(secret), "%s/secret.jpg", outside);
    write_bytes(secret, "x", 1);
    assert_int_equal(symlink("nowhere", inside("dead.jpg")), 0);
    assert_int_equal(symlink("in/real.jpg", inside("Live.jpg")), 0);
    assert_int_equal(symlink("in", inside("again")), 0);
    assert_int_equal(symlink(outside, inside("out")), 0);
    assert_int_equal(symlink(".", inside("loop")), 0);
    assert_int_equal(mkfifo(inside("pipe.jpg"), 0600), 0);
    list();
    /* links are listed by name, but not followed; FIFOs are not listed */
    assert_int_equal(lc_listing_count(listing), 6);
    expect_hint("dead.jpg", "it is a broken symbolic link");
    expect_hint("live.jpg", "there is 'Live.jpg', in different case");
    expect_hint("secret.jpg", "");
    expect_hint("Pipe.jpg", "");
    expect_hint("x/real.jpg", "there is 'in/real.jpg', in another folder");
    remove_scratch(outside);
}

/* Of equally near files, the first by its bytes is chosen, in whatever order they were
 * created; more matching folders win. */
static void many_of_a_name(void **state)
{
    char name[PATH];

    (void)state;
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "scene%03d/view/frame.jpg", i * 7 % 300);
        touch(name);
    }
    list();
    assert_int_equal(lc_listing_count(listing), 300);
    for (int i = 0; i < 300; i += 13) {
        char hint[PATH];

        snprintf(name, sizeof(name), "data/scene%03d/view/frame.jpg", i);
        snprintf(hint, sizeof(hint),
                 "there is 'scene%03d/view/frame.jpg', with fewer parent folders", i);
        expect_hint(name, hint);
        snprintf(name, sizeof(name), "scene%03d/views/frame.jpg", i);
        assert_non_null(strstr(hint_of(name), "/view/frame.jpg', in another folder"));
    }
}

static void long_names(void **state)
{
    char name[PATH] = "images/";

    (void)state;
    memset(name + 7, 'n', 200);
    strcpy(name + 207, ".jpg");
    touch(name);
    list();
    strcpy(name + 207, ".png");
    assert_non_null(strstr(hint_of(name), "nnnn.jpg', with another extension"));
}

/* Folders that are too deep are left out, and no walk is endless. */
static void deep_folders(void **state)
{
    char path[PATH] = "";

    (void)state;
    for (int i = 0; i < 80; i++)
        strcat(path, "d/");
    strcat(path, "bottom.jpg");
    touch(path);
    touch("d/d/top.jpg");
    list();
    assert_int_equal(lc_listing_count(listing), 1);
    expect_hint("top.jpg", "there is 'd/d/top.jpg', with more parent folders");
}

static void nothing_there(void **state)
{
    (void)state;
    list();
    assert_int_equal(lc_listing_count(listing), 0);
    expect_hint("a.jpg", "");
    expect_hint("a/b/c.jpg", "");
}

static void stems(void **state)
{
    static const struct {
        const char *path;
        size_t size;
    } cases[] = {
        {"a.jpg", 1},  {"a.JPEG", 1}, {"a.b.png", 3},  {"a", 1},        {".jpg", 4},
        {"x/.jpg", 6}, {"a.", 2},     {"a.photos", 8}, {"a.1 2", 5},    {"x.d/name", 8},
        {"", 0},       {"a..gif", 2}, {"x/a.webp", 3}, {"\xc3.jpg", 1},
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(lc_listing_stem(span(cases[i].path)), cases[i].size);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        TEST(hints),          TEST(folders),           TEST(links),
        TEST(many_of_a_name), TEST(long_names),        TEST(deep_folders),
        TEST(nothing_there),  cmocka_unit_test(stems),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
