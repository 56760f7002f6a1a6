/* test_import.c - src/import: writing rows and images from Arrow arrays to files */
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "import/place.h"
#include "llava_check/arrow.h"
#include "llava_check/check.h"
#include "llava_check/images.h"
#include "llava_check/import.h"
#include "llava_check/index.h"

enum { ROWS = 3, COLUMNS = 6, THREADS = 4 };

#define PNG_HEAD "\x89PNG\r\n\x1a\n"

/* ---- a batch: three rows with an id, turns, an image, and labels ---- */

static const int32_t id_offsets[] = {0, 1, 2, 4};
static const char id_bytes[] = "a\",b";
static const int32_t image_offsets[] = {0, 8, 8, 13};
static const char image_bytes[] = PNG_HEAD "other";
static const int32_t path_offsets[] = {0, 5, 5, 13};
static const char path_bytes[] = "x.jpg../y.JPG";
static const uint8_t image_valid[] = {5}; /* the second is null */
static const int32_t turn_offsets[] = {0, 2, 2, 3};
static const int64_t turns[] = {-1, INT64_MIN, 7};
static const int32_t name_offsets[] = {0, 4, 8, 12};
static const char name_bytes[] = "same"
                                 "lone"
                                 "same";
static const uint8_t shared[] = {5};

struct table {
    struct ArrowSchema schema;
    struct ArrowArray array;
    struct ArrowSchema types[COLUMNS];
    struct ArrowArray arrays[COLUMNS];
    struct ArrowSchema *type_list[COLUMNS];
    struct ArrowArray *array_list[COLUMNS];
    struct ArrowSchema of_image[2], of_turns;
    struct ArrowArray in_image[2], in_turns;
    struct ArrowSchema *image_types[2], *turn_types[1];
    struct ArrowArray *image_arrays[2], *turn_arrays[1];
};

static const uint8_t roles[] = {LC_IMPORT_VALUE, LC_IMPORT_VALUE,  LC_IMPORT_IMAGE,
                                LC_IMPORT_NAME,  LC_IMPORT_SHARED, LC_IMPORT_ID};

static const void *id_buffers[] = {NULL, id_offsets, id_bytes};
static const void *bytes_buffers[] = {NULL, image_offsets, image_bytes};
static const void *path_buffers[] = {NULL, path_offsets, path_bytes};
static const void *struct_buffers[] = {image_valid};
static const void *turns_buffers[] = {NULL, turn_offsets};
static const void *turn_buffers[] = {NULL, turns};
static const void *name_buffers[] = {NULL, name_offsets, name_bytes};
static const void *shared_buffers[] = {NULL, shared};
static const void *none[] = {NULL};

static void make_table(struct table *t)
{
    *t = (struct table){
        .of_image = {{.format = "z", .name = "bytes"}, {.format = "u", .name = "path"}},
        .in_image = {{.length = ROWS, .n_buffers = 3, .buffers = bytes_buffers},
                     {.length = ROWS, .n_buffers = 3, .buffers = path_buffers}},
        .of_turns = {.format = "l", .name = "item"},
        .in_turns = {.length = ROWS, .n_buffers = 2, .buffers = turn_buffers},
        .types = {{.format = "u", .name = "id"},
                  {.format = "+l", .name = "turns", .n_children = 1},
                  {.format = "+s", .name = "image", .n_children = 2},
                  {.format = "u", .name = ""},
                  {.format = "b", .name = ""},
                  {.format = "u", .name = ""}},
        .arrays =
            {{.length = ROWS, .n_buffers = 3, .buffers = id_buffers},
             {.length = ROWS, .n_buffers = 2, .buffers = turns_buffers, .n_children = 1},
             {.length = ROWS,
              .n_buffers = 1,
              .buffers = struct_buffers,
              .null_count = -1,
              .n_children = 2},
             {.length = ROWS, .n_buffers = 3, .buffers = name_buffers},
             {.length = ROWS, .n_buffers = 2, .buffers = shared_buffers},
             {.length = ROWS, .n_buffers = 3, .buffers = id_buffers}},
        .schema = {.format = "+s", .name = "", .n_children = COLUMNS},
        .array = {.length = ROWS, .n_buffers = 1, .buffers = none, .n_children = COLUMNS},
    };
    for (int i = 0; i < COLUMNS; i++) {
        t->type_list[i] = &t->types[i];
        t->array_list[i] = &t->arrays[i];
    }
    for (int i = 0; i < 2; i++) {
        t->image_types[i] = &t->of_image[i];
        t->image_arrays[i] = &t->in_image[i];
    }
    t->turn_types[0] = &t->of_turns;
    t->turn_arrays[0] = &t->in_turns;
    t->types[1].children = t->turn_types;
    t->arrays[1].children = t->turn_arrays;
    t->types[2].children = t->image_types;
    t->arrays[2].children = t->image_arrays;
    t->schema.children = t->type_list;
    t->array.children = t->array_list;
}

static struct lc_import_batch batch_of(const struct table *t, const char *images)
{
    return (struct lc_import_batch){.size = sizeof(struct lc_import_batch),
                                    .schema = &t->schema,
                                    .array = &t->array,
                                    .roles = roles,
                                    .images = images,
                                    .folder = "f",
                                    .file = "a,b.parquet",
                                    .group = 2,
                                    .first_in_group = 10,
                                    .first_row = 110};
}

/* ---- files ---- */

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

static void path_of(const char *name, char out[256])
{
    assert_true(snprintf(out, 256, "%s/%s", folder, name) < 256);
}

static void expect_file(const char *name, const char *wanted, size_t size)
{
    char path[256], text[64];
    FILE *file;

    path_of(name, path);
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text), file), size);
    assert_memory_equal(text, wanted, size);
    assert_int_equal(fclose(file), 0);
}

static void hash_of(const void *data, size_t size, char out[33])
{
    struct lc_hash hash = lc_hash_bytes(data, size);

    lc_hash_hex(&hash, out);
}

/* ---- tests ---- */

static void expect_texts(const struct lc_importer *importer)
{
    char first[33], third[33], wanted[640];
    struct lc_span mapping = lc_importer_mapping(importer);

    hash_of(BYTES(PNG_HEAD), first);
    hash_of(BYTES("other"), third);
    (void)snprintf(wanted, sizeof(wanted),
                   ",\n{\"id\": \"a\", \"turns\": [-1, -9223372036854775808], "
                   "\"image\": \"f/same-%.16s.png\"},\n{\"id\": \"\\\"\", \"turns\": []}"
                   ",\n{\"id\": \",b\", \"turns\": [7], \"image\": \"f/same-%.16s.jpg\"}",
                   first, third);
    assert_true(spells(lc_importer_rows(importer), wanted));
    (void)snprintf(wanted, sizeof(wanted),
                   "110,a,\"a,b.parquet\",2,10,f/same-%.16s.png,%s,png,", first, first);
    assert_true(mapping.size > strlen(wanted));
    assert_memory_equal(mapping.text, wanted, strlen(wanted));
    (void)snprintf(wanted, sizeof(wanted),
                   "\n112,\",b\",\"a,b.parquet\",2,12,f/same-%.16s.jpg,%s,", third,
                   third);
    assert_non_null(memmem(mapping.text, mapping.size, wanted, strlen(wanted)));
}

static void test_rows_mapping_and_files(void **state)
{
    struct lc_importer *importer = NULL;
    struct lc_import_counts counts;
    struct lc_import_batch batch;
    struct table table;
    char hash[33], name[64];

    (void)state;
    make_table(&table);
    batch = batch_of(&table, folder);
    assert_int_equal(lc_importer_new(&importer, NULL), LC_OK);
    for (int i = 0; i < 2; i++) { /* the second time, all files are there */
        assert_int_equal(lc_importer_write(importer, &batch, &counts, NULL), LC_OK);
        expect_texts(importer);
        assert_int_equal(counts.rows, 3);
        assert_int_equal(counts.rows_text_only, 1);
        assert_int_equal(counts.images, 2);
        assert_int_equal(counts.image_bytes, 13);
        assert_int_equal(counts.states[LC_IMAGE_NOT_IMAGE], 1);
    }
    hash_of(BYTES("other"), hash);
    (void)snprintf(name, sizeof(name), "same-%.16s.jpg", hash);
    expect_file(name, BYTES("other"));
    lc_importer_free(importer);
}

/* No cell of the mapping is a formula, or contains terminal control characters. */
static void test_mapping_is_harmless(void **state)
{
    static const char wanted[] = ",a,\"'=cmd|' /C calc'!A1\\x1b[2J,\",2,10,";
    struct lc_importer *importer = NULL;
    struct lc_import_counts counts;
    struct lc_import_batch batch;
    struct lc_span mapping;
    struct table table;

    (void)state;
    make_table(&table);
    batch = batch_of(&table, folder);
    batch.file = "=cmd|' /C calc'!A1\x1b[2J,";
    assert_int_equal(lc_importer_new(&importer, NULL), LC_OK);
    assert_int_equal(lc_importer_write(importer, &batch, &counts, NULL), LC_OK);
    mapping = lc_importer_mapping(importer);
    assert_non_null(memmem(mapping.text, mapping.size, wanted, strlen(wanted)));
    lc_importer_free(importer);
}

/* Importers in several threads may write the same images to one folder at once. */
static void *import_often(void *failed)
{
    struct lc_importer *importer = NULL;
    struct lc_import_counts counts;
    struct table table;

    make_table(&table);
    *(bool *)failed = lc_importer_new(&importer, NULL) != LC_OK;
    for (int i = 0; i < 8 && !*(bool *)failed; i++) {
        struct lc_import_batch batch = batch_of(&table, folder);

        *(bool *)failed = lc_importer_write(importer, &batch, &counts, NULL) != LC_OK;
    }
    lc_importer_free(importer);
    return NULL;
}

static void test_threads_share_files(void **state)
{
    pthread_t threads[THREADS];
    bool failed[THREADS];
    char hash[33], name[64];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, import_often, &failed[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_false(failed[i]);
    }
    hash_of(BYTES(PNG_HEAD), hash);
    (void)snprintf(name, sizeof(name), "same-%.16s.png", hash);
    expect_file(name, BYTES(PNG_HEAD));
}

static void test_what_is_there(void **state)
{
    static const struct {
        const char *name, *there; /* NULL: nothing */
        bool placed;
    } cases[] = {
        {"none", NULL, true},         {"same", "bytes", true},
        {"begun", "byt", true},       {"empty", "", true},
        {"other", "Bytes", false},    {"longer", "bytes2", false},
        {"other-begun", "bt", false},
    };
    char path[256];
    int at;

    EXPECT_CASES(cases, 7);
    (void)state;
    path_of("fifo", path);
    assert_int_equal(mkfifo(path, 0644), 0);
    path_of("link", path);
    assert_int_equal(symlink("linked", path), 0);
    path_of("folder", path);
    assert_int_equal(mkdir(path, 0755), 0);
    at = open(folder, O_RDONLY | O_DIRECTORY);
    assert_true(at >= 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool placed = !cases[i].placed;

        path_of(cases[i].name, path);
        if (cases[i].there)
            write_bytes(path, cases[i].there, strlen(cases[i].there));
        assert_int_equal(
            lc_import_place(at, cases[i].name, BYTES("bytes"), &placed, NULL), LC_OK);
        assert_int_equal(placed, cases[i].placed);
        if (placed)
            expect_file(cases[i].name, BYTES("bytes"));
        else
            expect_file(cases[i].name, cases[i].there, strlen(cases[i].there));
    }
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = {"fifo", "link", "folder"};
        bool placed = true;

        assert_int_equal(lc_import_place(at, names[i], BYTES("bytes"), &placed, NULL),
                         LC_OK);
        assert_false(placed);
    }
    path_of("linked", path);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(close(at), 0);
}

static void test_a_name_that_another_file_has(void **state)
{
    struct lc_importer *importer = NULL;
    struct lc_import_counts counts;
    struct lc_import_batch batch;
    struct lc_error err = {0};
    struct table table;
    char hash[33], name[128], path[256];

    (void)state;
    make_table(&table);
    batch = batch_of(&table, folder);
    hash_of(BYTES(PNG_HEAD), hash);
    assert_int_equal(lc_importer_new(&importer, NULL), LC_OK);
    (void)snprintf(name, sizeof(name), "same-%.16s.png", hash);
    path_of(name, path);
    write_bytes(path, BYTES("mine"));
    assert_int_equal(lc_importer_write(importer, &batch, &counts, NULL), LC_OK);
    expect_file(name, BYTES("mine"));
    (void)snprintf(name, sizeof(name), "same-%.16s-%s.png", hash, hash);
    expect_file(name, BYTES(PNG_HEAD));
    path_of(name, path);
    write_bytes(path, BYTES("mine"));
    assert_int_equal(lc_importer_write(importer, &batch, &counts, &err), LC_ERR_USAGE);
    assert_string_equal(err.message, "another file has this name");
    assert_non_null(strstr(lc_importer_subject(importer), name));
    lc_importer_free(importer);
}

static void test_columns_that_do_not_suit(void **state)
{
    static const struct {
        int column;
        const char *format;
    } cases[] = {
        {0, "g"}, /* float64 is not rendered */
        {0, "tdD"}, {0, "+s"}, {1, "+w:2"}, {2, "u"}, {3, "l"}, {4, "C"}, {5, "b"},
    };
    struct lc_importer *importer = NULL;
    struct lc_import_counts counts;
    struct table table;
    char path[256];

    EXPECT_CASES(cases, 8);
    (void)state;
    assert_int_equal(lc_importer_new(&importer, NULL), LC_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_import_batch batch = batch_of(&table, folder);

        make_table(&table);
        table.types[cases[i].column].format = cases[i].format;
        if (strcmp(cases[i].format, "+s") == 0) { /* with two fields of the same name */
            table.of_image[0].name = "path";
            table.types[0].n_children = 2;
            table.types[0].children = table.image_types;
        }
        assert_int_equal(lc_importer_write(importer, &batch, &counts, NULL),
                         LC_ERR_USAGE);
        assert_true(lc_importer_rows(importer).size == 0);
    }
    make_table(&table);
    path_of("none", path);
    assert_int_equal(
        lc_importer_write(importer, &(struct lc_import_batch){0}, &counts, NULL),
        LC_ERR_USAGE);
    {
        struct lc_import_batch batch = batch_of(&table, path);

        assert_int_equal(lc_importer_write(importer, &batch, &counts, NULL), LC_ERR_IO);
    }
    lc_importer_free(importer);
}

/* Two batches make one array of rows, whose images are found in the arrays. */
static void test_rows_that_are_checked_in_memory(void **state)
{
    static const uint8_t plain[] = {LC_IMPORT_VALUE, LC_IMPORT_VALUE, LC_IMPORT_IMAGE,
                                    LC_IMPORT_VALUE, LC_IMPORT_VALUE, LC_IMPORT_VALUE};
    static const char *const names[] = {"id", "turns", "image", "a", "b", "c"};
    static const struct {
        const char *path;
        enum lc_image_state state;
    } images[] = {
        {"0.image.0.png", LC_IMAGE_TRUNCATED},
        {"2.image.0.jpg", LC_IMAGE_NOT_IMAGE},
        {"3.image.0.png", LC_IMAGE_TRUNCATED},
        {"5.image.0.jpg", LC_IMAGE_NOT_IMAGE},
    };
    struct lc_check_options options = LC_OPTIONS(lc_check_options);
    struct lc_importer *importer = NULL;
    struct lc_index *index = NULL;
    struct lc_error err = {0};
    struct table table;
    struct lc_import_batch batch = batch_of(&table, NULL);

    EXPECT_CASES(images, 4);
    (void)state;
    make_table(&table);
    for (int i = 0; i < COLUMNS; i++)
        table.types[i].name = names[i];
    batch.roles = plain;
    options.dialect = "llava";
    options.images = folder;
    assert_int_equal(lc_importer_new(&importer, NULL), LC_OK);
    assert_int_equal(lc_importer_render(importer, &batch, NULL), LC_ERR_USAGE);
    for (batch.first_row = 0; batch.first_row < 2 * ROWS; batch.first_row += ROWS)
        assert_int_equal(lc_importer_render(importer, &batch, NULL), LC_OK);
    assert_non_null(
        strstr(lc_importer_rows(importer).text,
               ",\n{\"id\": \"a\", \"turns\": [-1, -9223372036854775808], \"image\": "
               "\"0.image.0.png\", \"a\": \"same\", \"b\": true, \"c\": \"a\"},\n"));
    assert_int_equal(lc_importer_check(importer, &options, &index, &err), LC_OK);
    assert_int_equal(lc_index_summary(index)->rows, 2 * ROWS);
    for (size_t i = 0; i < COUNT(images); i++) {
        struct lc_image_iterator *iterator = NULL;
        const struct lc_image_entry *image = NULL;
        bool found = false;

        assert_int_equal(lc_image_iterator_new(index, &iterator, NULL), LC_OK);
        while (lc_image_next(iterator, &image, NULL) == LC_OK && image)
            if (spells(image->path, images[i].path) && image->state == images[i].state)
                found = true;
        lc_image_iterator_free(iterator);
        assert_true(found);
    }
    lc_index_close(index);
    batch.first_row = 0; /* start over: nothing is left of earlier batches */
    table.array.length = 0;
    assert_int_equal(lc_importer_render(importer, &batch, NULL), LC_OK);
    assert_int_equal(lc_importer_check(importer, &options, &index, &err), LC_OK);
    assert_int_equal(lc_index_summary(index)->rows, 0);
    lc_index_close(index);
    lc_importer_free(importer);
}

/* Count the rows of a stream's remaining batches. */
static int64_t count_rows(struct ArrowArrayStream *stream)
{
    struct ArrowArray array = {0};
    int64_t rows = 0;

    while (stream->get_next(stream, &array) == 0 && array.release) {
        rows += array.length;
        array.release(&array);
    }
    stream->release(stream);
    return rows;
}

/* The verdicts table outlives the index that it is made from. */
static void test_verdicts_of_rows_in_memory(void **state)
{
    static const char *const ignored[] = {"JSN"}, *const nonsense[] = {"XYZ999"};
    struct lc_check_options options = LC_OPTIONS(lc_check_options);
    struct lc_selection selection = LC_OPTIONS(lc_selection);
    struct lc_verdict_options verdicts = LC_OPTIONS(lc_verdict_options);
    struct ArrowArrayStream stream = {0};
    struct lc_importer *importer = NULL;
    struct lc_error err = {0};
    struct table table;
    struct lc_import_batch batch = batch_of(&table, folder);

    (void)state;
    make_table(&table);
    options.dialect = "llava";
    options.images = folder;
    assert_int_equal(lc_importer_new(&importer, NULL), LC_OK);
    for (batch.first_row = 0; batch.first_row < 2 * ROWS; batch.first_row += ROWS)
        assert_int_equal(lc_importer_render(importer, &batch, NULL), LC_OK);
    assert_int_equal(lc_importer_verdicts(importer, &options, NULL, &stream, &err),
                     LC_OK);
    assert_int_equal(count_rows(&stream), 2 * ROWS);
    selection.ignore = ignored;
    selection.ignore_count = 1;
    verdicts.selection = &selection;
    verdicts.trainer = "llava-next";
    assert_int_equal(lc_importer_verdicts(importer, &options, &verdicts, &stream, &err),
                     LC_OK);
    assert_int_equal(count_rows(&stream), 2 * ROWS);
    selection.ignore = nonsense;
    assert_int_equal(lc_importer_verdicts(importer, &options, &verdicts, &stream, &err),
                     LC_ERR_USAGE);
    verdicts.selection = NULL;
    verdicts.trainer = "nobody";
    assert_int_equal(lc_importer_verdicts(importer, &options, &verdicts, &stream, &err),
                     LC_ERR_USAGE);
    options.dialect = "nothing";
    assert_int_equal(lc_importer_verdicts(importer, &options, NULL, &stream, &err),
                     LC_ERR_USAGE);
    lc_importer_free(importer);
}

/* Column names become parts of paths only if they are plain. */
static void test_paths_of_images_in_memory(void **state)
{
    static const struct {
        const char *name, *wanted;
    } cases[] = {
        {"image_1-A", "0.image_1-A.0.png"},
        {"../a", "0.2.0.png"},
        {"a.b", "0.2.0.png"},
        {"", "0.2.0.png"},
        {"\xC3\xA9", "0.2.0.png"},
    };
    struct lc_importer *importer = NULL;
    struct table table;
    struct lc_import_batch batch = batch_of(&table, NULL);

    EXPECT_CASES(cases, 5);
    (void)state;
    assert_int_equal(lc_importer_new(&importer, NULL), LC_OK);
    batch.first_row = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        make_table(&table);
        table.types[2].name = cases[i].name;
        assert_int_equal(lc_importer_render(importer, &batch, NULL), LC_OK);
        assert_non_null(strstr(lc_importer_rows(importer).text, cases[i].wanted));
    }
    lc_importer_free(importer);
}

static void test_a_text_that_is_not_utf8(void **state)
{
    static const void *const buffers[] = {NULL, id_offsets, "a\xFF,b"};
    struct lc_importer *importer = NULL;
    struct lc_import_counts counts;
    struct lc_error err = {0};
    struct table table;
    struct lc_import_batch batch = batch_of(&table, folder);

    (void)state;
    make_table(&table);
    table.arrays[0].buffers = (const void **)buffers;
    assert_int_equal(lc_importer_new(&importer, NULL), LC_OK);
    assert_int_equal(lc_importer_write(importer, &batch, &counts, &err), LC_ERR_USAGE);
    assert_string_equal(err.message, "a text is not UTF-8");
    assert_string_equal(lc_importer_subject(importer), "column id");
    lc_importer_free(importer);
}

static void test_suffixes(void **state)
{
    static const struct {
        const char *data, *path, *wanted;
    } cases[] = {
        {PNG_HEAD, "a.jpg", ".png"},
        {"\xFF\xD8\xFF", NULL, ".jpg"},
        {"?", "a.JPEG", ".jpeg"},
        {"?", "a", ".bin"},
        {"?", "a.", ".bin"},
        {"?", ".jpg", ".jpg"},
        {"?", "jpg", ".bin"},
        {"?", "a.123456789", ".bin"},
        {"?", "a.12345678", ".12345678"},
        {"?", "a.b/c", ".bin"},
        {"?", "a.\xC3\xA9", ".bin"},
        {"", NULL, ".bin"},
        {"?", "", ".bin"},
    };
    char out[LC_IMPORT_SUFFIX_SIZE];

    EXPECT_CASES(cases, 13);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        lc_import_suffix(cases[i].data, strlen(cases[i].data), cases[i].path,
                         cases[i].path ? strlen(cases[i].path) : 0, out);
        assert_string_equal(out, cases[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows_mapping_and_files, enter, leave),
        cmocka_unit_test_setup_teardown(test_mapping_is_harmless, enter, leave),
        cmocka_unit_test_setup_teardown(test_threads_share_files, enter, leave),
        cmocka_unit_test_setup_teardown(test_what_is_there, enter, leave),
        cmocka_unit_test_setup_teardown(test_a_name_that_another_file_has, enter, leave),
        cmocka_unit_test_setup_teardown(test_columns_that_do_not_suit, enter, leave),
        cmocka_unit_test_setup_teardown(test_rows_that_are_checked_in_memory, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(test_verdicts_of_rows_in_memory, enter, leave),
        cmocka_unit_test(test_paths_of_images_in_memory),
        cmocka_unit_test_setup_teardown(test_a_text_that_is_not_utf8, enter, leave),
        cmocka_unit_test(test_suffixes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
