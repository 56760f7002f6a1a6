/* test_index.c - src/index: indexes read back as written; damaged ones are refused */
#include "unit.h"

#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "index/index.h"
#include "index/format/seal.h"
#include "index/read/pages.h"
#include "index/write/state.h"

enum { FOLDER = 64, PATH = 128 };

static char folder[FOLDER]; /* a new one for each test */

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

static const char *inside(const char *name)
{
    static char path[4][PATH];
    static unsigned turn;
    char *out = path[turn++ % 4];

    snprintf(out, PATH, "%s/%s", folder, name);
    return out;
}

static bool is_there(const char *name)
{
    return access(inside(name), F_OK) == 0;
}

/* ---- writing a small index, and a large one of the same kind */

enum { IMAGES_A_ROW = 2, ROWS_AN_ID = 3 };

static void add_row(struct lc_index_writer *writer, uint64_t number)
{
    struct lc_row_record row = {.file = 0,
                                .row = number,
                                .offset = number * 100,
                                .line = number + 1,
                                .column = 3,
                                .size = 90,
                                .turns = 2,
                                .images = IMAGES_A_ROW,
                                .readable = true};
    uint32_t images[IMAGES_A_ROW];
    char id[32];

    snprintf(id, sizeof(id), "id-%llu", (unsigned long long)(number / ROWS_AN_ID));
    row.id = span(id);
    row.content = lc_hash_bytes(&number, sizeof(number));
    assert_int_equal(lc_index_add_row(writer, number, &row, NULL), LC_OK);
    images[0] = (uint32_t)number;
    images[1] = (uint32_t)number + 1;
    assert_int_equal(lc_index_add_row_images(writer, number, images, 2, NULL), LC_OK);
}

static void add_image(struct lc_index_writer *writer, uint32_t number, uint64_t rows)
{
    struct lc_image_record image = {.state = LC_IMAGE_OK,
                                    .size = 1000 + number,
                                    .format = span("jpeg"),
                                    .mode = span("RGB"),
                                    .width = number + 1,
                                    .height = 7,
                                    .uses = 1};
    char path[32];

    snprintf(path, sizeof(path), "images/%08u.jpg", number);
    image.path = span(path);
    assert_int_equal(lc_index_add_image(writer, number, &image, NULL), LC_OK);
    if (number)
        assert_int_equal(lc_index_add_image_row(writer, number, number - 1, NULL), LC_OK);
    if (number < rows)
        assert_int_equal(lc_index_add_image_row(writer, number, number, NULL), LC_OK);
}

struct look_up {
    struct lc_hash hash;
    uint64_t number;
};

static int by_hash(const void *a, const void *b)
{
    const struct look_up *x = a, *y = b;
    int order = lc_hash_compare(&x->hash, &y->hash);

    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void add_look_ups(struct lc_index_writer *writer, uint64_t rows)
{
    struct look_up *all = grab(rows * sizeof(*all));

    for (uint64_t i = 0; i < rows; i++) {
        char id[32];

        snprintf(id, sizeof(id), "id-%llu", (unsigned long long)(i / ROWS_AN_ID));
        all[i] = (struct look_up){lc_hash_bytes(id, strlen(id)), i};
    }
    qsort(all, rows, sizeof(*all), by_hash);
    for (uint64_t i = 0; i < rows; i++)
        for (int table = LC_LOOKUP_ID; table <= LC_LOOKUP_CONTENT; table++)
            assert_int_equal(lc_index_add_lookup(writer, (enum lc_lookup)table,
                                                 &all[i].hash, all[i].number, NULL),
                             LC_OK);
    free(all);
}

/* Findings in the order of reports: by what they are about, then by the order of rules,
 * then by arrival. */
static const struct lc_finding_record findings[] = {
    {.kind = LC_FINDING_ROW, .order = 5, .rule = {"JSN106", 6}, .row = -1, .turn = -1},
    {.kind = LC_FINDING_ROW,
     .order = 15,
     .rule = {"ROW210", 6},
     .row = 1,
     .turn = -1,
     .offset = 5},
    {.kind = LC_FINDING_ROW,
     .order = 22,
     .rule = {"CNV303", 6},
     .row = 1,
     .turn = 2,
     .id = {"a", 1}},
    {.kind = LC_FINDING_ROW, .order = 256, .rule = {"TOK401", 6}, .row = 1, .turn = 1},
    {.kind = LC_FINDING_ROW, .order = 256, .rule = {"TOK401", 6}, .row = 1, .turn = 0},
    {.kind = LC_FINDING_ROW, .rule = {"ROW204", 6}, .row = 2, .turn = -1},
    {.kind = LC_FINDING_ROW, .rule = {"JSN102", 6}, .row = -1, .offset = 999, .turn = -1},
    {.kind = LC_FINDING_ROW, .rule = {"JSN110", 6}, .row = -1, .file = 1, .turn = -1},
    {.kind = LC_FINDING_IMAGE, .rule = {"IMG501", 6}, .image = 3, .row = -1, .turn = -1},
    {.kind = LC_FINDING_IMAGE, .rule = {"IMG507", 6}, .image = 4, .row = -1, .turn = -1},
    {.kind = LC_FINDING_SET,
     .row = -1,
     .order = 6,
     .rule = {"ROW206", 6},
     .id = {"7", 1},
     .row_count = 2},
    {.kind = LC_FINDING_SET,
     .row = -1,
     .order = 6,
     .rule = {"ROW206", 6},
     .id = {"3", 1},
     .row_count = 4},
    {.kind = LC_FINDING_SET,
     .row = -1,
     .order = 7,
     .rule = {"ROW207", 6},
     .id = {"7", 1},
     .row_count = 2},
};
EXPECT_CASES(findings, 13);

/* They arrive in another order: images first, a row's last finding before its others. */
static const size_t arrival[] = {8, 9, 0, 3, 2, 4, 5, 6, 7, 10, 12, 11, 1};
EXPECT_CASES(arrival, 13);

static struct lc_summary summary_of(uint64_t rows)
{
    return (struct lc_summary){.rows_files = 2,
                               .rows = rows,
                               .characters = 4,
                               .rows_sampled = 5,
                               .images_skipped = 7,
                               .findings = {1, 2, 6}};
}

static const struct lc_statistics statistics = {
    .one_image = 3,
    .scripts = {2, 0, 0, 1},
    .rounds = {.count = 3, .sum = 4, .most = 2, .buckets = {0, 2, 1}},
    .median_rounds = 1,
};

/* The mixture, in its order. */
static const struct {
    enum lc_share_kind kind;
    uint32_t rank;
    struct lc_share share;
} shares[] = {
    {LC_SHARE_SOURCE, 0, {{"coco", 4}, 300, 2, 3, 4}},
    {LC_SHARE_SOURCE, 1, {{"", 0}, 200, 6, 7, 8}},
    {LC_SHARE_SOURCE, 256, {{"gqa", 3}, 100, 10, 11, 12}},
    {LC_SHARE_FOLDER, 0, {{".", 1}, 600, 14, 15, 16}},
};
EXPECT_CASES(shares, 4);

static void add_shares(struct lc_index_writer *writer)
{
    for (size_t i = 0; i < COUNT(shares); i++)
        assert_int_equal(lc_index_add_share(writer, shares[i].kind, shares[i].rank,
                                            &shares[i].share, NULL),
                         LC_OK);
}

static void write_all(struct lc_index_writer *writer, uint64_t rows)
{
    const struct lc_index_info info = {.tool = span("0.1.0"),
                                       .name = span("demo"),
                                       .image_root = span("images"),
                                       .options = lc_hash_bytes("options", 7),
                                       .decoders = lc_hash_bytes("decoders", 8),
                                       .began_ns = 1234567890,
                                       .image_folder = span("../images")};
    const struct lc_rule_count counts[] = {{"CNV303", {0, 0, 1}}, {"ROW204", {1, 0, 0}}};
    const struct lc_file_record file = {.name = span("a.json"),
                                        .size = 12345,
                                        .rows = rows,
                                        .lines = true,
                                        .sampling = span("end:10%"),
                                        .sampled = 10};
    const struct lc_summary summary = summary_of(rows);

    const struct lc_file_record empty = {
        .name = span("b.json"), .first_row = rows, .sampling = span("")};

    assert_int_equal(lc_index_add_file(writer, 0, &file, NULL), LC_OK);
    assert_int_equal(lc_index_add_file(writer, 1, &empty, NULL), LC_OK);
    for (uint64_t i = 0; i < rows; i++)
        add_row(writer, i);
    for (uint32_t i = 0; i <= rows; i++)
        add_image(writer, i, rows);
    add_look_ups(writer, rows);
    for (size_t i = 0; i < COUNT(arrival); i++)
        assert_int_equal(lc_index_add_finding(writer, &findings[arrival[i]], NULL),
                         LC_OK);
    add_shares(writer);
    assert_int_equal(lc_index_add_statistics(writer, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_info(writer, &info, NULL), LC_OK);
    assert_int_equal(lc_index_add_summary(writer, &summary, counts, 2, NULL), LC_OK);
}

static struct lc_index *make_index(const char *where, uint64_t rows)
{
    struct lc_index_writer *writer = NULL;
    struct lc_index *index = NULL;

    assert_int_equal(lc_index_create(where, NULL, &writer, NULL), LC_OK);
    write_all(writer, rows);
    assert_int_equal(lc_index_finish(writer, NULL, &index, NULL), LC_OK);
    assert_non_null(index);
    return index;
}

/* ---- reading it back */

static enum lc_status next_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    size_t *seen = user;
    const struct lc_finding_record *wanted = &findings[*seen];

    (void)err;
    assert_true(*seen < COUNT(findings));
    assert_int_equal(finding->kind, wanted->kind);
    assert_true(spells(finding->rule, wanted->rule.text));
    assert_int_equal(finding->row, wanted->row);
    assert_int_equal(finding->turn, wanted->turn);
    assert_int_equal(finding->image, wanted->image);
    assert_int_equal(finding->row_count, wanted->row_count);
    assert_int_equal(finding->id.size, wanted->id.size);
    if (wanted->id.size)
        assert_memory_equal(finding->id.text, wanted->id.text, wanted->id.size);
    ++*seen;
    return LC_OK;
}

static enum lc_status next_share(void *user, enum lc_share_kind kind,
                                 const struct lc_share *share, struct lc_error *err)
{
    size_t *seen = user;
    const struct lc_share *wanted = &shares[*seen].share;

    (void)err;
    assert_true(*seen < COUNT(shares));
    assert_int_equal(kind, shares[*seen].kind);
    assert_true(spells(share->name, wanted->name.text));
    assert_int_equal(share->rows, wanted->rows);
    assert_int_equal(share->images, wanted->images);
    assert_int_equal(share->rounds, wanted->rounds);
    assert_int_equal(share->words, wanted->words);
    ++*seen;
    return LC_OK;
}

/* Numbers passed to a callback: how many, and whether each is the previous one plus 1. */
struct numbers {
    uint64_t first;
    uint64_t count;
    bool in_line;
};

static void next_number(void *user, uint64_t number)
{
    struct numbers *numbers = user;

    if (!numbers->count)
        numbers->first = number;
    numbers->in_line &= number == numbers->first + numbers->count;
    numbers->count++;
}

static enum lc_status next_image(void *user, uint32_t number,
                                 const struct lc_image_record *image,
                                 struct lc_error *err)
{
    uint64_t *seen = user;

    (void)err;
    assert_int_equal(number, *seen);
    assert_int_equal(image->size, 1000 + number);
    ++*seen;
    return LC_OK;
}

static void check_row(const struct lc_index *index, uint64_t number, uint64_t rows)
{
    struct lc_hash content = lc_hash_bytes(&number, sizeof(number));
    uint64_t found[ROWS_AN_ID] = {0}, count = 0, first = number - number % ROWS_AN_ID;
    struct numbers all = {.in_line = true};
    struct lc_row_record row;
    char id[32];

    assert_int_equal(lc_index_get_row(index, number, &row, NULL), LC_OK);
    assert_int_equal(row.offset, number * 100);
    assert_int_equal(row.column, 3);
    assert_int_equal(lc_hash_compare(&row.content, &content), 0);
    snprintf(id, sizeof(id), "id-%llu", (unsigned long long)(number / ROWS_AN_ID));
    assert_true(spells(row.id, id));
    assert_int_equal(
        lc_index_rows_of_id(index, span(id), found, ROWS_AN_ID, &count, NULL), LC_OK);
    assert_int_equal(count, rows - first < ROWS_AN_ID ? rows - first : ROWS_AN_ID);
    for (uint64_t i = 0; i < count; i++)
        assert_int_equal(found[i], first + i);
    assert_int_equal(lc_index_each_row_of_id(index, span(id), next_number, &all, NULL),
                     LC_OK);
    assert_true(all.in_line);
    assert_int_equal(all.first, first);
    assert_int_equal(all.count, count);
}

static void check_image(const struct lc_index *index, uint32_t number, uint64_t rows)
{
    uint64_t found[2] = {0}, count = 0, first = number ? number - 1 : 0;
    struct numbers all = {.in_line = true};
    struct lc_image_record image;
    char path[32];

    assert_int_equal(lc_index_get_image(index, number, &image, NULL), LC_OK);
    snprintf(path, sizeof(path), "images/%08u.jpg", number);
    assert_true(spells(image.path, path));
    assert_int_equal(image.width, number + 1);
    assert_int_equal(lc_index_rows_of_image(index, number, found, 2, &count, NULL),
                     LC_OK);
    assert_int_equal(count, (number > 0) + (number < rows));
    assert_int_equal(found[0], first);
    if (count == 2)
        assert_int_equal(found[1], number);
    assert_int_equal(lc_index_each_row_of_image(index, number, next_number, &all, NULL),
                     LC_OK);
    assert_true(all.in_line);
    assert_int_equal(all.first, first);
    assert_int_equal(all.count, count);
}

static void check_all(const struct lc_index *index, uint64_t rows)
{
    const struct lc_index_info *info = lc_index_info(index);
    struct lc_hash options = lc_hash_bytes("options", 7);
    const struct lc_rule_count *counts;
    struct lc_file_record file;
    size_t count = 0, seen = 0, parts = 0;
    uint64_t images = 0;
    const struct lc_summary summary = summary_of(rows);

    assert_true(spells(info->tool, "0.1.0"));
    assert_true(spells(info->name, "demo"));
    assert_true(spells(info->image_root, "images"));
    assert_true(spells(info->image_folder, "../images"));
    assert_int_equal(info->began_ns, 1234567890);
    assert_int_equal(lc_hash_compare(&info->options, &options), 0);
    assert_memory_equal(lc_index_summary(index), &summary, sizeof(summary));
    assert_memory_equal(lc_index_statistics(index), &statistics, sizeof(statistics));
    counts = lc_index_rule_counts(index, &count);
    assert_int_equal(count, 2);
    assert_string_equal(counts[0].code, "CNV303");
    assert_int_equal(counts[1].counts[0], 1);
    assert_int_equal(lc_index_get_file(index, 0, &file, NULL), LC_OK);
    assert_true(spells(file.name, "a.json"));
    assert_true(file.lines);
    assert_true(spells(file.sampling, "end:10%"));
    assert_int_equal(file.sampled, 10);
    for (uint64_t i = 0; i < rows; i++)
        check_row(index, i, rows);
    for (uint32_t i = 0; i <= rows; i++)
        check_image(index, i, rows);
    assert_int_equal(lc_index_each_finding(index, next_finding, &seen, NULL), LC_OK);
    assert_int_equal(seen, COUNT(findings));
    assert_int_equal(lc_index_each_image(index, next_image, &images, NULL), LC_OK);
    assert_int_equal(images, rows + 1);
    assert_int_equal(lc_index_each_share(index, next_share, &parts, NULL), LC_OK);
    assert_int_equal(parts, COUNT(shares));
}

static void written_is_read(void **state)
{
    struct lc_index *index = make_index(folder, 50);

    (void)state;
    check_all(index, 50);
    lc_index_close(index);
    assert_true(is_there("index.mdb"));
    assert_false(is_there("index.mdb.part"));
    assert_int_equal(lc_index_open_file(inside("index.mdb"), NULL, &index, NULL), LC_OK);
    check_all(index, 50);
    lc_index_close(index);
    lc_index_close(NULL);
}

/* Several transactions: 200,000 rows, images, look-ups in three tables. Under a
 * sanitizer, two transactions. */
static void several_batches(void **state)
{
    const uint64_t count = rounds(10) == 10 ? 200000 : 60000;
    struct lc_index *index = make_index(folder, count);

    (void)state;
    lc_index_close(index);
    assert_int_equal(lc_index_open_file(inside("index.mdb"), NULL, &index, NULL), LC_OK);
    check_all(index, count);
    lc_index_close(index);
}

static void without_a_name(void **state)
{
    struct lc_index *index;

    (void)state;
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    index = make_index(NULL, 50);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    check_all(index, 50);
    assert_int_equal(rmdir(folder), 0); /* the folder is empty */
    assert_int_equal(mkdir(folder, 0700), 0);
    lc_index_close(index);
}

static void what_is_not_there(void **state)
{
    struct lc_index *index = make_index(folder, 5);
    struct lc_error error = {0};
    struct lc_image_record image;
    struct lc_file_record file;
    struct lc_row_record row;
    struct numbers none = {.count = 0};
    uint64_t rows[1] = {77}, count = 9;

    (void)state;
    assert_int_equal(lc_index_get_row(index, 5, &row, &error), LC_ERR_INDEX);
    assert_int_equal(error.status, LC_ERR_INDEX);
    assert_int_equal(lc_index_get_image(index, 6, &image, NULL), LC_ERR_INDEX);
    assert_int_equal(lc_index_get_file(index, 2, &file, NULL), LC_ERR_INDEX);
    assert_int_equal(lc_index_rows_of_id(index, span("?"), rows, 1, &count, NULL), LC_OK);
    assert_int_equal(count, 0);
    count = 9;
    assert_int_equal(lc_index_rows_of_image(index, 99, rows, 1, &count, NULL), LC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(rows[0], 77);
    assert_int_equal(lc_index_each_row_of_id(index, span("?"), next_number, &none, NULL),
                     LC_OK);
    assert_int_equal(lc_index_each_row_of_image(index, 99, next_number, &none, NULL),
                     LC_OK);
    assert_int_equal(none.count, 0);
    /* all are counted, even those that do not fit */
    assert_int_equal(lc_index_rows_of_id(index, span("id-0"), rows, 1, &count, NULL),
                     LC_OK);
    assert_int_equal(count, ROWS_AN_ID);
    assert_int_equal(rows[0], 0);
    assert_int_equal(lc_index_rows_of_id(index, span("id-0"), NULL, 0, &count, NULL),
                     LC_OK);
    assert_int_equal(count, ROWS_AN_ID);
    lc_index_close(index);
}

static enum lc_status stop_there(void *user, const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    (void)finding;
    return --*(int *)user ? LC_OK : lc_fail(err, LC_ERR_STOPPED, 0, "enough");
}

static enum lc_status stop_share(void *user, enum lc_share_kind kind,
                                 const struct lc_share *share, struct lc_error *err)
{
    (void)kind;
    (void)share;
    return --*(int *)user ? LC_OK : lc_fail(err, LC_ERR_STOPPED, 0, "enough");
}

static void a_walk_can_end(void **state)
{
    struct lc_index *index = make_index(folder, 5);
    struct lc_error error = {0};
    int left = 3;

    (void)state;
    assert_int_equal(lc_index_each_finding(index, stop_there, &left, &error),
                     LC_ERR_STOPPED);
    assert_int_equal(left, 0);
    assert_string_equal(error.message, "enough");
    left = 2;
    assert_int_equal(lc_index_each_share(index, stop_share, &left, NULL), LC_ERR_STOPPED);
    assert_int_equal(left, 0);
    lc_index_close(index);
}

static void rows_while_writing(void **state)
{
    struct lc_index_writer *writer = NULL;
    struct lc_row_record row;
    struct lc_error error = {0};

    (void)state;
    assert_int_equal(lc_index_create(folder, NULL, &writer, NULL), LC_OK);
    assert_int_equal(lc_index_written_row(writer, 0, &row, NULL), LC_ERR_INDEX);
    for (uint64_t i = 0; i < 40000; i++) /* more than a transaction holds */
        add_row(writer, i);
    assert_int_equal(lc_index_written_row(writer, 9, &row, NULL), LC_OK);
    assert_true(spells(row.id, "id-3"));
    assert_int_equal(row.line, 10);
    assert_int_equal(lc_index_written_row(writer, 39999, &row, NULL), LC_OK);
    assert_true(spells(row.id, "id-13333"));
    assert_int_equal(row.offset, 3999900);
    assert_int_equal(lc_index_written_row(writer, 40000, &row, &error), LC_ERR_INDEX);
    assert_int_equal(error.status, LC_ERR_INDEX);
    add_row(writer, 40000); /* reading did not end writing */
    assert_int_equal(lc_index_written_row(writer, 40000, &row, NULL), LC_OK);
    lc_index_abandon(writer);
}

/* Rows that are in the file are read from its map: their pages are counted, to be
 * dropped. Those of the open transaction are elsewhere. */
static void rows_read_while_writing_are_counted(void **state)
{
    struct lc_index_writer *writer = NULL;
    struct lc_row_record row;

    (void)state;
    assert_int_equal(lc_index_create(folder, NULL, &writer, NULL), LC_OK);
    add_row(writer, 0);
    assert_int_equal(lc_index_written_row(writer, 0, &row, NULL), LC_OK);
    assert_int_equal(writer->range.pairs, 0);
    assert_int_equal(lc_writer_commit(writer, NULL), LC_OK);
    assert_int_equal(lc_writer_begin_batch(writer, 0, NULL), LC_OK);
    for (size_t i = 1; i <= 3; i++) {
        assert_int_equal(lc_index_written_row(writer, 0, &row, NULL), LC_OK);
        assert_true(spells(row.id, "id-0"));
        assert_int_equal(writer->range.pairs, i);
    }
    lc_index_abandon(writer);
}

/* An index without statistics is refused. */
static void without_statistics(void **state)
{
    const struct lc_index_info info = {
        .tool = span("0"), .name = span("a"), .image_root = span(".")};
    const struct lc_summary summary = summary_of(0);
    struct lc_index_writer *writer = NULL;
    struct lc_index *index = NULL;

    (void)state;
    assert_int_equal(lc_index_create(folder, NULL, &writer, NULL), LC_OK);
    assert_int_equal(lc_index_add_info(writer, &info, NULL), LC_OK);
    assert_int_equal(lc_index_add_summary(writer, &summary, NULL, 0, NULL), LC_OK);
    assert_int_equal(lc_index_finish(writer, NULL, &index, NULL), LC_ERR_INDEX);
    assert_null(index);
}

/* ---- an earlier index, another writer */

static void abandoned(void **state)
{
    struct lc_index_writer *writer = NULL;
    struct lc_index *index;

    (void)state;
    lc_index_close(make_index(folder, 20));
    assert_int_equal(lc_index_create(folder, NULL, &writer, NULL), LC_OK);
    write_all(writer, 10);
    assert_true(is_there("index.mdb.part"));
    lc_index_abandon(writer);
    lc_index_abandon(NULL);
    assert_false(is_there("index.mdb.part"));
    assert_int_equal(lc_index_open_file(inside("index.mdb"), NULL, &index, NULL), LC_OK);
    check_all(index, 20);
    lc_index_close(index);
}

static void replaced_under_a_reader(void **state)
{
    struct lc_index *old = make_index(folder, 20), *new;

    (void)state;
    new = make_index(folder, 10);
    check_all(old, 20); /* an open index does not change */
    check_all(new, 10);
    lc_index_close(old);
    lc_index_close(new);
}

static void left_over_part(void **state)
{
    (void)state;
    write_bytes(inside("index.mdb.part"), "a run was killed", 16);
    lc_index_close(make_index(folder, 5));
    assert_false(is_there("index.mdb.part"));
}

static void second_writer(void **state)
{
    struct lc_index_writer *first = NULL, *second = NULL;
    struct lc_error error = {0};
    char wanted[32];

    (void)state;
    assert_int_equal(lc_index_create(folder, NULL, &first, NULL), LC_OK);
    assert_int_equal(lc_index_create(folder, NULL, &second, &error), LC_ERR_INDEX);
    assert_null(second);
    snprintf(wanted, sizeof(wanted), "process %d)", (int)getpid());
    assert_non_null(strstr(error.message, wanted));
    assert_true(is_there("index.mdb.part")); /* the first writer's file is untouched */
    lc_index_abandon(first);
    lc_index_close(make_index(folder, 5)); /* the lock is free again */
}

/* The lock ends with its process, even if that is killed. */
static void killed_writer(void **state)
{
    struct lc_index_writer *writer = NULL;
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        if (lc_index_create(folder, NULL, &writer, NULL) != LC_OK)
            _exit(1);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(is_there("index.mdb.part"));
    lc_index_close(make_index(folder, 5));
}

static void folders(void **state)
{
    struct lc_index_writer *writer = NULL;
    struct lc_error error = {0};
    char text[PATH];

    (void)state;
    lc_index_close(make_index(inside("a/b//c/"), 5));
    assert_true(is_there("a/b/c/index.mdb"));
    assert_true(is_there("a/b/c/CACHEDIR.TAG"));
    assert_true(is_there("a/b/c/.gitignore"));
    write_bytes(inside("file"), "x", 1);
    snprintf(text, sizeof(text), "%s/file/index", folder);
    assert_int_equal(lc_index_create(text, NULL, &writer, &error), LC_ERR_IO);
    assert_int_equal(error.status, LC_ERR_IO);
    assert_null(writer);
}

/* ---- what is not an index */

static void no_index(void **state)
{
    struct lc_index *index = NULL;
    struct lc_error error = {0};

    (void)state;
    assert_int_equal(lc_index_open_file(inside("index.mdb"), NULL, &index, &error),
                     LC_ERR_USAGE);
    assert_int_equal(error.status, LC_ERR_USAGE);
    write_bytes(inside("file"), "x", 1);
    assert_int_equal(lc_index_open_file(inside("file/index.mdb"), NULL, &index, NULL),
                     LC_ERR_USAGE);
    assert_null(index);
}

static void unfinished(void **state)
{
    struct lc_index_writer *writer = NULL;
    struct lc_index *index = NULL;
    struct lc_error error = {0};

    (void)state;
    assert_int_equal(lc_index_create(folder, NULL, &writer, NULL), LC_OK);
    /* finished without info and summary: no reader may accept it as complete */
    assert_int_equal(lc_index_finish(writer, NULL, &index, &error), LC_ERR_INDEX);
    assert_null(index);
    assert_int_equal(error.status, LC_ERR_INDEX);
}

/* How a child process that reads the whole file ends. */
enum ending {
    READ = 10,
    REFUSED,
    OTHER_ERROR,
    CRASHED,
};

static enum lc_status pass_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    (void)user;
    (void)finding;
    (void)err;
    return LC_OK;
}

static enum lc_status pass_image(void *user, uint32_t number,
                                 const struct lc_image_record *image,
                                 struct lc_error *err)
{
    (void)user;
    (void)number;
    (void)image;
    (void)err;
    return LC_OK;
}

static enum lc_status pass_share(void *user, enum lc_share_kind kind,
                                 const struct lc_share *share, struct lc_error *err)
{
    (void)user;
    (void)kind;
    (void)share;
    (void)err;
    return LC_OK;
}

static enum lc_status read_whole(const char *path)
{
    struct lc_index *index = NULL;
    enum lc_status status = lc_index_open_file(path, NULL, &index, NULL);
    uint64_t rows[4], count;

    if (status != LC_OK)
        return status;
    status = lc_index_each_finding(index, pass_finding, NULL, NULL);
    if (status == LC_OK)
        status = lc_index_each_image(index, pass_image, NULL, NULL);
    if (status == LC_OK)
        status = lc_index_each_share(index, pass_share, NULL, NULL);
    for (uint64_t i = 0; i < 500 && status == LC_OK; i++) {
        struct lc_row_record row;

        status = lc_index_get_row(index, i, &row, NULL);
        if (status == LC_OK)
            status = lc_index_rows_of_id(index, row.id, rows, 4, &count, NULL);
        if (status == LC_OK)
            status = lc_index_rows_of_image(index, (uint32_t)i, rows, 4, &count, NULL);
    }
    lc_index_close(index);
    return status;
}

static enum ending read_in_child(const char *path)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    static const struct rlimit limit = {20, 20}; /* seconds */
    int status, silent;
    pid_t child = fork();

    if (child == 0) {
        for (size_t i = 0; i < COUNT(signals); i++) /* cmocka's and a sanitizer's */
            (void)signal(signals[i], SIG_DFL);
        silent = open("/dev/null", O_WRONLY);
        (void)dup2(silent, STDERR_FILENO);
        (void)setrlimit(RLIMIT_CPU, &limit); /* processor time, because elapsed time
                                                depends on how busy the machine is */
        switch (read_whole(path)) {
        case LC_OK:
            _exit(READ);
        case LC_ERR_INDEX:
            _exit(REFUSED);
        default:
            _exit(OTHER_ERROR);
        }
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) < READ || WEXITSTATUS(status) > CRASHED)
        return CRASHED;
    return (enum ending)WEXITSTATUS(status);
}

static void read_bytes(const char *path, char *to, size_t size)
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    assert_int_equal(fread(to, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

enum { SEAL_SIZE = LC_SEAL_SIZE };

/* Return the bytes of a finished index of 1,000 rows, without its seal. */
static char *whole_index(size_t *size)
{
    struct stat st;
    char *bytes;

    lc_index_close(make_index(folder, 1000));
    assert_int_equal(stat(inside("index.mdb"), &st), 0);
    *size = (size_t)st.st_size - SEAL_SIZE;
    bytes = grab(*size);
    read_bytes(inside("index.mdb"), bytes, *size);
    assert_true(*size > 64 * 4096 && *size % 4096 == 0);
    return bytes;
}

static enum lc_status seal(const char *path, const struct lc_key *key)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    enum lc_status status = lc_seal_add(fd, key, NULL);

    close(fd);
    return status;
}

/* Read pages that were sealed as by a forger: the reader has to protect itself. */
static enum ending read_damaged(const char *bytes, size_t size)
{
    write_bytes(inside("damaged.mdb"), bytes, size);
    assert_int_equal(seal(inside("damaged.mdb"), NULL), LC_OK);
    return read_in_child(inside("damaged.mdb"));
}

static enum lc_seal seal_of(const char *name, const struct lc_key *key)
{
    enum lc_seal found = LC_SEAL_OURS;
    uint64_t size = 0;
    int fd = open(inside(name), O_RDONLY | O_CLOEXEC);

    assert_int_equal(lc_seal_check(fd, key, &found, &size, NULL), LC_OK);
    close(fd);
    return found;
}

static const struct lc_key own_key = {{9, 8, 7}};

static bool is_sound(const char *name)
{
    return seal_of(name, &own_key) == LC_SEAL_OURS;
}

/* A file is ours only with the key that it was sealed with; without a key, none is. */
static void a_seal_tells_whose_it_is(void **state)
{
    static const struct lc_key key = {{1, 2, 3}}, other = {{1, 2, 4}};
    static const struct {
        const struct lc_key *sealed, *checked;
        enum lc_seal found;
    } cases[] = {
        {&key, &key, LC_SEAL_OURS},    {&key, &other, LC_SEAL_FOREIGN},
        {&key, NULL, LC_SEAL_FOREIGN}, {NULL, &key, LC_SEAL_FOREIGN},
        {NULL, NULL, LC_SEAL_FOREIGN},
    };
    EXPECT_CASES(cases, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_bytes(inside("sealed.mdb"), "some bytes", 10);
        assert_int_equal(seal(inside("sealed.mdb"), cases[i].sealed), LC_OK);
        assert_int_equal(seal_of("sealed.mdb", cases[i].checked), cases[i].found);
    }
}

/* The seal of a signed index, or parts of it, cannot be used to sign other pages: a
 * forger computes the hash, and keeps the rest. */
static void a_seal_cannot_be_moved_to_other_pages(void **state)
{
    enum { SIZE = 5000, FIELDS = 8, HASH = 16 };
    char bytes[SIZE + SEAL_SIZE], forged[SIZE + SEAL_SIZE];

    (void)state;
    memset(bytes, 'a', SIZE);
    write_bytes(inside("sealed.mdb"), bytes, SIZE);
    assert_int_equal(seal(inside("sealed.mdb"), &own_key), LC_OK);
    read_bytes(inside("sealed.mdb"), bytes, sizeof(bytes));
    bytes[SIZE / 2] = 'b';
    write_bytes(inside("forged.mdb"), bytes, sizeof(bytes));
    assert_int_equal(seal_of("forged.mdb", &own_key), LC_SEAL_BROKEN);
    write_bytes(inside("forged.mdb"), bytes, SIZE);
    assert_int_equal(seal(inside("forged.mdb"), NULL), LC_OK);
    read_bytes(inside("forged.mdb"), forged, sizeof(forged));
    memcpy(forged + SIZE + FIELDS + HASH, bytes + SIZE + FIELDS + HASH,
           SEAL_SIZE - FIELDS - HASH);
    write_bytes(inside("forged.mdb"), forged, sizeof(forged));
    assert_int_equal(seal_of("forged.mdb", &own_key), LC_SEAL_FOREIGN);
}

/* Every changed, lost or added byte breaks the seal. */
static void a_seal_holds_what_is_before_it(void **state)
{
    size_t size;
    char *bytes = whole_index(&size);
    char *sealed;
    uint64_t random = 4;

    (void)state;
    write_bytes(inside("sealed.mdb"), bytes, size);
    assert_false(is_sound("sealed.mdb"));
    assert_int_equal(seal(inside("sealed.mdb"), &own_key), LC_OK);
    assert_true(is_sound("sealed.mdb"));
    assert_int_equal(seal(inside("none.mdb"), NULL), LC_ERR_IO);
    sealed = grab(size + SEAL_SIZE + 1);
    read_bytes(inside("sealed.mdb"), sealed, size + SEAL_SIZE);
    for (size_t i = 0; i < SEAL_SIZE + 60; i++) {
        size_t at = next_random(&random) % (size + SEAL_SIZE);

        at = i < SEAL_SIZE ? size + i : at;
        sealed[at] = (char)(sealed[at] ^ 1 << i % 8);
        write_bytes(inside("sealed.mdb"), sealed, size + SEAL_SIZE);
        assert_false(is_sound("sealed.mdb"));
        sealed[at] = (char)(sealed[at] ^ 1 << i % 8);
    }
    sealed[size + SEAL_SIZE] = '\0';
    for (int off = -SEAL_SIZE - 8; off <= 1; off += off == -1 ? 2 : 1) {
        write_bytes(inside("sealed.mdb"), sealed,
                    (size_t)((int64_t)size + SEAL_SIZE + off));
        assert_false(is_sound("sealed.mdb"));
    }
    free(sealed);
    free(bytes);
}

static void cut(void **state)
{
    size_t size, faults = 0;
    char *bytes = whole_index(&size);
    const size_t sizes[] = {0,        1,        100,         4095,        4096,
                            8191,     8192,     8193,        12288,       size / 2,
                            size / 4, size - 1, size - 4096, size - 8192, size - 65536};
    EXPECT_CASES(sizes, 15);

    (void)state;
    assert_int_equal(read_damaged(bytes, size), READ);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        enum ending ending = read_damaged(bytes, sizes[i]);

        if (ending == REFUSED)
            continue;
        print_error("cut to %zu of %zu bytes: ending %d\n", sizes[i], size, ending);
        faults++;
    }
    free(bytes);
    assert_int_equal(faults, 0);
}

/* Something other than an index under its name. */
static void something_else(void **state)
{
    enum { SIZE = 1 << 16 };
    static char bytes[SIZE];
    uint64_t seed = 3;

    (void)state;
    assert_int_equal(read_damaged(bytes, SIZE), REFUSED); /* zeros */
    assert_int_equal(read_damaged("{\"rows\": 1}\n", 12), REFUSED);
    memset(bytes, 0xFF, SIZE);
    assert_int_equal(read_damaged(bytes, SIZE), REFUSED);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)next_random(&seed);
    assert_int_equal(read_damaged(bytes, SIZE), REFUSED);
    assert_in_range(read_in_child(folder), REFUSED, OTHER_ERROR); /* a folder */
}

/* Replace every page with zeros, ones and noise: it is refused, unless it is unused. */
static void damaged_pages(void **state)
{
    static const char *const kinds[] = {"zeros", "ones", "noise"};
    size_t size, crashes = 0, refused = 0;
    size_t step = 4096 * (rounds(10) == 10 ? 1 : 5); /* hostile_index tries more */
    char *bytes = whole_index(&size), *page = grab(4096);
    uint64_t seed = 9;
    EXPECT_CASES(kinds, 3);

    (void)state;
    for (size_t at = 0; at < size; at += step) {
        memcpy(page, bytes + at, 4096);
        for (size_t kind = 0; kind < COUNT(kinds); kind++) {
            enum ending ending;

            for (size_t i = 0; i < 4096; i++)
                bytes[at + i] = kind == 0   ? 0
                                : kind == 1 ? (char)0xFF
                                            : (char)next_random(&seed);
            ending = read_damaged(bytes, size);
            refused += ending == REFUSED;
            crashes += ending == CRASHED;
        }
        memcpy(bytes + at, page, 4096);
    }
    free(page);
    free(bytes);
    assert_true(refused > 3 * size / step / 4);
    assert_int_equal(crashes, 0);
}

/* A tree whose root is not in the file is damaged, not empty. */
static void a_root_past_the_end(void **state)
{
    static const uint8_t bytes[4 * 4096];
    const struct lc_pages pages = {
        .bytes = bytes, .size = sizeof(bytes), .page_size = 4096, .count = 4};
    const struct lc_tree trees[] = {{.depth = 0}, {.root = 4, .depth = 1}};
    const struct lc_span key = {"k", 1};

    (void)state;
    for (size_t i = 0; i < COUNT(trees); i++) {
        enum lc_status expected = i == 0 ? LC_OK : LC_ERR_INDEX;
        struct lc_error error = {0};
        struct lc_cursor cursor;
        bool found = true;

        lc_cursor_begin(&cursor, &pages, &trees[i]);
        assert_int_equal(lc_cursor_first(&cursor, &found, &error), expected);
        assert_false(found);
        assert_int_equal(lc_cursor_last(&cursor, &found, &error), expected);
        assert_int_equal(lc_cursor_next(&cursor, &found, &error), expected);
        assert_int_equal(lc_cursor_seek(&cursor, key, &found, &error), expected);
        assert_int_equal(lc_cursor_seek_back(&cursor, key, &found, &error), expected);
        assert_false(found);
    }
}

static void count_fault(void *user, const char *what)
{
    *(size_t *)user += strstr(what, "list of tables") ? 1 : 1000;
}

/* A table whose name is not one of ours is a fault: such a name could be printed as it
 * is. */
static void names_of_tables(void **state)
{
    static const struct {
        const char *name;
        size_t faults;
    } cases[] = {{"rows", 0},       {"by_id", 0}, {"Rows", 1}, {"rows1", 1},
                 {"ro\33[1mws", 1}, {"a{", 1},    {"a`b", 1}};

    (void)state;
    EXPECT_CASES(cases, 7);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *path = inside("tables.mdb");
        struct lc_pages pages = {0};
        MDB_env *env = NULL;
        MDB_txn *txn = NULL;
        size_t faults = 0;
        struct stat st;
        MDB_dbi table;
        int fd;

        assert_int_equal(mdb_env_create(&env), 0);
        assert_int_equal(mdb_env_set_maxdbs(env, 1), 0);
        assert_int_equal(
            mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0600), 0);
        assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
        assert_int_equal(mdb_dbi_open(txn, cases[i].name, MDB_CREATE, &table), 0);
        assert_int_equal(mdb_txn_commit(txn), 0);
        mdb_env_close(env);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(lc_pages_open(fd, (uint64_t)st.st_size, &pages, NULL), LC_OK);
        assert_int_equal(lc_pages_audit(&pages, count_fault, &faults, NULL), LC_OK);
        if (faults != cases[i].faults)
            fail_msg("%s: %zu faults", cases[i].name, faults);
        lc_pages_clear(&pages);
        close(fd);
        assert_int_equal(unlink(path), 0);
    }
}

/* ---- truncated by another process ---- */

/* Make a table of 500 records on more than one page, and map the file. Return it, open
 * for writing. */
static int open_table(const char *path, struct lc_pages *pages)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    struct stat st;
    MDB_dbi table;
    int fd;

    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 1), 0);
    assert_int_equal(
        mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "rows", MDB_CREATE, &table), 0);
    for (uint32_t i = 0; i < 500; i++) {
        uint8_t key[4] = {0, 0, (uint8_t)(i >> 8), (uint8_t)i};
        MDB_val name = {sizeof(key), key}, value = {sizeof(key), key};

        assert_int_equal(mdb_put(txn, table, &name, &value, 0), 0);
    }
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(lc_pages_open(fd, (uint64_t)st.st_size, pages, NULL), LC_OK);
    return fd;
}

/* Pages in memory remain the same, at the same address, when the file is truncated. */
static void detached_pages_outlive_their_file(void **state)
{
    const char *path = inside("table.mdb");
    struct lc_pages pages = {0};
    int fd = open_table(path, &pages);
    const uint8_t *at = pages.bytes;
    struct lc_cursor cursor;
    struct lc_tree tree;
    bool found = false;
    size_t count = 0;

    (void)state;
    assert_int_equal(lc_pages_detach(&pages, NULL), LC_OK);
    assert_ptr_equal(pages.bytes, at);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(lc_pages_find_tree(&pages, "rows", &tree, NULL), LC_OK);
    lc_cursor_begin(&cursor, &pages, &tree);
    while (lc_cursor_next(&cursor, &found, NULL) == LC_OK && found) {
        assert_int_equal(cursor.value.size, 4);
        assert_memory_equal(cursor.value.text, cursor.key.text, 4);
        count++;
    }
    assert_int_equal(count, 500);
    lc_pages_clear(&pages);
    close(fd);
    assert_int_equal(unlink(path), 0);
}

/* Without a descriptor, or space for the copy, the file remains mapped. */
static void pages_that_cannot_be_detached_remain_mapped(void **state)
{
    const char *path = inside("table.mdb");
    struct rlimit descriptors, size, less;
    struct lc_pages pages = {0};
    int fd = open_table(path, &pages);
    struct lc_tree tree;

    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &descriptors), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &size), 0);
    less = (struct rlimit){0, descriptors.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &less), 0);
    assert_int_equal(lc_pages_detach(&pages, NULL), LC_ERR_MEMORY);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
    less = (struct rlimit){4096, size.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
    assert_int_equal(lc_pages_detach(&pages, NULL), LC_ERR_MEMORY);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &size), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(lc_pages_find_tree(&pages, "rows", &tree, NULL), LC_OK);
    assert_int_equal(tree.entries, 500);
    lc_pages_clear(&pages);
    close(fd);
    assert_int_equal(unlink(path), 0);
}

/* A file that shrank before is an error, not SIGBUS, and can still be closed. */
static void truncated_pages_cannot_be_detached(void **state)
{
    const char *path = inside("table.mdb");

    (void)state;
    for (off_t left = 0; left <= 8192; left += 4096) {
        struct lc_pages pages = {0};
        struct lc_error err = {.status = LC_OK};
        int fd = open_table(path, &pages);

        assert_true((size_t)left < pages.size);
        assert_int_equal(ftruncate(fd, left), 0);
        assert_int_equal(lc_pages_detach(&pages, &err), LC_ERR_INDEX);
        assert_string_equal(err.message, "the index is damaged: the file was truncated");
        lc_pages_clear(&pages);
        close(fd);
        assert_int_equal(unlink(path), 0);
    }
}

/* ---- threads ---- */

enum { THREADS = 4, WALKS = 20 };

static void *walk_files(void *argument)
{
    const struct lc_index *index = argument;

    for (int i = 0; i < WALKS; i++) {
        struct lc_file_record file = {0};
        size_t seen = 0;

        if (lc_index_get_file(index, 0, &file, NULL) != LC_OK ||
            lc_index_each_share(index, next_share, &seen, NULL) != LC_OK)
            return argument;
    }
    return NULL;
}

/* A merge does this: its workers replay files of the same part. The thread sanitizer
 * notices races. */
static void several_threads_walk(void **state)
{
    struct lc_index *index = make_index(inside("index"), 8);
    pthread_t threads[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, walk_files, index), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = index;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    lc_index_close(index);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        TEST(written_is_read),
        TEST(several_batches),
        TEST(without_a_name),
        TEST(what_is_not_there),
        TEST(a_walk_can_end),
        TEST(rows_while_writing),
        TEST(rows_read_while_writing_are_counted),
        TEST(without_statistics),
        TEST(abandoned),
        TEST(replaced_under_a_reader),
        TEST(left_over_part),
        TEST(second_writer),
        TEST(killed_writer),
        TEST(folders),
        TEST(no_index),
        TEST(unfinished),
        TEST(a_seal_holds_what_is_before_it),
        TEST(a_seal_tells_whose_it_is),
        TEST(a_seal_cannot_be_moved_to_other_pages),
        TEST(cut),
        TEST(something_else),
        TEST(damaged_pages),
        TEST(a_root_past_the_end),
        TEST(names_of_tables),
        TEST(detached_pages_outlive_their_file),
        TEST(pages_that_cannot_be_detached_remain_mapped),
        TEST(truncated_pages_cannot_be_detached),
        TEST(several_threads_walk),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
