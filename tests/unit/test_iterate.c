/* test_iterate.c - src/iterate: entries of a sound index, and of one whose records refer
 * to missing ones */
#include "unit.h"

#include "index/index.h"
#include "llava_check/files.h"
#include "llava_check/findings.h"
#include "llava_check/images.h"
#include "llava_check/rows.h"

enum { ROWS = 5 };

/* What is wrong with an index. */
struct damage {
    bool file_of_finding;
    bool row_of_finding;
    bool image_of_finding;
    bool file_of_row;
    bool image_of_row;
};

static void add_findings(struct lc_index_writer *writer, const struct damage *damage)
{
    struct lc_finding_record finding = {
        .kind = LC_FINDING_ROW, .severity = LC_SEVERITY_ERROR, .turn = -1};

    finding.found = finding.severity;
    finding.rule = span("CNV303");
    finding.message = span("first");
    finding.row = damage->row_of_finding ? ROWS : ROWS - 1;
    finding.file = damage->file_of_finding;
    assert_int_equal(lc_index_add_finding(writer, &finding, NULL), LC_OK);
    finding = (struct lc_finding_record){.kind = LC_FINDING_IMAGE,
                                         .order = 1,
                                         .rule = span("ZZZ999"),
                                         .message = span("second"),
                                         .image = damage->image_of_finding,
                                         .row = -1,
                                         .turn = -1};
    assert_int_equal(lc_index_add_finding(writer, &finding, NULL), LC_OK);
}

static struct lc_index *make_index(const struct damage *damage)
{
    const struct lc_index_info info = {.tool = span("0.1.0")};
    const struct lc_statistics statistics = {.one_image = ROWS};
    const struct lc_summary summary = {
        .rows = ROWS, .rows_files = 1, .images_referenced = 1};
    const struct lc_file_record file = {.name = span("a.json"), .rows = ROWS};
    const struct lc_image_record image = {
        .path = span("a.png"), .mode = span("RGBA"), .state = LC_IMAGE_MISSING};
    struct lc_index_writer *writer = NULL;
    struct lc_index *index = NULL;

    assert_int_equal(lc_index_create(NULL, NULL, &writer, NULL), LC_OK);
    assert_int_equal(lc_index_add_file(writer, 0, &file, NULL), LC_OK);
    add_findings(writer, damage);
    for (uint64_t i = 0; i < ROWS; i++) {
        const uint32_t images[] = {damage->image_of_row && i == 3};
        const struct lc_row_record row = {
            .row = i, .file = damage->file_of_row && i == 3, .script = LC_SCRIPT_NONE};

        assert_int_equal(lc_index_add_row(writer, i, &row, NULL), LC_OK);
        if (i % 2)
            assert_int_equal(lc_index_add_row_images(writer, i, images, 1, NULL), LC_OK);
    }
    assert_int_equal(lc_index_add_image(writer, 0, &image, NULL), LC_OK);
    assert_int_equal(lc_index_add_file_statistics(writer, 0, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_statistics(writer, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_info(writer, &info, NULL), LC_OK);
    assert_int_equal(lc_index_add_summary(writer, &summary, NULL, 0, NULL), LC_OK);
    assert_int_equal(lc_index_finish(writer, NULL, &index, NULL), LC_OK);
    return index;
}

/* Count the findings before the end or the first error. */
static size_t count_findings(const struct lc_index *index, enum lc_status *status)
{
    const struct lc_finding_entry *finding = NULL;
    struct lc_finding_iterator *iterator = NULL;
    size_t count = 0;

    assert_int_equal(lc_finding_iterator_new(index, NULL, &iterator, NULL), LC_OK);
    while ((*status = lc_finding_next(iterator, &finding, NULL)) == LC_OK && finding)
        count++;
    assert_null(finding);
    assert_int_equal(lc_finding_next(iterator, &finding, NULL), LC_OK);
    assert_null(finding); /* the end is final, even after an error */
    lc_finding_iterator_free(iterator);
    return count;
}

static size_t count_rows(const struct lc_index *index, enum lc_status *status)
{
    const struct lc_row_entry *row = NULL;
    struct lc_row_iterator *iterator = NULL;
    size_t count = 0;

    assert_int_equal(lc_row_iterator_new(index, &iterator, NULL), LC_OK);
    while ((*status = lc_row_next(iterator, &row, NULL)) == LC_OK && row) {
        assert_int_equal(row->number, count);
        assert_int_equal(row->image_count, count % 2);
        assert_int_equal(row->is_ok, count != ROWS - 1);
        if (row->image_count)
            assert_true(spells(row->images[0].path, "a.png"));
        count++;
    }
    assert_null(row);
    assert_int_equal(lc_row_next(iterator, &row, NULL), LC_OK);
    assert_null(row);
    lc_row_iterator_free(iterator);
    return count;
}

static void test_sound_index_is_read_to_its_end(void **state)
{
    const struct damage none = {0};
    struct lc_index *index = make_index(&none);
    enum lc_status status;

    (void)state;
    assert_int_equal(count_findings(index, &status), 2);
    assert_int_equal(status, LC_OK);
    assert_int_equal(count_rows(index, &status), ROWS);
    assert_int_equal(status, LC_OK);
    lc_index_close(index);
}

static void test_fields_that_do_not_apply(void **state)
{
    const struct damage none = {0};
    struct lc_index *index = make_index(&none);
    const struct lc_finding_entry *finding;
    struct lc_finding_iterator *iterator = NULL;

    (void)state;
    assert_int_equal(lc_finding_iterator_new(index, NULL, &iterator, NULL), LC_OK);
    assert_int_equal(lc_finding_next(iterator, &finding, NULL), LC_OK);
    assert_true(spells(finding->file, "a.json"));
    assert_int_equal(finding->row_number, ROWS - 1);
    assert_string_equal(finding->info->code, "CNV303");
    assert_int_equal(finding->image_number, -1);
    assert_int_equal(finding->row_count, -1);
    assert_int_equal(lc_finding_next(iterator, &finding, NULL), LC_OK);
    assert_null(finding->info); /* no rule of this version */
    assert_true(spells(finding->rule, "ZZZ999"));
    assert_true(spells(finding->image, "a.png"));
    assert_int_equal(finding->image_number, 0);
    assert_int_equal(finding->row, -1);
    assert_int_equal(finding->line, -1);
    assert_int_equal(finding->file_number, -1);
    lc_finding_iterator_free(iterator);
    lc_index_close(index);
}

static void test_image_and_file(void **state)
{
    const struct damage none = {0};
    struct lc_index *index = make_index(&none);
    struct lc_image_iterator *images = NULL;
    struct lc_file_iterator *files = NULL;
    const struct lc_image_entry *image;
    const struct lc_file_entry *file;

    (void)state;
    assert_int_equal(lc_image_iterator_new(index, &images, NULL), LC_OK);
    assert_int_equal(lc_image_next(images, &image, NULL), LC_OK);
    assert_int_equal(image->channels, 4);
    assert_int_equal(image->size, -1);
    assert_int_equal(image->state, LC_IMAGE_MISSING);
    assert_int_equal(lc_image_next(images, &image, NULL), LC_OK);
    assert_null(image);
    lc_image_iterator_free(images);
    assert_int_equal(lc_file_iterator_new(index, &files, NULL), LC_OK);
    assert_int_equal(lc_file_next(files, &file, NULL), LC_OK);
    assert_true(spells(file->name, "a.json"));
    assert_int_equal(lc_file_next(files, &file, NULL), LC_OK);
    assert_null(file);
    lc_file_iterator_free(files);
    lc_index_close(index);
}

static void test_records_that_refer_to_nothing_are_errors(void **state)
{
    static const struct {
        struct damage damage;
        size_t findings; /* before the error, if any */
        size_t rows;
        bool bad_findings;
        bool bad_rows;
    } cases[] = {
        {{.file_of_finding = true}, 0, ROWS, true, false},
        {{.row_of_finding = true}, 0, ROWS, true, false},
        {{.image_of_finding = true}, 1, ROWS, true, false},
        {{.file_of_row = true}, 2, 3, false, true},
        {{.image_of_row = true}, 2, 3, false, true},
    };

    (void)state;
    EXPECT_CASES(cases, 5);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_index *index = make_index(&cases[i].damage);
        enum lc_status status;

        assert_int_equal(count_findings(index, &status), cases[i].findings);
        assert_int_equal(status, cases[i].bad_findings ? LC_ERR_INDEX : LC_OK);
        if (!cases[i].bad_findings) {
            assert_int_equal(count_rows(index, &status), cases[i].rows);
            assert_int_equal(status, cases[i].bad_rows ? LC_ERR_INDEX : LC_OK);
        }
        lc_index_close(index);
    }
}

static void test_free_takes_null(void **state)
{
    (void)state;
    lc_finding_iterator_free(NULL);
    lc_row_iterator_free(NULL);
    lc_image_iterator_free(NULL);
    lc_file_iterator_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound_index_is_read_to_its_end),
        cmocka_unit_test(test_fields_that_do_not_apply),
        cmocka_unit_test(test_image_and_file),
        cmocka_unit_test(test_records_that_refer_to_nothing_are_errors),
        cmocka_unit_test(test_free_takes_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
