/* test_memory_images.c - images that a program has in memory: lc_inspect, and get_image
 * and bring_file of lc_check; a manifest written through a callback; wrong options of
 * lc_merge
 */
#include "unit.h"

#include "base/hash.h"
#include "llava_check/check.h"
#include "llava_check/findings.h"
#include "llava_check/images.h"
#include "llava_check/index.h"
#include "llava_check/inspect.h"
#include "llava_check/manifest.h"
#include "llava_check/merge.h"

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
    if (strcmp(path, "file.gif") == 0 || strcmp(path, "gone.gif") == 0)
        return LC_IMAGE_IS_FILE;
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

/* Write a rows file with a row for each image; two rows have the same id. */
static void write_rows(const char *path, const char *const *images, size_t count)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (size_t i = 0; i < count; i++)
        fprintf(file,
                "{\"id\": \"%zu\", \"image\": \"%s\", \"conversations\": [{\"from\": "
                "\"human\", \"value\": \"<image>\\na\"}, {\"from\": \"gpt\", \"value\": "
                "\"b\"}]}\n",
                i / 2, images[i]);
    assert_int_equal(fclose(file), 0);
}

static void test_a_check_of_images_in_memory(void **state)
{
    static const char *const names[] = {"a.gif",     "cut.gif",  "none.gif", "broken.gif",
                                        "sub/b.gif", "file.gif", "gone.gif"};
    char folder[] = "/tmp/lc-memory-XXXXXX", path[64], file[64];
    const char *paths[] = {path};
    struct store store = {0};
    struct lc_check_options options = LC_OPTIONS(lc_check_options);
    struct lc_index *index = NULL;
    struct lc_error error = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/rows.jsonl", folder);
    write_rows(path, names, COUNT(names));
    snprintf(file, sizeof(file), "%s/file.gif", folder);
    write_bytes(file, gif, GIF_SIZE);
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
    assert_int_equal(state_of(index, "file.gif"), LC_IMAGE_OK);
    assert_int_equal(state_of(index, "gone.gif"), LC_IMAGE_MISSING);
    assert_int_equal(lc_index_summary(index)->images, 4);
    lc_index_close(index);
    unlink(file);
    unlink(path);
    rmdir(folder);
}

static bool has_rule(const struct lc_index *index, const char *rule)
{
    struct lc_finding_iterator *iterator = NULL;
    const struct lc_finding_entry *finding = NULL;
    bool found = false;

    assert_int_equal(lc_finding_iterator_new(index, NULL, &iterator, NULL), LC_OK);
    while (lc_finding_next(iterator, &finding, NULL) == LC_OK && finding)
        found = found || spells(finding->rule, rule);
    lc_finding_iterator_free(iterator);
    return found;
}

/* For a path with a drive or a backslash, a check looks for such a file in the image
 * root, and the case says if there is none. It does not look if the images are in memory,
 * or if the path would leave the root. */
static void test_paths_of_another_system(void **state)
{
    static const char *const names[] = {"C:\\\\a.gif", "b\\\\c.gif", "C:/../d.gif"};
    static const size_t found[] = {2, 0}; /* from files, from memory */
    char folder[] = "/tmp/lc-memory-XXXXXX", path[64];
    const char *paths[] = {path};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/rows.jsonl", folder);
    write_rows(path, names, COUNT(names));
    for (size_t i = 0; i < COUNT(found); i++) {
        struct lc_check_options options = LC_OPTIONS(lc_check_options);
        struct lc_finding_iterator *iterator = NULL;
        const struct lc_finding_entry *finding = NULL;
        struct store store = {0};
        struct lc_index *index = NULL;
        size_t outside = 0, foreign = 0;

        options.paths = paths;
        options.path_count = 1;
        options.images = folder;
        options.no_index = true;
        options.user = &store;
        options.get_image = i ? get_image : NULL;
        options.put_image = i ? put_image : NULL;
        assert_int_equal(lc_check(&options, &index, NULL), LC_OK);
        assert_int_equal(lc_finding_iterator_new(index, NULL, &iterator, NULL), LC_OK);
        while (lc_finding_next(iterator, &finding, NULL) == LC_OK && finding) {
            outside += spells(finding->rule, "IMG503");
            foreign += spells(finding->rule_case, "foreign");
        }
        lc_finding_iterator_free(iterator);
        lc_index_close(index);
        assert_int_equal(outside, COUNT(names));
        assert_int_equal(foreign, found[i]);
        assert_int_equal(store.given, 0);
    }
    unlink(path);
    rmdir(folder);
}

/* Files that are fetched when they are read; before that, they are holes. */
struct elsewhere {
    atomic_int brought;
    atomic_int archives;
    atomic_int there;
};

static int bring_file(void *user, const char *folder, const char *path)
{
    struct elsewhere *elsewhere = user;
    char whole[128];
    FILE *file;

    if (!folder) { /* an archive: one can be fetched, one cannot */
        elsewhere->archives++;
        if (strstr(path, "lost.tar"))
            return EIO;
        elsewhere->there++;
        return 0;
    }
    elsewhere->brought++;
    if (strcmp(path, "locked.gif") == 0)
        return EACCES;
    if (strcmp(path, "lost.gif") == 0)
        return EIO;
    elsewhere->there++;
    if (strcmp(path, "none.gif") == 0)
        return 0;
    snprintf(whole, sizeof(whole), "%s/%s", folder, path);
    file = fopen(whole, "r+");
    assert_non_null(file);
    assert_int_equal(fwrite(gif, 1, GIF_SIZE, file), GIF_SIZE);
    assert_int_equal(fclose(file), 0);
    return 0;
}

static void return_file(void *user, const char *folder, const char *path)
{
    struct elsewhere *elsewhere = user;
    char whole[128];

    elsewhere->there--;
    if (!folder)
        return;
    snprintf(whole, sizeof(whole), "%s/%s", folder, path);
    if (strcmp(path, "none.gif") != 0)
        assert_int_equal(truncate(whole, 0) || truncate(whole, GIF_SIZE), 0);
}

static void test_a_check_of_files_that_are_elsewhere(void **state)
{
    static const char *const names[] = {"a.gif",    "b.gif",    "locked.gif",
                                        "lost.gif", "none.gif", "unused.gif",
                                        "lost.tar", "there.tar"};
    enum { IMAGES = 5 }; /* the first of them */
    char folder[] = "/tmp/lc-memory-XXXXXX", path[64];
    const char *paths[] = {folder};
    struct elsewhere elsewhere = {0};
    struct lc_check_options options = LC_OPTIONS(lc_check_options);
    struct lc_index *index = NULL;
    struct lc_error error = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        if (strcmp(names[i], "none.gif") != 0) {
            assert_int_equal(fclose(fopen(path, "w")), 0);
            assert_int_equal(truncate(path, GIF_SIZE), 0);
        }
    }
    snprintf(path, sizeof(path), "%s/rows.jsonl", folder);
    write_rows(path, names, IMAGES);
    options.paths = paths;
    options.path_count = 1;
    options.images = folder;
    options.no_index = true;
    options.user = &elsewhere;
    options.bring_file = bring_file;
    options.return_file = return_file;
    options.threads = 4;
    assert_int_equal(lc_check(&options, &index, &error), LC_OK);
    assert_int_equal(elsewhere.there, 0);
    assert_int_equal(elsewhere.brought, IMAGES - 1); /* not none.gif */
    assert_true(elsewhere.archives >= 2);
    assert_true(has_rule(index, "ARC802")); /* an archive that cannot be read */
    assert_int_equal(state_of(index, "a.gif"), LC_IMAGE_OK);
    assert_int_equal(state_of(index, "b.gif"), LC_IMAGE_OK);
    assert_int_equal(state_of(index, "locked.gif"), LC_IMAGE_UNREADABLE);
    assert_int_equal(state_of(index, "lost.gif"), LC_IMAGE_UNREADABLE);
    /* the image may be in the archive that cannot be read */
    assert_int_equal(state_of(index, "none.gif"), LC_IMAGE_UNREADABLE);
    lc_index_close(index);
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/rows.jsonl", folder);
    unlink(path);
    rmdir(folder);
}

/* Whether an index has findings about the data set. */
static bool has_set_findings(const struct lc_index *index)
{
    struct lc_finding_iterator *iterator = NULL;
    const struct lc_finding_entry *finding = NULL;
    bool found = false;

    assert_int_equal(lc_finding_iterator_new(index, NULL, &iterator, NULL), LC_OK);
    while (lc_finding_next(iterator, &finding, NULL) == LC_OK && finding)
        found = found || finding->kind == LC_FINDING_SET;
    lc_finding_iterator_free(iterator);
    return found;
}

static void test_rows_that_are_checked_each_by_itself(void **state)
{
    static const char *const names[] = {"a.gif", "a.gif", "b.gif"};
    char folder[] = "/tmp/lc-memory-XXXXXX", path[64];
    const char *paths[] = {path};
    struct store store = {0};
    struct lc_check_options options = LC_OPTIONS(lc_check_options);

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/rows.jsonl", folder);
    write_rows(path, names, COUNT(names));
    options.paths = paths;
    options.path_count = 1;
    options.images = folder;
    options.user = &store;
    options.get_image = get_image;
    options.put_image = put_image;
    options.each_alone = true;
    assert_int_equal(lc_check(&options, &(struct lc_index *){NULL}, NULL), LC_ERR_USAGE);
    options.no_index = true;
    for (int alone = 0; alone < 2; alone++) { /* two rows have the same id */
        struct lc_index *index = NULL;

        options.each_alone = alone;
        assert_int_equal(lc_check(&options, &index, NULL), LC_OK);
        assert_int_equal(lc_index_summary(index)->rows, COUNT(names));
        assert_int_equal(lc_index_summary(index)->images, 2);
        assert_int_equal(has_set_findings(index), !alone);
        lc_index_close(index);
    }
    unlink(path);
    rmdir(folder);
}

struct text {
    char bytes[4096];
    size_t size;
};

static int collect(void *context, const void *data, size_t size)
{
    struct text *text = context;

    assert_true(size < sizeof(text->bytes) - text->size);
    memcpy(text->bytes + text->size, data, size);
    text->size += size;
    return 0;
}

static int refuse(void *context, const void *data, size_t size)
{
    (void)context, (void)data, (void)size;
    return ENOSPC;
}

static void test_a_manifest_goes_to_a_function(void **state)
{
    static const char *const names[] = {"a.gif"};
    char folder[] = "/tmp/lc-memory-XXXXXX", path[64];
    struct lc_manifest_options options = LC_OPTIONS(lc_manifest_options);
    struct lc_manifest *manifest = NULL;
    struct text text = {.size = 0};
    struct lc_error error = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/rows.jsonl", folder);
    write_rows(path, names, 1);
    options.path = folder;
    assert_int_equal(lc_manifest_new(&options, &manifest, NULL), LC_OK);
    assert_int_equal(lc_manifest_counts(manifest)->files, 1);
    assert_int_equal(lc_manifest_write_to(manifest, collect, &text, NULL), LC_OK);
    assert_non_null(strstr(text.bytes, "rows.jsonl"));
    assert_int_equal(lc_manifest_write_to(manifest, refuse, NULL, &error), LC_ERR_IO);
    assert_int_equal(error.os_errno, ENOSPC);
    lc_manifest_free(manifest);
    unlink(path);
    rmdir(folder);
}

static void test_a_merge_of_nothing_is_refused(void **state)
{
    static const char *const parts[] = {"part"};
    struct lc_merge_options options = {.size = sizeof(options), .index = "index"};
    struct lc_index *index = NULL;
    struct lc_error err = {0};

    (void)state;
    assert_int_equal(lc_merge(&options, &index, &err), LC_ERR_USAGE);
    assert_string_equal(err.message, "a merge requires parts and an index");
    options.parts = parts;
    options.part_count = 1;
    options.index = NULL;
    err = (struct lc_error){0};
    assert_int_equal(lc_merge(&options, &index, &err), LC_ERR_USAGE);
    assert_null(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_verdict_about_bytes),
        cmocka_unit_test(test_a_check_of_images_in_memory),
        cmocka_unit_test(test_paths_of_another_system),
        cmocka_unit_test(test_a_check_of_files_that_are_elsewhere),
        cmocka_unit_test(test_rows_that_are_checked_each_by_itself),
        cmocka_unit_test(test_a_manifest_goes_to_a_function),
        cmocka_unit_test(test_a_merge_of_nothing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
