/* test_arrow.c - src/arrow: tables through Arrow's C data interface, from sound and
 * damaged indexes; and what consumers may do with them */
#include "unit.h"

#include "index/index.h"
#include "llava_check/arrow.h"
#include "llava_check/report.h"
#include "llava_check/selection.h"

#include <errno.h>

enum { ROWS = 11, IMAGES = 2, BAD_ROW = 9 };

/* What is wrong with an index. */
struct damage {
    bool image_of_finding;
    bool file_of_row;
};

static void add_findings(struct lc_index_writer *writer, const struct damage *damage)
{
    struct lc_finding_record finding = {.kind = LC_FINDING_ROW,
                                        .severity = LC_SEVERITY_ERROR,
                                        .found = LC_SEVERITY_ERROR,
                                        .rule = span("CNV303"),
                                        .rule_case = span("questions"),
                                        .message = span("caf\xE9"),
                                        .id = span("0001"),
                                        .row = BAD_ROW,
                                        .turn = -1};

    assert_int_equal(lc_index_add_finding(writer, &finding, NULL), LC_OK);
    finding = (struct lc_finding_record){.kind = LC_FINDING_IMAGE,
                                         .order = 1,
                                         .severity = LC_SEVERITY_WARNING,
                                         .found = LC_SEVERITY_WARNING,
                                         .rule = span("ZZZ999"),
                                         .message = span("second"),
                                         .image = damage->image_of_finding ? IMAGES : 1,
                                         .row = -1,
                                         .turn = -1};
    assert_int_equal(lc_index_add_finding(writer, &finding, NULL), LC_OK);
}

static struct lc_index *make_index(const struct damage *damage)
{
    const struct lc_index_info info = {.tool = span("0.1.0")};
    const struct lc_statistics statistics = {.one_image = ROWS};
    const struct lc_summary summary = {.rows = ROWS,
                                       .rows_files = 1,
                                       .images_referenced = IMAGES,
                                       .findings = {0, 1, 1}};
    const struct lc_file_record file = {
        .name = span("a.json"), .rows = ROWS, .dialect = span("llava")};
    const struct lc_image_record images[IMAGES] = {
        {.path = span("a.png"), .state = LC_IMAGE_OK, .content = {{1, 2}}, .inode = 1},
        {.path = span("b\xFF.png"), .state = LC_IMAGE_MISSING}};
    struct lc_index_writer *writer = NULL;
    struct lc_index *index = NULL;

    assert_int_equal(lc_index_create(NULL, NULL, &writer, NULL), LC_OK);
    assert_int_equal(lc_index_add_file(writer, 0, &file, NULL), LC_OK);
    add_findings(writer, damage);
    for (uint64_t i = 0; i < ROWS; i++) {
        const uint32_t numbers[] = {0, 1};
        const struct lc_row_record row = {.row = i,
                                          .file = damage->file_of_row && i == 7,
                                          .readable = true,
                                          .object = true,
                                          .script = LC_SCRIPT_HAN};

        assert_int_equal(lc_index_add_row(writer, i, &row, NULL), LC_OK);
        if (i % 2)
            assert_int_equal(lc_index_add_row_images(writer, i, numbers, 2, NULL), LC_OK);
    }
    for (uint32_t i = 0; i < IMAGES; i++)
        assert_int_equal(lc_index_add_image(writer, i, &images[i], NULL), LC_OK);
    assert_int_equal(lc_index_add_file_statistics(writer, 0, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_statistics(writer, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_info(writer, &info, NULL), LC_OK);
    assert_int_equal(lc_index_add_summary(writer, &summary, NULL, 0, NULL), LC_OK);
    assert_int_equal(lc_index_finish(writer, NULL, &index, NULL), LC_OK);
    return index;
}

static struct lc_index *make_sound(void)
{
    const struct damage none = {0};

    return make_index(&none);
}

static struct ArrowArrayStream start(const struct lc_index *index,
                                     enum lc_arrow_table table, uint64_t batch)
{
    struct lc_arrow_options options = LC_OPTIONS(lc_arrow_options);
    struct lc_prediction *prediction = NULL;
    struct ArrowArrayStream stream;
    struct lc_error error = {0};

    assert_int_equal(lc_prediction_new(index, NULL, false, &prediction, &error), LC_OK);
    options.prediction = prediction;
    options.batch = batch;
    assert_int_equal(lc_arrow_stream(index, table, &options, &stream, &error), LC_OK);
    lc_prediction_free(prediction); /* the stream has copied what it needs */
    return stream;
}

/* Return the column with a name. */
static const struct ArrowArray *find(const struct ArrowArray *batch,
                                     enum lc_arrow_table table, const char *name)
{
    struct ArrowSchema schema;
    const struct ArrowArray *found = NULL;

    assert_int_equal(lc_arrow_schema(table, &schema, NULL), LC_OK);
    assert_int_equal(schema.n_children, batch->n_children);
    for (int64_t i = 0; i < schema.n_children; i++)
        if (strcmp(schema.children[i]->name, name) == 0)
            found = batch->children[i];
    schema.release(&schema);
    assert_null(schema.release);
    assert_non_null(found);
    return found;
}

/* Return the text at a position of an array of texts. */
static struct lc_span text_at(const struct ArrowArray *array, int64_t i)
{
    const int32_t *offsets = array->buffers[1];
    const char *text = array->buffers[2];

    assert_in_range(i, 0, array->length - 1);
    return (struct lc_span){text + offsets[i], (size_t)(offsets[i + 1] - offsets[i])};
}

static bool is_null(const struct ArrowArray *array, int64_t i)
{
    const uint8_t *bits = array->buffers[0];

    return bits && !(bits[i / 8] >> i % 8 & 1);
}

static struct lc_span name_at(const struct ArrowArray *array, int64_t i)
{
    const int32_t *numbers = array->buffers[1];

    return text_at(array->dictionary, numbers[i]);
}

static struct lc_span value_at(const struct ArrowArray *array, int64_t i)
{
    const int8_t *numbers = array->buffers[1];

    return text_at(array->dictionary, numbers[i]);
}

static struct ArrowArray next(struct ArrowArrayStream *stream)
{
    struct ArrowArray batch;

    assert_int_equal(stream->get_next(stream, &batch), 0);
    return batch;
}

static void test_tables_have_all_rows_in_batches(void **state)
{
    static const struct {
        enum lc_arrow_table table;
        uint64_t rows;
    } cases[] = {{LC_ARROW_FILES, 1},       {LC_ARROW_ROWS, ROWS},
                 {LC_ARROW_IMAGES, IMAGES}, {LC_ARROW_FINDINGS, 2},
                 {LC_ARROW_EFFECTS, ROWS},  {LC_ARROW_VERDICTS, ROWS}};
    struct lc_index *index = make_sound();

    (void)state;
    EXPECT_CASES(cases, LC_ARROW_TABLE_COUNT);
    for (size_t i = 0; i < LC_ARROW_TABLE_COUNT; i++)
        for (uint64_t most = 0; most <= ROWS + 1; most++) {
            struct ArrowArrayStream stream = start(index, cases[i].table, most);
            uint64_t rows = 0;

            for (;;) {
                struct ArrowArray batch = next(&stream);

                if (!batch.release)
                    break;
                assert_true(!most || (uint64_t)batch.length <= most);
                for (int64_t c = 0; c < batch.n_children; c++)
                    assert_int_equal(batch.children[c]->length, batch.length);
                rows += (uint64_t)batch.length;
                batch.release(&batch);
                assert_null(batch.release);
            }
            assert_int_equal(rows, cases[i].rows);
            assert_null(next(&stream).release); /* it stays at its end */
            stream.release(&stream);
            assert_null(stream.release);
        }
    lc_index_close(index);
}

static void test_values_and_nulls(void **state)
{
    struct lc_index *index = make_sound();
    struct ArrowArrayStream stream = start(index, LC_ARROW_FINDINGS, 0);
    struct ArrowArray batch = next(&stream);

    (void)state;
    assert_true(spells(name_at(find(&batch, LC_ARROW_FINDINGS, "rule"), 0), "CNV303"));
    assert_true(spells(name_at(find(&batch, LC_ARROW_FINDINGS, "rule"), 1), "ZZZ999"));
    assert_true(spells(name_at(find(&batch, LC_ARROW_FINDINGS, "name"), 0),
                       "turns-not-alternating"));
    assert_true(is_null(find(&batch, LC_ARROW_FINDINGS, "name"), 1)); /* unknown rule */
    assert_true(
        spells(value_at(find(&batch, LC_ARROW_FINDINGS, "severity"), 0), "error"));
    assert_true(
        spells(value_at(find(&batch, LC_ARROW_FINDINGS, "effect"), 0), "replaced"));
    assert_true(spells(value_at(find(&batch, LC_ARROW_FINDINGS, "kind"), 1), "image"));
    assert_true(
        spells(text_at(find(&batch, LC_ARROW_FINDINGS, "message"), 0), "caf\\xe9"));
    assert_true(
        spells(text_at(find(&batch, LC_ARROW_FINDINGS, "image"), 1), "b\\xff.png"));
    assert_true(is_null(find(&batch, LC_ARROW_FINDINGS, "image"), 0));
    assert_int_equal(find(&batch, LC_ARROW_FINDINGS, "image")->null_count, 1);
    assert_true(is_null(find(&batch, LC_ARROW_FINDINGS, "turn"), 0));
    assert_int_equal(
        ((const int64_t *)find(&batch, LC_ARROW_FINDINGS, "row")->buffers[1])[0],
        BAD_ROW);
    batch.release(&batch);
    stream.release(&stream);

    stream = start(index, LC_ARROW_IMAGES, 0);
    batch = next(&stream);
    assert_true(spells(value_at(find(&batch, LC_ARROW_IMAGES, "state"), 1), "missing"));
    assert_true(spells(text_at(find(&batch, LC_ARROW_IMAGES, "content"), 0),
                       "01020000000000000000000000000000"));
    assert_true(is_null(find(&batch, LC_ARROW_IMAGES, "content"), 1));
    assert_true(is_null(find(&batch, LC_ARROW_IMAGES, "size"), 1));
    batch.release(&batch);
    stream.release(&stream);
    lc_index_close(index);
}

static void test_lists_of_images_start_anew_in_each_batch(void **state)
{
    struct lc_index *index = make_sound();
    struct ArrowArrayStream stream = start(index, LC_ARROW_ROWS, 3);
    int64_t first = 0;

    (void)state;
    for (;;) {
        struct ArrowArray batch = next(&stream);
        const struct ArrowArray *lists;
        const int32_t *offsets;

        if (!batch.release)
            break;
        lists = find(&batch, LC_ARROW_ROWS, "images");
        offsets = lists->buffers[1];
        assert_int_equal(offsets[0], 0);
        for (int64_t i = 0; i < batch.length; i++)
            assert_int_equal(offsets[i + 1] - offsets[i], (first + i) % 2 ? IMAGES : 0);
        assert_int_equal(lists->children[0]->length, offsets[batch.length]);
        first += batch.length;
        batch.release(&batch);
    }
    assert_int_equal(first, ROWS);
    stream.release(&stream);
    lc_index_close(index);
}

static void test_effects_have_their_reasons(void **state)
{
    struct lc_index *index = make_sound();
    struct ArrowArrayStream stream = start(index, LC_ARROW_EFFECTS, 0);
    struct ArrowArray batch = next(&stream);
    const struct ArrowArray *rules = find(&batch, LC_ARROW_EFFECTS, "rule");

    (void)state;
    assert_true(spells(value_at(find(&batch, LC_ARROW_EFFECTS, "effect"), 0), "fine"));
    assert_true(is_null(rules, 0));
    assert_true(
        spells(value_at(find(&batch, LC_ARROW_EFFECTS, "effect"), BAD_ROW), "replaced"));
    assert_true(spells(name_at(rules, BAD_ROW), "CNV303"));
    assert_true(
        spells(name_at(find(&batch, LC_ARROW_EFFECTS, "case"), BAD_ROW), "questions"));
    assert_false(is_null(find(&batch, LC_ARROW_EFFECTS, "what"), BAD_ROW));
    batch.release(&batch);
    stream.release(&stream);
    lc_index_close(index);
}

/* A finding is listed in the row that it is about; one about an image is listed in every
 * row that names the image, with the image's position there. */
static void test_verdicts_list_the_findings_of_rows_and_images(void **state)
{
    struct lc_index *index = make_sound();

    (void)state;
    for (uint64_t most = 1; most <= ROWS; most++) {
        struct ArrowArrayStream stream = start(index, LC_ARROW_VERDICTS, most);
        int64_t row = 0;

        for (;;) {
            struct ArrowArray batch = next(&stream);
            const struct ArrowArray *lists, *items;
            const int32_t *offsets;

            if (!batch.release)
                break;
            lists = find(&batch, LC_ARROW_VERDICTS, "findings");
            items = lists->children[0];
            offsets = lists->buffers[1];
            assert_int_equal(offsets[0], 0);
            assert_int_equal(items->n_children, 4);
            assert_int_equal(items->length, offsets[batch.length]);
            for (int64_t i = 0; i < batch.length; i++, row++) {
                const uint8_t *ok = find(&batch, LC_ARROW_VERDICTS, "is_ok")->buffers[1];
                struct lc_span effect =
                    text_at(find(&batch, LC_ARROW_VERDICTS, "effect"), i);
                int32_t at = offsets[i];

                assert_int_equal(offsets[i + 1] - at, (row == BAD_ROW) + row % 2);
                assert_int_equal(ok[i / 8] >> i % 8 & 1, row != BAD_ROW);
                assert_true(spells(effect, row == BAD_ROW ? "replaced" : "fine"));
                if (row == BAD_ROW) {
                    assert_true(spells(text_at(items->children[0], at), "CNV303"));
                    assert_true(spells(text_at(items->children[1], at), "error"));
                    assert_true(spells(text_at(items->children[2], at), "caf\\xe9"));
                    assert_true(is_null(items->children[3], at++));
                }
                if (row % 2) {
                    assert_true(spells(text_at(items->children[0], at), "ZZZ999"));
                    assert_int_equal(
                        ((const int64_t *)items->children[3]->buffers[1])[at], 1);
                }
            }
            batch.release(&batch);
        }
        assert_int_equal(row, ROWS);
        stream.release(&stream);
    }
    lc_index_close(index);
}

static void test_verdicts_can_leave_out_low_levels(void **state)
{
    struct lc_index *index = make_sound();
    struct lc_arrow_options options = LC_OPTIONS(lc_arrow_options);
    struct lc_prediction *prediction = NULL;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;

    (void)state;
    assert_int_equal(lc_arrow_stream(index, LC_ARROW_VERDICTS, &options, &stream, NULL),
                     LC_ERR_USAGE);
    assert_int_equal(lc_prediction_new(index, NULL, false, &prediction, NULL), LC_OK);
    options.prediction = prediction;
    options.show = LC_SEVERITY_ERROR;
    assert_int_equal(lc_arrow_stream(index, LC_ARROW_VERDICTS, &options, &stream, NULL),
                     LC_OK);
    lc_prediction_free(prediction);
    batch = next(&stream);
    assert_int_equal(find(&batch, LC_ARROW_VERDICTS, "findings")->children[0]->length, 1);
    batch.release(&batch);
    stream.release(&stream);
    lc_index_close(index);
}

static void test_a_stream_outlives_its_index_and_an_array_its_stream(void **state)
{
    const char *const ignored[] = {"CNV303"};
    const struct lc_selection selection = {
        .size = sizeof(selection), .ignore = ignored, .ignore_count = 1};
    struct lc_index *index = make_sound();
    struct lc_arrow_options options = LC_OPTIONS(lc_arrow_options);
    struct lc_view *view = NULL;
    struct ArrowArrayStream stream;
    struct ArrowArray batch, message;

    (void)state;
    assert_int_equal(lc_view_new(index, &selection, &view, NULL), LC_OK);
    options.view = view;
    assert_int_equal(lc_arrow_stream(index, LC_ARROW_FINDINGS, &options, &stream, NULL),
                     LC_OK);
    lc_view_free(view);
    lc_index_close(index);
    batch = next(&stream);
    stream.release(&stream);
    assert_int_equal(batch.length, 1); /* the view reports one of them */

    for (int64_t i = 0; i < batch.n_children; i++) /* the consumer takes one child */
        if (find(&batch, LC_ARROW_FINDINGS, "message") == batch.children[i]) {
            message = *batch.children[i];
            batch.children[i]->release = NULL;
        }
    batch.release(&batch);
    assert_true(spells(text_at(&message, 0), "second"));
    message.release(&message);
}

static void test_damage_is_an_error_and_the_end(void **state)
{
    static const struct {
        struct damage damage;
        enum lc_arrow_table table;
    } cases[] = {
        {{.image_of_finding = true}, LC_ARROW_FINDINGS},
        {{.file_of_row = true}, LC_ARROW_ROWS},
    };

    (void)state;
    EXPECT_CASES(cases, 2);
    for (size_t i = 0; i < 2; i++) {
        struct lc_index *index = make_index(&cases[i].damage);
        struct ArrowArrayStream stream;
        struct ArrowArray batch;

        assert_int_equal(lc_arrow_stream(index, cases[i].table, NULL, &stream, NULL),
                         LC_OK);
        assert_int_equal(stream.get_next(&stream, &batch), EIO);
        assert_null(batch.release);
        assert_non_null(strstr(stream.get_last_error(&stream), "damaged"));
        stream.release(&stream);
        lc_index_close(index);
    }
}

static void test_what_cannot_be_is_refused(void **state)
{
    struct lc_index *index = make_sound();
    struct lc_arrow_options options = LC_OPTIONS(lc_arrow_options);
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct lc_error error = {0};

    (void)state;
    assert_int_equal(
        lc_arrow_stream(index, LC_ARROW_TABLE_COUNT, &options, &stream, &error),
        LC_ERR_USAGE);
    error = (struct lc_error){0};
    assert_int_equal(lc_arrow_stream(index, LC_ARROW_EFFECTS, &options, &stream, &error),
                     LC_ERR_USAGE);
    assert_non_null(strstr(error.message, "prediction"));
    options.size = 0;
    assert_int_equal(lc_arrow_stream(index, LC_ARROW_ROWS, &options, &stream, NULL),
                     LC_ERR_USAGE);
    assert_int_equal(lc_arrow_schema((enum lc_arrow_table) - 1, &schema, NULL),
                     LC_ERR_USAGE);
    lc_index_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_have_all_rows_in_batches),
        cmocka_unit_test(test_values_and_nulls),
        cmocka_unit_test(test_lists_of_images_start_anew_in_each_batch),
        cmocka_unit_test(test_effects_have_their_reasons),
        cmocka_unit_test(test_verdicts_list_the_findings_of_rows_and_images),
        cmocka_unit_test(test_verdicts_can_leave_out_low_levels),
        cmocka_unit_test(test_a_stream_outlives_its_index_and_an_array_its_stream),
        cmocka_unit_test(test_damage_is_an_error_and_the_end),
        cmocka_unit_test(test_what_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
