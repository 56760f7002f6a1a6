/* test_clean_verbatim.c - clean notices if its result differs from what it wrote */
#include "unit.h"

#include "llava_check/clean.h"

enum { PATH = 256, ROWS = 40, ROW_SIZE = 512 };

static char root[64];

static const char *inside(const char *name)
{
    static char path[4][PATH];
    static unsigned turn;
    char *out = path[turn++ % 4];

    snprintf(out, PATH, "%s/%s", root, name);
    return out;
}

/* Write text-only rows. Every fifth has a blank answer, so clean drops it here. */
static void put_rows(const char *name, bool lines)
{
    FILE *file = fopen(inside(name), "w");

    assert_non_null(file);
    fputs(lines ? "" : "[\n  ", file);
    for (int i = 0; i < ROWS; i++)
        fprintf(file,
                "%s{\"id\": \"%d\", \"conversations\": [{\"from\": \"human\", \"value\": "
                "\"What is %d?\"}, {\"from\": \"gpt\", \"value\": \"%s\"}]}",
                !i      ? ""
                : lines ? "\n"
                        : ",\n  ",
                i, i, i % 5 ? "A number." : "");
    fputs(lines ? "\n" : "\n]\n", file);
    assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/llava-check-verbatim-XXXXXX");
    assert_non_null(mkdtemp(root));
    return 0;
}

static int remove_root(void **state)
{
    (void)state;
    (void)unlink(inside("rows.json"));
    (void)unlink(inside("rows.jsonl"));
    (void)unlink(inside("out"));
    return rmdir(root);
}

static struct lc_clean *begin(const char *name)
{
    const char *path = inside(name);
    const char *drop = "CNV";
    const struct lc_check_options checked = {
        .size = sizeof(checked),
        .paths = &path,
        .path_count = 1,
        .no_index = true,
        .threads = 1,
    };
    const struct lc_clean_options options = {
        .size = sizeof(options),
        .check = &checked,
        .name = name,
        .drop = &drop,
        .drop_count = 1,
    };
    struct lc_clean *clean = NULL;
    struct lc_error error = {0};

    if (lc_clean_new(&options, &clean, &error) != LC_OK)
        fail_msg("%s", error.message);
    return clean;
}

static size_t write_out(struct lc_clean *clean, char *out, size_t capacity)
{
    FILE *file = fopen(inside("out"), "w+");
    size_t size;

    assert_non_null(file);
    assert_int_equal(lc_clean_write(clean, 0, file, NULL), LC_OK);
    rewind(file);
    size = fread(out, 1, capacity, file);
    assert_true(size > 0 && size < capacity);
    assert_int_equal(fclose(file), 0);
    return size;
}

/* Return the status of checking other bytes than were written. */
static enum lc_status check_bytes(struct lc_clean *clean, const char *bytes, size_t size)
{
    const char *path = inside("out");
    FILE *file = fopen(path, "w");
    struct lc_error error = {0};
    enum lc_status status;
    bool again = false;

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    status = lc_clean_check(clean, &path, &again, &error);
    assert_false(again);
    return status;
}

/* Every changed bit, and every lost, added or moved byte, is noticed. */
static void test_file(const char *name, bool lines)
{
    char bytes[ROWS * ROW_SIZE], changed[ROWS * ROW_SIZE];
    struct lc_clean *clean;
    size_t size, wrong = 0;

    put_rows(name, lines);
    clean = begin(name);
    assert_int_equal(lc_clean_counts(clean)->dropped, ROWS / 5);
    size = write_out(clean, bytes, sizeof(bytes) - 1);
    assert_int_equal(check_bytes(clean, bytes, size), LC_OK);
    assert_int_equal(lc_clean_counts(clean)->effects[0] + /* fine, unknown, altered */
                         lc_clean_counts(clean)->effects[1] +
                         lc_clean_counts(clean)->effects[2],
                     ROWS - ROWS / 5);
    for (size_t at = 0; at < size; at += at < 150 ? 1 : 331) {
        memcpy(changed, bytes, size);
        changed[at] = (char)(changed[at] ^ 0x20);
        assert_int_equal(check_bytes(clean, changed, size), LC_ERR_IO);
        memcpy(changed, bytes, at);
        memcpy(changed + at, bytes + at + 1, size - at - 1);
        assert_int_equal(check_bytes(clean, changed, size - 1), LC_ERR_IO);
        memcpy(changed, bytes, at);
        changed[at] = ' ';
        memcpy(changed + at + 1, bytes + at, size - at);
        assert_int_equal(check_bytes(clean, changed, size + 1), LC_ERR_IO);
        wrong++;
    }
    assert_true(wrong > 150);
    assert_int_equal(check_bytes(clean, bytes, size / 2), LC_ERR_IO);
    assert_int_equal(check_bytes(clean, "", 0), LC_ERR_IO);
    assert_int_equal(check_bytes(clean, bytes, size), LC_OK);
    put_rows(name, !lines); /* replace the rows file before the check */
    assert_int_equal(check_bytes(clean, bytes, size), LC_ERR_IO);
    lc_clean_free(clean);
}

static void an_array_that_changed_is_not_passed(void **state)
{
    (void)state;
    test_file("rows.json", false);
}

static void json_lines_that_changed_are_not_passed(void **state)
{
    (void)state;
    test_file("rows.jsonl", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_array_that_changed_is_not_passed, make_root,
                                        remove_root),
        cmocka_unit_test_setup_teardown(json_lines_that_changed_are_not_passed, make_root,
                                        remove_root),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
