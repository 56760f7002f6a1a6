/* test_samples.c - src/scan/shards/samples: the samples of several shards, in memory and
 * in a temporary file
 */
#include "unit.h"

#include "json/json.h"
#include "scan/shards/samples.h"
#include "scan/common/spool.h"

#include <fcntl.h>
#include <unistd.h>

enum { FILES = 3, SAMPLES = 400, SIZE = 20000 };

static const struct lc_file_facts facts = {.size = 7, .mtime_ns = 8, .inode = 9};

/* The number-th sample of a file. Every fifth one has an image whose bytes are not
 * known. */
static struct lc_sample make_sample(unsigned file, unsigned number, char *key, char *text,
                                    uint32_t numbers[2])
{
    size_t size = 1 + (size_t)number * 37 % SIZE;

    snprintf(key, 32, "%u-%u", file, number);
    memset(text, 'a' + (int)(number % 26), size);
    numbers[0] = file * SAMPLES + number;
    numbers[1] = number % 5 ? numbers[0] : LC_NOT_NUMBERED;
    return (struct lc_sample){
        .key = span(key),
        .text = {text, size},
        .offset = number,
        .images = {"x\0y", 4},
        .image_count = 2,
        .numbers = {(const char *)numbers, 2 * sizeof(*numbers)},
        .spoiled = number % 2 ? span(key) : (struct lc_span){0},
    };
}

static struct lc_hash hash_of(uint32_t number)
{
    return lc_hash_bytes(&number, sizeof(number));
}

static void check_sample(struct lc_samples *samples, unsigned file, unsigned number,
                         char *text)
{
    char key[32];
    uint32_t numbers[2];
    struct lc_sample wanted = make_sample(file, number, key, text, numbers);
    struct lc_hash hash = hash_of(numbers[0]);
    const struct lc_sample *got = NULL;

    assert_int_equal(lc_samples_next(samples, &got, NULL), LC_OK);
    assert_non_null(got);
    assert_true(lc_span_equal(got->key, wanted.key));
    assert_int_equal(got->key.text[got->key.size], 0);
    assert_true(lc_span_equal(got->text, wanted.text));
    for (int i = 0; i < LC_JSON_PADDING; i++)
        assert_int_equal(got->text.text[got->text.size + (size_t)i], 0);
    assert_true(lc_span_equal(got->images, wanted.images));
    assert_true(lc_span_equal(got->spoiled, wanted.spoiled));
    assert_int_equal(got->offset, number);
    if (number % 5) {
        assert_int_equal(got->contents.size, 2 * sizeof(hash));
        assert_memory_equal(got->contents.text, &hash, sizeof(hash));
        assert_memory_equal(got->contents.text + sizeof(hash), &hash, sizeof(hash));
    } else {
        assert_int_equal(got->contents.size, 0);
    }
}

static void add_all(struct lc_samples *samples, char *text)
{
    const struct lc_shard_end end = {.samples = SAMPLES, .example = span("example")};
    unsigned written = 0;

    for (unsigned i = 0; i < SAMPLES; i++) {
        for (unsigned file = 0; file < FILES; file++) {
            char key[32];
            uint32_t numbers[2];
            bool is_written = false;
            struct lc_sample sample = make_sample(file, i, key, text, numbers);
            struct lc_hash hash = hash_of(numbers[0]);

            assert_int_equal(lc_samples_add(samples, file, &sample, &is_written, NULL),
                             LC_OK);
            assert_int_equal(lc_samples_set_content(samples, numbers[0], &hash, NULL),
                             LC_OK);
            written += is_written;
        }
    }
    assert_true(written > FILES);
    for (unsigned file = 0; file < FILES; file++) {
        assert_false(lc_samples_have(samples, file));
        assert_int_equal(lc_samples_end(samples, file, &end, &facts, NULL), LC_OK);
        assert_true(lc_samples_have(samples, file));
    }
}

static void samples_come_back(void **state)
{
    const struct lc_map map = {.size = 7, .mtime_ns = 8, .inode = 9};
    const struct lc_map changed = {.size = 7, .mtime_ns = 9, .inode = 9};
    struct lc_samples *samples = NULL;
    const struct lc_sample *got = NULL;
    char *text = calloc(1, SIZE + LC_JSON_PADDING);

    (void)state;
    assert_non_null(text);
    assert_int_equal(lc_samples_new(FILES, NULL, &samples, NULL), LC_OK);
    add_all(samples, text);
    lc_samples_drop(samples, 1);
    assert_false(lc_samples_have(samples, 1));
    for (unsigned file = 0; file < FILES; file += 2) {
        assert_int_equal(lc_samples_begin(samples, file, &map, NULL), LC_OK);
        for (unsigned i = 0; i < SAMPLES; i++)
            check_sample(samples, file, i, text);
        assert_int_equal(lc_samples_next(samples, &got, NULL), LC_OK);
        assert_null(got);
        assert_int_equal(lc_samples_shard_end(samples).samples, SAMPLES);
        assert_true(
            lc_span_equal(lc_samples_shard_end(samples).example, span("example")));
    }
    assert_int_equal(lc_samples_begin(samples, 0, &changed, NULL), LC_ERR_IO);
    lc_samples_free(samples);
    lc_samples_free(NULL);
    assert_false(lc_samples_have(NULL, 0));
    free(text);
}

/* Blocks of all sizes, below and beyond what is kept in memory. */
static void a_spool_returns_its_blocks(void **state)
{
    enum { BLOCKS = 40 };
    struct lc_spool spool;
    struct lc_spooled blocks[BLOCKS];
    struct lc_buffer bytes = {0};
    size_t size = LC_SPOOL_BYTES / 16 + 1;
    char *block = malloc(size);

    (void)state;
    assert_non_null(block);
    lc_spool_init(&spool, NULL);
    for (int i = 0; i < BLOCKS; i++) {
        memset(block, i, size);
        assert_int_equal(lc_spool_add(&spool, block, size - (size_t)i, &blocks[i], NULL),
                         LC_OK);
    }
    assert_true(spool.memory.size <= LC_SPOOL_BYTES);
    assert_true(spool.in_file > 0);
    for (int i = BLOCKS - 1; i >= 0; i--) {
        memset(block, i, size);
        assert_int_equal(lc_spool_read(&spool, &blocks[i], &bytes, NULL), LC_OK);
        assert_int_equal(bytes.size, size - (size_t)i);
        assert_memory_equal(bytes.data, block, bytes.size);
    }
    lc_buffer_clear(&bytes);
    lc_spool_clear(&spool);
    free(block);
}

static void expect_error(const struct lc_error *err, const char *what)
{
    char wanted[256];

    snprintf(wanted, sizeof(wanted), "%s in '/somewhere'", what);
    assert_int_equal(err->status, LC_ERR_IO);
    assert_int_equal(strncmp(err->message, wanted, strlen(wanted)), 0);
}

/* Errors name the folder of the file. */
static void errors_of_a_spool_name_its_folder(void **state)
{
    static char block[1000];
    struct lc_spool spool;
    struct lc_spooled first, second;
    struct lc_buffer bytes = {0};
    struct lc_error err = {0};
    char *most = calloc(1, LC_SPOOL_BYTES);
    int whole;

    (void)state;
    assert_non_null(most);
    lc_spool_init(&spool, "/somewhere");
    assert_int_equal(lc_spool_add(&spool, most, LC_SPOOL_BYTES, &first, NULL), LC_OK);
    assert_int_equal(lc_spool_add(&spool, block, sizeof(block), &second, &err),
                     LC_ERR_IO);
    expect_error(&err, "create a temporary file");

    err = (struct lc_error){0};
    spool.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
    assert_true(spool.fd >= 0);
    assert_int_equal(lc_spool_add(&spool, block, sizeof(block), &second, &err),
                     LC_ERR_IO);
    expect_error(&err, "write a temporary file");
    assert_int_equal(spool.in_file, 0);

    err = (struct lc_error){0};
    whole = open("/dev/null", O_RDWR | O_CLOEXEC); /* as if it had been truncated */
    assert_true(whole >= 0 && dup2(whole, spool.fd) == spool.fd);
    assert_int_equal(lc_spool_add(&spool, block, sizeof(block), &second, NULL), LC_OK);
    assert_int_equal(lc_spool_read(&spool, &second, &bytes, &err), LC_ERR_IO);
    expect_error(&err, "read a temporary file");
    assert_int_equal(lc_spool_read(&spool, &first, &bytes, NULL), LC_OK);
    assert_int_equal(bytes.size, LC_SPOOL_BYTES);
    close(whole);
    lc_buffer_clear(&bytes);
    lc_spool_clear(&spool);
    free(most);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_come_back),
        cmocka_unit_test(errors_of_a_spool_name_its_folder),
        cmocka_unit_test(a_spool_returns_its_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
