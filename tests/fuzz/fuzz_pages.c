/* fuzz_pages.c - what must be true for an LMDB file with any pages
 *
 * The input is a list of changes to the pages of a sound index: bytes, numbers near the
 * right ones, pages copied over others, a missing end. The result is opened, every table
 * is walked in both ways and searched, and audited: without a crash (sanitizers notice
 * reads out of bounds), in a number of steps that is limited by the file's size.
 *
 * If an audit finds nothing, LMDB itself can read the file. So LMDB does, and must find
 * the same pairs.
 */
#include "target.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/read/pages.h"
#include "index/write/state.h"

enum { MOST_CHANGES = 12, PAGE = 4096, ROWS = 120 };

/* A sound file, and the one being changed. */
static uint8_t *sound, *bytes;
static size_t sound_size, size;

/* Values small and large, and tables of one page and of many. */
static void fill(MDB_txn *txn, MDB_dbi table, int t)
{
    static char value[3 * PAGE];

    memset(value, 'a' + t, sizeof(value));
    for (uint32_t i = 0; i < (t % 3 ? ROWS : 3); i++) {
        uint8_t key[8];
        MDB_val k = {t % 2 ? 4 : 8, key};
        MDB_val v = {i % 100 == 7 ? sizeof(value) : (size_t)(i * 37 % 400), value};

        lc_put_u64(key, (uint64_t)i << 32 | i);
        must(mdb_put(txn, table, &k, &v, 0) == 0);
    }
}

static void make_sound(void)
{
    char *path = lc_fuzz_path("pages.mdb");
    struct lc_tables tables = {0};
    struct stat st;
    FILE *file;

    must(mdb_env_create(&tables.env) == 0);
    must(mdb_env_set_maxdbs(tables.env, LC_TABLE_COUNT) == 0);
    must(mdb_env_set_mapsize(tables.env, (size_t)1 << 26) == 0);
    must(mdb_env_open(tables.env, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0600) ==
         0);
    for (int pass = 0; pass < 3; pass++) { /* the last passes free pages */
        must(mdb_txn_begin(tables.env, NULL, 0, &tables.txn) == 0);
        must(lc_tables_open(&tables, true) == 0);
        for (int t = 0; t < LC_TABLE_COUNT - 1; t++) /* one stays empty */
            if (pass == 0 || t < 2 * pass)
                fill(tables.txn, tables.handles[t], t + pass);
        must(mdb_txn_commit(tables.txn) == 0);
    }
    mdb_env_close(tables.env);
    file = fopen(path, "rbe");
    must(file && fstat(fileno(file), &st) == 0);
    sound_size = (size_t)st.st_size;
    sound = malloc(sound_size);
    bytes = malloc(sound_size);
    must(sound && bytes && fread(sound, 1, sound_size, file) == sound_size);
    fclose(file);
    free(path);
}

/* ---- changes ---- */

static void change(struct lc_fuzz_input *in)
{
    unsigned kind = lc_fuzz_u8(in) % 7;
    size_t page = (lc_fuzz_u8(in) | (size_t)lc_fuzz_u8(in) << 8) % (size / PAGE) * PAGE;
    size_t at = page + lc_fuzz_u16(in) % PAGE;
    struct lc_span with;
    uint16_t number;

    switch (kind) {
    case 0: /* bytes */
        with = lc_fuzz_short(in);
        memcpy(bytes + at, with.text, with.size < size - at ? with.size : size - at);
        break;
    case 1: /* a bit */
        bytes[at] = (uint8_t)(bytes[at] ^ 1U << lc_fuzz_u8(in) % 8);
        break;
    case 2: /* a number somewhat larger or smaller: a bound, an offset, a page */
        at -= at % 2;
        memcpy(&number, bytes + at, 2);
        number = (uint16_t)(number + lc_fuzz_u8(in) - 128);
        memcpy(bytes + at, &number, 2);
        break;
    case 3: /* another page in its place */
        memcpy(bytes + page, bytes + lc_fuzz_u16(in) % (size / PAGE) * PAGE, PAGE);
        break;
    case 4: /* the same, but with the number that it should have */
        memcpy(bytes + page + 8, bytes + lc_fuzz_u16(in) % (size / PAGE) * PAGE + 8,
               PAGE - 8);
        break;
    case 5: /* a part of another page */
        number = (uint16_t)lc_fuzz_u16(in);
        memcpy(bytes + at, bytes + number % (size / PAGE) * PAGE + at % PAGE,
               PAGE - at % PAGE);
        break;
    default: /* no end */
        size -= (size_t)lc_fuzz_u8(in) % 4 * 1000 % (size - 2 * PAGE + 1);
    }
}

/* ---- what is done with it ---- */

/* Walk over a table; return the number of steps and a checksum of the pairs. */
static size_t walk(const struct lc_pages *pages, const struct lc_tree *tree,
                   uint64_t *sum)
{
    struct lc_cursor cursor;
    struct lc_error err = {0};
    bool there = false;
    size_t steps = 0;

    *sum = 0;
    lc_cursor_begin(&cursor, pages, tree);
    while (lc_cursor_next(&cursor, &there, &err) == LC_OK && there) {
        struct lc_cursor other;
        bool found = false;

        *sum = *sum * 31 + lc_hash_quick(cursor.key.text, cursor.key.size) +
               lc_hash_quick(cursor.value.text, cursor.value.size);
        /* a node takes at least 10 bytes */
        must(++steps <= pages->size / 10);
        if (steps % 16 != 1)
            continue;
        lc_cursor_begin(&other, pages, tree);
        if (lc_cursor_seek(&other, cursor.key, &found, NULL) == LC_OK && found)
            must(other.key.size <= pages->size && other.value.size <= pages->size);
        (void)!lc_cursor_seek_back(&other, cursor.key, &found, NULL);
        (void)!lc_cursor_last(&other, &found, NULL);
    }
    return steps;
}

static void see_fault(void *user, const char *what)
{
    size_t *faults = user;

    must(*what);
    for (; *what; what++)
        must((unsigned char)*what >= 0x20 && (unsigned char)*what < 0x7F);
    ++*faults;
}

/* LMDB's own walk over a table. */
static uint64_t walk_by_lmdb(MDB_txn *txn, MDB_dbi table)
{
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    uint64_t sum = 0;

    must(mdb_cursor_open(txn, table, &cursor) == 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
        sum = sum * 31 + lc_hash_quick(key.mv_data, key.mv_size) +
              lc_hash_quick(value.mv_data, value.mv_size);
    mdb_cursor_close(cursor);
    return sum;
}

/* LMDB can also read a file without faults. */
static void compare(const struct lc_pages *pages, const char *path)
{
    struct lc_tables tables = {0};

    must(mdb_env_create(&tables.env) == 0);
    must(mdb_env_set_maxdbs(tables.env, LC_TABLE_COUNT) == 0);
    if (mdb_env_open(tables.env, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_RDONLY, 0) != 0) {
        mdb_env_close(tables.env); /* LMDB refuses a map of this size */
        return;
    }
    must(mdb_txn_begin(tables.env, NULL, MDB_RDONLY, &tables.txn) == 0);
    for (int t = 0; t < LC_TABLE_COUNT; t++) {
        const char *name = lc_table_name((enum lc_table)t);
        struct lc_tree tree;
        uint64_t sum;
        MDB_dbi table;

        if (lc_pages_find_tree(pages, name, &tree, NULL) != LC_OK)
            continue; /* its name was changed */
        must(mdb_dbi_open(tables.txn, name, 0, &table) == 0);
        (void)walk(pages, &tree, &sum);
        must(sum == walk_by_lmdb(tables.txn, table));
    }
    mdb_txn_abort(tables.txn);
    mdb_env_close(tables.env);
}

void lc_fuzz_pages(const uint8_t *data, size_t data_size)
{
    struct lc_fuzz_input in = {data, data_size};
    struct lc_pages pages = {0};
    size_t faults = 0;
    const char *path;
    int fd;

    if (!sound)
        make_sound();
    memcpy(bytes, sound, sound_size);
    size = sound_size;
    for (int i = 0; i < MOST_CHANGES && in.left; i++)
        change(&in);
    path = lc_fuzz_file("changed.mdb", bytes, size);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    must(fd >= 0);
    if (lc_pages_open(fd, size, &pages, NULL) == LC_OK) {
        for (int t = 0; t < LC_TABLE_COUNT; t++) {
            struct lc_tree tree;
            uint64_t sum;

            if (lc_pages_find_tree(&pages, lc_table_name((enum lc_table)t), &tree,
                                   NULL) == LC_OK)
                (void)walk(&pages, &tree, &sum);
        }
        must(lc_pages_audit(&pages, see_fault, &faults, NULL) == LC_OK);
        must(faults == 0 || data_size > 0);
        if (faults == 0)
            compare(&pages, path);
    }
    lc_pages_clear(&pages);
    close(fd);
}
