/* test_mixture.c - src/scan/rows/mixture: rows counted by source and folder, and stored
 */
#include "unit.h"

#include "scan/rows/mixture.h"

enum { MANY = 10000 }; /* number of names of each kind that are kept */

static struct lc_mixture *new_mixture(void)
{
    struct lc_mixture *mixture = NULL;

    assert_int_equal(lc_mixture_new(&mixture, NULL), LC_OK);
    assert_non_null(mixture);
    return mixture;
}

static void add(struct lc_mixture *mixture, const char *source, const char *path,
                uint64_t words)
{
    /* in memory of the exact size, which is freed after counting */
    size_t source_size = strlen(source), path_size = strlen(path);
    char *texts = grab(source_size + path_size + 1);

    memcpy(texts, source, source_size);
    memcpy(texts + source_size, path, path_size);
    assert_int_equal(lc_mixture_add(mixture, (struct lc_span){texts, source_size},
                                    (struct lc_span){texts + source_size, path_size}, 2,
                                    3, words, NULL),
                     LC_OK);
    memset(texts, '#', source_size + path_size);
    free(texts);
}

/* Store a mixture in an index, and free it. */
static struct lc_index *store(struct lc_mixture *mixture)
{
    const struct lc_index_info info = {
        .tool = span("0"), .name = span("a"), .image_root = span(".")};
    const struct lc_statistics statistics = {0};
    const struct lc_summary summary = {0};
    struct lc_index_writer *writer = NULL;
    struct lc_index *index = NULL;

    assert_int_equal(lc_index_create(NULL, NULL, &writer, NULL), LC_OK);
    assert_int_equal(lc_mixture_store(mixture, writer, NULL), LC_OK);
    lc_mixture_free(mixture);
    assert_int_equal(lc_index_add_info(writer, &info, NULL), LC_OK);
    assert_int_equal(lc_index_add_statistics(writer, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_summary(writer, &summary, NULL, 0, NULL), LC_OK);
    assert_int_equal(lc_index_finish(writer, NULL, &index, NULL), LC_OK);
    return index;
}

struct listing {
    char text[4096];
    size_t size;
};

/* Write a share as "S name rows/images/rounds/words", F for a folder. */
static enum lc_status list(void *user, enum lc_share_kind kind,
                           const struct lc_share *share, struct lc_error *err)
{
    struct listing *out = user;

    (void)err;
    out->size += (size_t)snprintf(
        out->text + out->size, sizeof(out->text) - out->size,
        "%c %.*s %llu/%llu/%llu/%llu\n", kind == LC_SHARE_SOURCE ? 'S' : 'F',
        (int)share->name.size, share->name.text, (unsigned long long)share->rows,
        (unsigned long long)share->images, (unsigned long long)share->rounds,
        (unsigned long long)share->words);
    assert_true(out->size < sizeof(out->text));
    return LC_OK;
}

static void expect(struct lc_mixture *mixture, const char *wanted)
{
    struct lc_index *index = store(mixture);
    struct listing got = {.size = 0};

    assert_int_equal(lc_index_each_share(index, list, &got, NULL), LC_OK);
    assert_string_equal(got.text, wanted);
    lc_index_close(index);
}

static void nothing(void **state)
{
    (void)state;
    expect(new_mixture(), "");
    lc_mixture_free(NULL);
}

static void sums(void **state)
{
    struct lc_mixture *mixture = new_mixture();

    (void)state;
    add(mixture, "coco", "train/1.jpg", 10);
    add(mixture, "coco", "train/2.jpg", 20);
    add(mixture, "gqa", "train/3.jpg", 400);
    add(mixture, "coco", "test/1.jpg", 3000);
    add(mixture, "gqa", "train/1.jpg", 50000);
    add(mixture, "", "", 600000);
    expect(mixture, "S coco 3/6/9/3030\n"
                    "S gqa 2/4/6/50400\n"
                    "S  1/2/3/600000\n"
                    "F train 4/8/12/50430\n"
                    "F  1/2/3/600000\n"
                    "F test 1/2/3/3000\n");
}

/* A row's own numbers are added, whatever they are. */
static void numbers_of_a_row(void **state)
{
    const struct lc_share rows[] = {{.rows = 1, .images = 0, .rounds = 7, .words = 1},
                                    {.rows = 1, .images = 5, .rounds = 0, .words = 0}};
    struct lc_mixture *mixture = new_mixture();

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(lc_mixture_add(mixture, span("s"), (struct lc_span){0},
                                        rows[i].images, rows[i].rounds, rows[i].words,
                                        NULL),
                         LC_OK);
    expect(mixture, "S s 2/5/7/1\nF  2/5/7/1\n");
}

static void top_folders(void **state)
{
    static const struct {
        const char *path, *folder;
    } cases[] = {
        {"", ""},
        {"a.jpg", "."},
        {"./a.jpg", "."},
        {"a/b.jpg", "a"},
        {"a/b/c.jpg", "a"},
        {"./a/b.jpg", "a"},
        {"././a/b", "a"},
        {".a/b.jpg", ".a"},
        {"../a.jpg", ".."},
        {"/data/a", "/"},
        {"a//b.jpg", "a"},
        {"A/b.jpg", "A"},
        {"a\\b.jpg", "."},
        {".", "."},
        {"a b/c.jpg", "a b"},
        {"图/1.jpg", "图"},
        {"http://x", "http:"},
    };
    EXPECT_CASES(cases, 17);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_mixture *mixture = new_mixture();
        char wanted[64];

        add(mixture, "s", cases[i].path, 1);
        snprintf(wanted, sizeof(wanted), "S s 1/2/3/1\nF %s 1/2/3/1\n", cases[i].folder);
        expect(mixture, wanted);
    }
}

/* With equal numbers of rows, the order is that of the names' bytes. */
static void order(void **state)
{
    static const char *const names[] = {"b", "ab", "", "é", "a", "B", "aa", "b", "a "};
    struct lc_mixture *mixture = new_mixture();
    EXPECT_CASES(names, 9);

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        add(mixture, names[i], "", 0);
    expect(mixture, "S b 2/4/6/0\n"
                    "S  1/2/3/0\n"
                    "S B 1/2/3/0\n"
                    "S a 1/2/3/0\n"
                    "S a  1/2/3/0\n"
                    "S aa 1/2/3/0\n"
                    "S ab 1/2/3/0\n"
                    "S é 1/2/3/0\n"
                    "F  9/18/27/0\n");
}

/* Names with the same first 256 bytes count as one. */
static void long_names(void **state)
{
    struct lc_mixture *mixture = new_mixture();
    char name[300], wanted[700];

    (void)state;
    memset(name, 'x', sizeof(name));
    for (size_t size = 255; size < 260; size++) {
        name[size] = '\0';
        add(mixture, name, "", 0);
        name[size] = 'x';
    }
    snprintf(wanted, sizeof(wanted),
             "S %.256s 4/8/12/0\nS %.255s 1/2/3/0\nF  5/10/15/0\n", name, name);
    expect(mixture, wanted);
}

struct tally {
    size_t names[LC_SHARE_KINDS];
    uint64_t rows[LC_SHARE_KINDS];
    uint64_t rest; /* rows of the sources beyond the limit */
    uint64_t most; /* largest number of rows of any other source */
};

static enum lc_status tally(void *user, enum lc_share_kind kind,
                            const struct lc_share *share, struct lc_error *err)
{
    struct tally *out = user;

    (void)err;
    out->names[kind]++;
    out->rows[kind] += share->rows;
    if (spells(share->name, "…"))
        out->rest += share->rows;
    else if (kind == LC_SHARE_SOURCE && share->rows > out->most)
        out->most = share->rows;
    return LC_OK;
}

/* The first 10,000 names are kept, and counted on; all others count as one. */
static void too_many_names(void **state)
{
    struct lc_mixture *mixture = new_mixture();
    struct tally seen = {.rest = 0};
    struct lc_index *index;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY + 7; i++) {
            char name[16];

            snprintf(name, sizeof(name), "s%d", i);
            add(mixture, name, i < MANY ? "a/b.jpg" : "c/d.jpg", 1);
        }
    }
    index = store(mixture);
    assert_int_equal(lc_index_each_share(index, tally, &seen, NULL), LC_OK);
    assert_int_equal(seen.names[LC_SHARE_SOURCE], MANY + 1);
    assert_int_equal(seen.rows[LC_SHARE_SOURCE], 2 * (MANY + 7));
    assert_int_equal(seen.rest, 2 * 7);
    assert_int_equal(seen.most, 2);
    /* there are few folders, so all are kept */
    assert_int_equal(seen.names[LC_SHARE_FOLDER], 2);
    assert_int_equal(seen.rows[LC_SHARE_FOLDER], 2 * (MANY + 7));
    lc_index_close(index);
}

/* Exactly as many names as are kept: none are merged. */
static void just_enough_names(void **state)
{
    struct lc_mixture *mixture = new_mixture();
    struct tally seen = {.rest = 0};
    struct lc_index *index;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        char path[32];

        snprintf(path, sizeof(path), "%d/1.jpg", i);
        add(mixture, "one", path, 1);
    }
    index = store(mixture);
    assert_int_equal(lc_index_each_share(index, tally, &seen, NULL), LC_OK);
    assert_int_equal(seen.names[LC_SHARE_FOLDER], MANY);
    assert_int_equal(seen.rows[LC_SHARE_FOLDER], MANY);
    assert_int_equal(seen.rest, 0);
    assert_int_equal(seen.names[LC_SHARE_SOURCE], 1);
    assert_int_equal(seen.most, MANY);
    lc_index_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),
        cmocka_unit_test(sums),
        cmocka_unit_test(numbers_of_a_row),
        cmocka_unit_test(top_folders),
        cmocka_unit_test(order),
        cmocka_unit_test(long_names),
        cmocka_unit_test(too_many_names),
        cmocka_unit_test(just_enough_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
