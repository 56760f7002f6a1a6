/* fuzz_index.c - what must be true for an index with any values
 *
 * The input is a list of changes to an index of a small data set: a table, a pair in it,
 * an operation, and bytes. LMDB's pages stay sound (fuzz_pages.c damages them), and so
 * does the seal: only the contents of records are tested here. The index is then audited,
 * opened, reported on in every format, asked every question and compared; the data are
 * verified with it, and checked again reusing it: each of these works, or is refused with
 * an error.
 */
#include "target.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/format/seal.h"
#include "index/write/state.h"
#include "llava_check.h"
#include "llava_check/query.h"

enum { MOST_CHANGES = 8, MOST_VALUE = 4096 };

/* Operations on a pair's value. */
enum change {
    CHANGE_BYTES, /* some bytes from an offset on */
    CHANGE_ALL,
    CHANGE_CUT, /* to an offset */
    CHANGE_GROW,
    CHANGE_REMOVE,
    CHANGE_COUNT
};

static const char row[] =
    "[{\"id\":1,\"image\":\"a.bmp\",\"conversations\":["
    "{\"from\":\"human\",\"value\":\"<image>\\nWhat?\"},"
    "{\"from\":\"gpt\",\"value\":\"A cat.\"}]},\n"
    "{\"id\":\"b\",\"image\":[\"b.bmp\",\"gone.jpg\"],\"conversations\":["
    "{\"from\":\"human\",\"value\":\"<image>\\n<image>\\nWhich?\"},"
    "{\"from\":\"gpt\",\"value\":\"\"}]},\n"
    "{\"id\":\"b\",\"data_source\":\"x\",\"conversations\":["
    "{\"from\":\"user\",\"value\":\"Hi\"}]}, {nan}]";

static const char bmp[] = "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0"
                          "\x01\0\x18\0\0\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                          "\0\xff\0\0";

/* The bytes of a sound index, and its data set. */
static char *sound;
static size_t sound_size;
static char *data_path, *index_path;

static void read_sound(const char *path)
{
    FILE *file = fopen(path, "rbe");
    struct stat st;

    must(file && fstat(fileno(file), &st) == 0);
    sound_size = (size_t)st.st_size;
    sound = malloc(sound_size);
    must(sound && fread(sound, 1, sound_size, file) == sound_size);
    fclose(file);
}

/* Check the data set, reusing its index. */
static enum lc_status check(struct lc_index **out, struct lc_error *err)
{
    const char *const paths[] = {data_path};
    const struct lc_check_options options = {.size = sizeof(options),
                                             .paths = paths,
                                             .path_count = 1,
                                             .index = index_path,
                                             .threads = 1};

    return lc_check(&options, out, err);
}

static void make_sound(void)
{
    char *file = lc_fuzz_path("index/" LC_INDEX_FILE);
    struct lc_index *results = NULL;

    data_path = lc_fuzz_path("data");
    index_path = lc_fuzz_path("index");
    must(mkdir(data_path, 0700) == 0);
    lc_fuzz_file("data/rows.json", row, sizeof(row) - 1);
    lc_fuzz_file("data/a.bmp", bmp, sizeof(bmp) - 1);
    lc_fuzz_file("data/b.bmp", bmp, sizeof(bmp) - 9);
    must(check(&results, NULL) == LC_OK);
    lc_index_close(results);
    read_sound(file);
    free(file);
}

/* ---- changes ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Replace the value at a cursor. */
static void change_value(MDB_cursor *cursor, MDB_val key, MDB_val value,
                         enum change change, size_t at, struct lc_span bytes)
{
    char copy[MOST_VALUE] = {0}, name[512];
    size_t size = smaller(value.mv_size, sizeof(copy));

    must(key.mv_size <= sizeof(name));
    memcpy(name, key.mv_data, key.mv_size);
    memcpy(copy, value.mv_data, size);
    at = smaller(at, size);
    if (change == CHANGE_CUT)
        size = at;
    if (change == CHANGE_ALL)
        at = size = 0;
    if (change == CHANGE_GROW)
        at = size;
    if (change != CHANGE_CUT) {
        bytes.size = smaller(bytes.size, sizeof(copy) - at);
        memcpy(copy + at, bytes.text, bytes.size);
        size = at + bytes.size > size ? at + bytes.size : size;
    }
    key.mv_data = name;
    value = (MDB_val){size, copy};
    (void)mdb_cursor_put(cursor, &key, &value,
                         0); /* if LMDB refuses the size, the value stays */
}

static void change_pair(MDB_txn *txn, MDB_dbi table, struct lc_fuzz_input *in)
{
    unsigned which = lc_fuzz_u8(in);
    enum change change = (enum change)(lc_fuzz_u8(in) % CHANGE_COUNT);
    size_t at = lc_fuzz_u16(in);
    struct lc_span bytes = lc_fuzz_short(in);
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int rc = mdb_cursor_open(txn, table, &cursor);

    if (rc == 0)
        rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    for (; rc == 0 && which; which--)
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    if (rc == 0 && change == CHANGE_REMOVE)
        (void)mdb_cursor_del(cursor, 0);
    else if (rc == 0)
        change_value(cursor, key, value, change, at, bytes);
    mdb_cursor_close(cursor);
}

static void seal(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    must(fd >= 0 && lc_seal_add(fd, NULL, NULL) == LC_OK);
    close(fd);
}

/* Change an index according to an input, and seal it again. */
static void change_index(const char *path, struct lc_fuzz_input *in)
{
    struct lc_tables tables = {0};
    MDB_envinfo info;

    must(mdb_env_create(&tables.env) == 0);
    must(mdb_env_set_maxdbs(tables.env, LC_TABLE_COUNT) == 0);
    must(mdb_env_set_mapsize(tables.env, (size_t)1 << 22) == 0);
    must(mdb_env_open(tables.env, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0600) ==
         0);
    must(mdb_txn_begin(tables.env, NULL, 0, &tables.txn) == 0);
    must(lc_tables_open(&tables, false) == 0);
    for (int i = 0; i < MOST_CHANGES && in->left; i++)
        change_pair(tables.txn, tables.handles[lc_fuzz_u8(in) % LC_TABLE_COUNT], in);
    must(mdb_txn_commit(tables.txn) == 0);
    must(mdb_env_info(tables.env, &info) == 0);
    mdb_env_close(tables.env);
    /* like a finished index: with all of its pages, and nothing after them */
    must(truncate(path,
                  (off_t)((info.me_last_pgno + 1) * (size_t)sysconf(_SC_PAGESIZE))) == 0);
    seal(path);
}

/* ---- what is done with it ---- */

static void count_fault(void *user, const char *table, const char *what)
{
    size_t *faults = user;

    must(*table && *what);
    for (; *what; what++)
        must((unsigned char)*what >= 0x20);
    ++*faults;
}

static void check_table(void *user, const char *table, uint64_t records)
{
    (void)user;
    must(*table && records < 1000000);
}

static size_t examine(const char *path)
{
    size_t faults = 0;
    const struct lc_index_check_options to = {.size = sizeof(to),
                                              .user = &faults,
                                              .on_fault = count_fault,
                                              .on_table = check_table};
    struct lc_error err = {0};
    enum lc_status status = lc_index_check(&path, 1, &to, &err);

    lc_fuzz_check_error(status, &err);
    return faults + (status != LC_OK);
}

/* A text being written. */
struct text {
    FILE *to;
    char *bytes;
    size_t size;
};

static void begin_text(struct text *text)
{
    text->to = open_memstream(&text->bytes, &text->size);
    must(text->to);
}

/* Check a text that was written, or could not be: what exists of it must be printable.
 * Returns whether it was written. */
static bool end_text(struct text *text, enum lc_status status, const struct lc_error *err)
{
    fclose(text->to);
    lc_fuzz_check_error(status, err);
    lc_fuzz_check_text(text->bytes, text->size);
    free(text->bytes);
    return status == LC_OK;
}

static bool report(const struct lc_index *index)
{
    const struct lc_report_format_info *format;
    bool good = true;

    for (size_t i = 0; (format = lc_report_format_at(i)); i++) {
        const struct lc_report_options options = {.size = sizeof(options),
                                                  .format = format->name};
        struct lc_error err = {0};
        struct text text;

        begin_text(&text);
        good &= end_text(&text, lc_report_write(index, &options, text.to, &err), &err);
    }
    return good;
}

static bool ask(const struct lc_index *index)
{
    static const char *const ids[] = {"1", "b"};
    const struct lc_query_info *info;
    bool good = true;

    for (size_t i = 0; (info = lc_query_at(i)); i++) {
        struct lc_query query = {
            .size = sizeof(query), .name = info->name, .ids = ids, .id_count = 2};
        struct lc_error err = {0};
        struct text text;

        begin_text(&text);
        good &= end_text(&text, lc_query_write(index, &query, text.to, NULL, &err), &err);
    }
    return good;
}

/* Whether its differences from the sound index can be detected. */
static bool compare(const struct lc_index *index, const char *sound_path)
{
    const struct lc_diff_options options = {.size = sizeof(options), .format = "json"};
    struct lc_index *other = NULL;
    struct lc_error err = {0};
    struct text text;
    bool equal, good;

    must(lc_index_open(&sound_path, 1, &other, NULL) == LC_OK);
    begin_text(&text);
    good = end_text(&text, lc_diff_write(other, index, &options, text.to, &equal, &err),
                    &err);
    lc_index_close(other);
    return good;
}

static void use(const char *path, const char *sound_path, bool whole)
{
    struct lc_index *index = NULL;
    struct lc_error err = {0};
    enum lc_status status = lc_index_open(&path, 1, &index, &err);

    lc_fuzz_check_error(status, &err);
    if (status != LC_OK) {
        must(!whole);
        return;
    }
    must(report(index) || !whole);
    must(ask(index) || !whole);
    must(compare(index, sound_path) || !whole);
    lc_index_close(index);
}

/* Verify the data with it, and check them again, reusing it. */
static void use_index(void)
{
    const char *const paths[] = {data_path};
    const struct lc_verify_options options = {.size = sizeof(options),
                                              .paths = paths,
                                              .path_count = 1,
                                              .index = index_path,
                                              .threads = 1};
    struct lc_index *results = NULL;
    struct lc_error err = {0};

    lc_fuzz_check_error(lc_verify(&options, &results, &err), &err);
    if (results)
        (void)report(results);
    lc_index_close(results);
    results = NULL;
    err = (struct lc_error){0};
    lc_fuzz_check_error(check(&results, &err), &err);
    if (results)
        (void)report(results);
    lc_index_close(results);
}

void lc_fuzz_index(const uint8_t *data, size_t size)
{
    struct lc_fuzz_input in = {data, size};
    char *path, *sound_path;

    if (!sound)
        make_sound();
    sound_path = strdup(lc_fuzz_file(LC_INDEX_FILE, sound, sound_size));
    path = strdup(lc_fuzz_file("index/" LC_INDEX_FILE, sound, sound_size));
    must(path && sound_path);
    if (size)
        change_index(path, &in);
    use(path, sound_path, examine(path) == 0);
    use_index();
    free(path);
    free(sound_path);
}
