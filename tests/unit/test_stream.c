/* test_stream.c - src/index/read/stream.c: reading an index record by record, from
 * anywhere
 */
#include "unit.h"

#include "index/index.h"

enum { ROWS = 3000, FILES = 3 };

/* Every third row names images; every fifth has findings. */
static bool has_images(uint64_t row)
{
    return row % 3 == 1;
}

static uint64_t findings_of(uint64_t row)
{
    return row % 5 == 2 ? row % 4 : 0;
}

static void add_finding(struct lc_index_writer *writer, uint32_t file, int64_t row,
                        uint64_t offset)
{
    const struct lc_finding_record finding = {.kind = LC_FINDING_ROW,
                                              .rule = span("TOK401"),
                                              .order = 40,
                                              .file = file,
                                              .row = row,
                                              .offset = offset,
                                              .turn = -1};

    assert_int_equal(lc_index_add_finding(writer, &finding, NULL), LC_OK);
}

static void add_rows(struct lc_index_writer *writer, uint64_t rows)
{
    for (uint64_t i = 0; i < rows; i++) {
        const struct lc_row_record row = {
            .row = i, .words = i * 7, .id = span("some id")};
        const uint32_t images[] = {(uint32_t)i, (uint32_t)i + 1};

        assert_int_equal(lc_index_add_row(writer, i, &row, NULL), LC_OK);
        if (has_images(i))
            assert_int_equal(lc_index_add_row_images(writer, i, images, 2, NULL), LC_OK);
        for (uint64_t k = 0; k < findings_of(i); k++)
            add_finding(writer, 1, (int64_t)i, i);
    }
}

/* Make an index with this number of rows; file 1 of three has all findings but one. */
static struct lc_index *make_index(uint64_t rows)
{
    const struct lc_index_info info = {.tool = span("0.1.0")};
    const struct lc_statistics statistics = {.one_image = rows};
    const struct lc_summary summary = {.rows = rows};
    struct lc_index_writer *writer = NULL;
    struct lc_index *index = NULL;

    assert_int_equal(lc_index_create(NULL, NULL, &writer, NULL), LC_OK);
    if (rows) {
        add_finding(writer, 0, 7, 1);
        add_finding(writer, 1, -1, 0); /* before its rows */
    }
    add_rows(writer, rows);
    if (rows)
        add_finding(writer, 1, -1, 99); /* after them */
    for (uint32_t i = 0; i < FILES; i++)
        assert_int_equal(
            lc_index_add_file_statistics(
                writer, i, &(struct lc_statistics){.one_image = i + 1}, NULL),
            LC_OK);
    assert_int_equal(lc_index_add_statistics(writer, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_info(writer, &info, NULL), LC_OK);
    assert_int_equal(lc_index_add_summary(writer, &summary, NULL, 0, NULL), LC_OK);
    assert_int_equal(lc_index_finish(writer, NULL, &index, NULL), LC_OK);
    return index;
}

static struct lc_stream *open_stream(const struct lc_index *index,
                                     enum lc_stream_over over)
{
    struct lc_stream *stream = NULL;

    assert_int_equal(lc_stream_new(index, over, &stream, NULL), LC_OK);
    return stream;
}

/* Expect exactly the rows from first on. */
static void expect_rows_from(const struct lc_index *index, uint64_t first, uint64_t most)
{
    struct lc_stream *stream = open_stream(index, LC_STREAM_ROWS);
    uint64_t number = 0, due = first;
    struct lc_row_record row;
    bool there = true;

    assert_int_equal(lc_stream_from_row(stream, first, NULL), LC_OK);
    for (; there && due < first + most; due++) {
        assert_int_equal(lc_stream_row(stream, &number, &row, &there, NULL), LC_OK);
        assert_int_equal(there, due < ROWS);
        if (!there)
            break;
        assert_int_equal(number, due);
        assert_int_equal(row.words, due * 7);
        assert_true(spells(row.id, "some id"));
    }
    lc_stream_free(stream);
}

static void expect_images_from(const struct lc_index *index, uint64_t first)
{
    struct lc_stream *stream = open_stream(index, LC_STREAM_ROW_IMAGES);
    uint64_t row = 0, due = first;
    struct lc_span images;
    bool there = true;

    while (due < ROWS && !has_images(due))
        due++;
    assert_int_equal(lc_stream_from_row(stream, first, NULL), LC_OK);
    assert_int_equal(lc_stream_row_images(stream, &row, &images, &there, NULL), LC_OK);
    assert_int_equal(there, due < ROWS);
    if (there) {
        assert_int_equal(row, due);
        assert_int_equal(images.size, 8);
        assert_int_equal(lc_get_u32((const uint8_t *)images.text), due);
    }
    lc_stream_free(stream);
}

static void from_every_row(void **state)
{
    struct lc_index *index = make_index(ROWS);

    (void)state;
    for (uint64_t first = 0; first <= ROWS + 1; first++) {
        expect_rows_from(index, first, 20);
        expect_images_from(index, first);
    }
    expect_rows_from(index, 0, ROWS + 1);
    expect_rows_from(index, 1234, ROWS + 1);
    lc_index_close(index);
}

/* Count the findings about a file from one of its rows on, including those after its
 * rows.
 */
static uint64_t count_findings(const struct lc_index *index, uint32_t file, uint64_t row)
{
    struct lc_stream *stream = open_stream(index, LC_STREAM_FINDINGS);
    struct lc_finding_key key = {0};
    uint64_t count = 0, last = 0;
    struct lc_span record;
    bool there = true;

    assert_int_equal(lc_stream_from_finding(stream, file, row, NULL), LC_OK);
    for (;; count++) {
        struct lc_finding_record finding;

        assert_int_equal(lc_stream_finding(stream, &key, &record, &there, NULL), LC_OK);
        if (!there || key.subject != file)
            break;
        assert_int_equal(key.kind, LC_FINDING_ROW);
        assert_true(key.row >= row && key.row >= last);
        assert_int_equal(key.order, 40);
        assert_int_equal(lc_finding_decode(record, &finding, NULL), LC_OK);
        assert_int_equal(key.row, finding.row >= 0 ? (uint64_t)finding.row + 1
                                  : finding.offset ? LC_AFTER_ROWS
                                                   : LC_BEFORE_ROWS);
        last = key.row;
    }
    lc_stream_free(stream);
    return count;
}

static void from_findings(void **state)
{
    struct lc_index *index = make_index(ROWS);
    uint64_t left = 1; /* the finding after the rows */

    (void)state;
    assert_int_equal(count_findings(index, 1, LC_AFTER_ROWS), 1);
    for (uint64_t row = ROWS; row-- > 0;) {
        left += findings_of(row);
        if (row % 50 == 2 || row + 50 > ROWS)
            assert_int_equal(count_findings(index, 1, row + 1), left);
    }
    assert_int_equal(count_findings(index, 1, LC_BEFORE_ROWS), left + 1);
    assert_int_equal(count_findings(index, 0, LC_BEFORE_ROWS), 1);
    assert_int_equal(count_findings(index, 0, 9), 0);
    assert_int_equal(count_findings(index, 2, LC_BEFORE_ROWS), 0);
    assert_int_equal(count_findings(index, UINT32_MAX, LC_AFTER_ROWS), 0);
    lc_index_close(index);
}

static void of_nothing(void **state)
{
    struct lc_index *index = make_index(0);
    struct lc_stream *rows = open_stream(index, LC_STREAM_ROWS);
    struct lc_stream *images = open_stream(index, LC_STREAM_ROW_IMAGES);
    struct lc_row_record row;
    struct lc_span span;
    bool there = true;
    uint64_t number;

    (void)state;
    assert_int_equal(lc_stream_from_row(rows, 0, NULL), LC_OK);
    assert_int_equal(lc_stream_row(rows, &number, &row, &there, NULL), LC_OK);
    assert_false(there);
    there = true;
    assert_int_equal(lc_stream_from_row(images, 5, NULL), LC_OK);
    assert_int_equal(lc_stream_row_images(images, &number, &span, &there, NULL), LC_OK);
    assert_false(there);
    assert_int_equal(count_findings(index, 0, LC_BEFORE_ROWS), 0);
    lc_stream_free(rows);
    lc_stream_free(images);
    lc_stream_free(NULL);
    lc_index_close(index);
}

static void statistics_of_files(void **state)
{
    struct lc_index *index = make_index(1);
    struct lc_statistics statistics;

    (void)state;
    for (uint32_t i = 0; i < FILES; i++) {
        assert_int_equal(lc_index_get_file_statistics(index, i, &statistics, NULL),
                         LC_OK);
        assert_int_equal(statistics.one_image, i + 1);
    }
    assert_int_equal(lc_index_get_file_statistics(index, FILES, &statistics, NULL),
                     LC_ERR_INDEX);
    lc_index_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_every_row),
        cmocka_unit_test(from_findings),
        cmocka_unit_test(of_nothing),
        cmocka_unit_test(statistics_of_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
