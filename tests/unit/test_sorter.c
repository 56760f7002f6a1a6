/* test_sorter.c - sorting on disk compared with sorting in memory, and the rules about
 * ids and contents with both */
#include "unit.h"

#include <errno.h>
#include <sys/resource.h>
#include <signal.h>

#include "scan/set/set.h"
#include "scan/set/sorting.h"

/* Numbers with different hashes, except that every third has the same hash. */
static void fill(struct lc_sorter *sorter, size_t count, size_t different)
{
    uint64_t state = 7;

    for (size_t i = 0; i < count; i++) {
        uint64_t text = i % 3 ? next_random(&state) % different : 0;
        struct lc_row_id item = {lc_hash_bytes(&text, sizeof(text)), i};

        if (sorter->is_irregular)
            item = (struct lc_row_id){.hash = {{[7] = (uint8_t)text}}, .row = count - i};
        assert_int_equal(lc_sorter_add(sorter, &item, NULL), LC_OK);
    }
    assert_int_equal(lc_sorter_sort(sorter, NULL), LC_OK);
}

static void disk_gives_what_memory_gives(void **state)
{
    static const struct {
        size_t count, different, limit;
        bool is_irregular;
    } cases[] = {
        {0, 1, 1, false},        {1, 1, 1, false},
        {2, 1, 1, false},        {3, 2, 2, false},
        {4, 2, 2, false},        {5, 2, 2, true},
        {1000, 1, 10, false},    {1000, 1000, 1, false},
        {1000, 50, 999, false},  {1000, 50, 1000, true},
        {1000, 50, 1001, false}, {1024, 7, 64, true},
        {5000, 3, 7, false},     {100000, 70000, 9999, false},
        {30000, 250, 128, true},
    };
    EXPECT_CASES(cases, 15);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_sorter memory = {.is_irregular = cases[i].is_irregular};
        struct lc_sorter disk = {.is_irregular = cases[i].is_irregular,
                                 .limit = cases[i].limit};
        bool there = true;

        fill(&memory, cases[i].count, cases[i].different);
        fill(&disk, cases[i].count, cases[i].different);
        assert_false(memory.spilled);
        assert_int_equal(disk.spilled, cases[i].count > cases[i].limit);
        for (size_t n = 0; n <= cases[i].count; n++) {
            struct lc_row_id a, b;
            bool more;

            assert_int_equal(lc_sorter_next(&memory, &a, &more, NULL), LC_OK);
            assert_int_equal(lc_sorter_next(&disk, &b, &there, NULL), LC_OK);
            assert_int_equal(more, n < cases[i].count);
            assert_int_equal(there, more);
            if (more)
                assert_memory_equal(&a, &b, sizeof(a));
        }
        lc_sorter_clear(&memory);
        lc_sorter_clear(&disk);
        lc_sorter_clear(&disk);
    }
    lc_sorter_clear(NULL);
}

static void no_place_for_the_file(void **state)
{
    struct lc_sorter sorter = {.folder = "/nowhere/at/all", .limit = 1};
    struct lc_row_id item = {.row = 1};
    struct lc_error err = {0};

    (void)state;
    assert_int_equal(lc_sorter_add(&sorter, &item, &err), LC_OK);
    assert_int_equal(lc_sorter_add(&sorter, &item, &err), LC_ERR_IO);
    assert_int_equal(err.os_errno, ENOENT);
    lc_sorter_clear(&sorter);
}

/* A limit on the file size simulates a full disk. */
static void the_disk_is_full(void **state)
{
    struct lc_sorter sorter = {.limit = 100};
    struct lc_row_id item = {.row = 1};
    struct rlimit before, small;
    struct lc_error err = {0};
    enum lc_status status = LC_OK;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (size_t i = 0; i < 1000 && status == LC_OK; i++)
        status = lc_sorter_add(&sorter, &item, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, LC_ERR_IO);
    assert_int_equal(strncmp(err.message, "write a temporary file in '", 27), 0);
    lc_sorter_clear(&sorter);
}

/* ---- the rules that use the sorters */

enum { ROWS = 3000 };

static void add_row(struct lc_run *run, struct lc_rows *rows, uint64_t row)
{
    char id[24];
    uint64_t content = row % 5 == 4 ? row / 50 : 1000000 + row;
    struct lc_row_record record = {.row = row, .line = row + 1, .images = row % 4 != 0};
    struct lc_row_id item = {.row = row};

    /* one id on a third of all rows, others on a few distant rows each */
    snprintf(id, sizeof(id), "%d", row % 3 == 0 ? -1 : (int)(row % 2000));
    record.id = span(id);
    item.hash = lc_hash_bytes(id, record.id.size);
    assert_int_equal(lc_sorter_add(&rows->ids, &item, NULL), LC_OK);
    record.content = item.hash = lc_hash_bytes(&content, sizeof(content));
    assert_int_equal(lc_sorter_add(&rows->contents, &item, NULL), LC_OK);
    /* few questions, each with as many answers as possible */
    lc_put_u64(item.hash.bytes, row % 7 == 0 ? 1 : 1000 + row / 2);
    lc_put_u64(item.hash.bytes + 8, row * 2654435761 % 977);
    assert_int_equal(lc_sorter_add(&rows->questions, &item, NULL), LC_OK);
    rows->image_counts[row] = record.images;
    if (record.images) /* rows 2,000 apart name the same image, with exceptions */
        rows->named[rows->named_count++] = (uint32_t)(row % (row % 7 == 0 ? 2001 : 2000));
    assert_int_equal(lc_index_add_row(run->writer, row, &record, NULL), LC_OK);
}

/* The findings of a scan, one a line, with the rows of each id. */
struct log {
    struct lc_index *index;
    char *text;
    size_t size;
    FILE *to;
    size_t findings;
};

static void log_row(void *user, uint64_t row)
{
    struct log *log = user;

    fprintf(log->to, " %llu", (unsigned long long)row);
}

static enum lc_status note_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct log *log = user;

    log->findings++;
    fprintf(log->to, "%.*s row %lld of %llu, id %.*s: %.*s;", (int)finding->rule.size,
            finding->rule.text, (long long)finding->row,
            (unsigned long long)finding->row_count, (int)finding->id.size,
            finding->id.text, (int)finding->message.size, finding->message.text);
    (void)err;
    assert_int_equal(lc_index_each_row_of_id(log->index, finding->id, log_row, log, NULL),
                     LC_OK);
    fputc('\n', log->to);
    return LC_OK;
}

/* Return what the set stage finds if it sorts limit items in memory at a time. */
static struct log check_set(size_t limit)
{
    static const struct lc_check_options options;
    static const struct lc_statistics statistics;
    const struct lc_dataset dataset = {.file_count = 1};
    struct lc_run run = {.options = &options};
    struct lc_rows rows = {
        .ids.limit = limit, .contents.limit = limit, .questions.limit = limit};
    struct lc_sorting sorting = {0};
    struct lc_file_record file = {.name = span("x.json"), .rows = ROWS};
    struct log log = {0};

    rows.image_counts = grab(ROWS * sizeof(*rows.image_counts));
    rows.named = grab(ROWS * sizeof(*rows.named));
    rows.file_ends = grab(sizeof(*rows.file_ends));
    rows.file_ends[rows.file_count++] = ROWS;
    assert_int_equal(lc_index_create(NULL, NULL, &run.writer, NULL), LC_OK);
    assert_int_equal(lc_index_add_info(run.writer, &(struct lc_index_info){0}, NULL),
                     LC_OK);
    assert_int_equal(lc_index_add_file(run.writer, 0, &file, NULL), LC_OK);
    for (; rows.count < ROWS; rows.count++)
        add_row(&run, &rows, rows.count);
    run.summary.rows = rows.count;
    lc_sorting_begin(&sorting, &rows, NULL);
    assert_int_equal(lc_sorting_end(&sorting, NULL), LC_OK);
    assert_int_equal(lc_set_check(&run, &dataset, &rows, &sorting.unused, NULL), LC_OK);
    lc_sorting_clear(&sorting);
    assert_int_equal(lc_index_add_statistics(run.writer, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_summary(run.writer, &run.summary, NULL, 0, NULL),
                     LC_OK);
    assert_int_equal(lc_index_finish(run.writer, NULL, &log.index, NULL), LC_OK);
    log.to = open_memstream(&log.text, &log.size);
    assert_non_null(log.to);
    assert_int_equal(lc_index_each_finding(log.index, note_finding, &log, NULL), LC_OK);
    assert_int_equal(fclose(log.to), 0);
    lc_index_close(log.index);
    lc_rows_clear(&rows);
    return log;
}

static void rules_find_the_same(void **state)
{
    static const size_t limits[] = {1, 7, 100, 1500, ROWS - 1, ROWS};
    struct log memory = check_set(0);
    EXPECT_CASES(limits, 6);

    (void)state;
    assert_true(memory.findings > 800);
    for (const char *const *rule =
             (const char *const[]){"ROW206 ", "ROW207 ", "ROW210 ", "SET605 ", NULL};
         *rule; rule++)
        assert_non_null(strstr(memory.text, *rule));
    assert_non_null(strstr(memory.text, "id '-1' is used by 1000 rows"));
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct log disk = check_set(limits[i]);

        assert_string_equal(disk.text, memory.text);
        free(disk.text);
    }
    free(memory.text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(disk_gives_what_memory_gives),
        cmocka_unit_test(no_place_for_the_file),
        cmocka_unit_test(the_disk_is_full),
        cmocka_unit_test(rules_find_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
