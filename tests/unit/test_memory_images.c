/* test_memory_images.c - images that a program has in memory: lc_inspect, and the
 * get_image of lc_check */
#include "unit.h"

#include "base/hash.h"
#include "llava_check/check.h"
#include "llava_check/findings.h"
#include "llava_check/images.h"
#include "llava_check/index.h"
#include "llava_check/inspect.h"

#include <errno.h>
#include <stdatomic.h>

/* A GIF of one pixel, and the same without its last bytes. */
static const char gif[] =
    "GIF89a\1\0\1\0\x80\0\0\0\0\0\xFF\xFF\xFF,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
#define GIF_SIZE (sizeof(gif) - 1)

static void test_the_verdict_about_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum lc_image_state state;
        const char *suffix;
    } cases[] = {
        {gif, GIF_SIZE, LC_IMAGE_OK, ".gif"},
        {gif, 20, LC_IMAGE_TRUNCATED, ".gif"},
        {BYTES("<html>"), LC_IMAGE_NOT_IMAGE, NULL},
        {NULL, 0, LC_IMAGE_NOT_IMAGE, NULL},
    };
    struct lc_inspector *inspector = NULL;

    (void)state;
    EXPECT_CASES(cases, 4);
    assert_int_equal(lc_inspector_new(&inspector, NULL), LC_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_inspected inspected;
        struct lc_hash hash = lc_hash_bytes(cases[i].bytes, cases[i].size);

        assert_int_equal(
            lc_inspect(inspector, cases[i].bytes, cases[i].size, &inspected, NULL),
            LC_OK);
        assert_int_equal(inspected.state, cases[i].state);
        assert_memory_equal(&inspected.content, &hash, sizeof(hash));
        if (cases[i].suffix)
            assert_string_equal(inspected.suffix, cases[i].suffix);
        else
            assert_null(inspected.suffix);
    }
    lc_inspector_free(inspector);
    lc_inspector_free(NULL);
}

struct store {
    atomic_int held;
    atomic_int given;
};

static int get_image(void *user, const char *path, struct lc_image_bytes *out)
{
    struct store *store = user;

    store->given++;
    if (strcmp(path, "none.gif") == 0)
        return ENOENT;
    if (strcmp(path, "broken.gif") == 0)
        return EIO;
    store->held++;
    *out =
        (struct lc_image_bytes){gif, strcmp(path, "cut.gif") == 0 ? 20 : GIF_SIZE, store};
    return 0;
}

static void put_image(void *user, const struct lc_image_bytes *image)
{
    struct store *store = user;

    assert_ptr_equal(image->held, store);
    store->held--;
}

static enum lc_image_state state_of(const struct lc_index *index, const char *path)
{
    struct lc_image_iterator *iterator = NULL;
    const struct lc_image_entry *image = NULL;
    enum lc_image_state found = LC_IMAGE_STATE_COUNT;

    assert_int_equal(lc_image_iterator_new(index, &iterator, NULL), LC_OK);
    while (lc_image_next(iterator, &image, NULL) == LC_OK && image)
        if (spells(image->path, path))
            found = image->state;
    lc_image_iterator_free(iterator);
    return found;
}

static void test_a_check_of_images_in_memory(void **state)
{
    static const char *const names[] = {"a.gif", "cut.gif", "none.gif", "broken.gif",
                                        "sub/b.gif"};
    char folder[] = "/tmp/lc-memory-XXXXXX", path[64];
    const char *paths[] = {path};
    struct store store = {0};
    struct lc_check_options options = LC_OPTIONS(lc_check_options);
    struct lc_index *index = NULL;
    struct lc_error error = {0};
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/rows.jsonl", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < COUNT(names); i++)
        fprintf(file,
                "{\"id\": \"%zu\", \"image\": \"%s\", \"conversations\": [{\"from\": "
                "\"human\", \"value\": \"<image>\\na\"}, {\"from\": \"gpt\", \"value\": "
                "\"b\"}]}\n",
                i, names[i]);
    assert_int_equal(fclose(file), 0);
    options.paths = paths;
    options.path_count = 1;
    options.images = folder;
    options.no_index = true;
    options.user = &store;
    options.get_image = get_image;
    options.put_image = put_image;
    assert_int_equal(lc_check(&options, &index, &error), LC_OK);
    assert_int_equal(store.held, 0);
    assert_int_equal(store.given, COUNT(names));
    assert_int_equal(state_of(index, "a.gif"), LC_IMAGE_OK);
    assert_int_equal(state_of(index, "sub/b.gif"), LC_IMAGE_OK);
    assert_int_equal(state_of(index, "cut.gif"), LC_IMAGE_TRUNCATED);
    assert_int_equal(state_of(index, "none.gif"), LC_IMAGE_MISSING);
    assert_int_equal(state_of(index, "broken.gif"), LC_IMAGE_UNREADABLE);
    assert_int_equal(lc_index_summary(index)->images, 3);
    lc_index_close(index);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_verdict_about_bytes),
        cmocka_unit_test(test_a_check_of_images_in_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
