/* lies.c - sound pages with false records */
#include "mutate.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/read/pages_layout.h"
#include "index/write/state.h"

/* A pair in a leaf page. */
struct pair {
    uint8_t *node;
    uint8_t *key;
    size_t key_size;
    uint8_t *value; /* in the leaf, or in overflow pages */
    size_t value_size;
};

static bool find_pair(struct hostile_mutant *mutant, uint8_t *page, struct pair *out)
{
    size_t count = hostile_node_count(mutant, page), end = hostile_page_size(mutant);
    uint64_t number;

    if (!count)
        return false;
    out->node = hostile_node(mutant, page, hostile_below(&mutant->random, count));
    out->key = out->node + NODE_HEAD;
    out->key_size = lc_native_u16(out->node + NODE_KEY_SIZE);
    out->value = out->key + out->key_size;
    out->value_size = lc_node_low(out->node);
    if (lc_native_u16(out->node + NODE_FLAGS) & NODE_TREE)
        return false;
    if (!(lc_native_u16(out->node + NODE_FLAGS) & NODE_BIG))
        return out->value + out->value_size <= page + end;
    memcpy(&number, out->value, sizeof(number));
    if (number >= hostile_page_count(mutant))
        return false;
    out->value = hostile_page(mutant, number) + PAGE_HEAD;
    return out->value_size <= (size_t)(mutant->bytes + mutant->size - out->value);
}

/* Pick a random pair of a random leaf; return false if there was none after some tries.
 */
static bool pick_pair(struct hostile_mutant *mutant, struct pair *out)
{
    for (int tries = 0; tries < 64; tries++)
        if (find_pair(mutant, hostile_pick_page(mutant, PAGE_LEAF), out) &&
            out->value_size && out->key_size)
            return true;
    return false;
}

/* Change a big-endian number in place. */
static void change_number(struct hostile_mutant *mutant, uint8_t *at, size_t width)
{
    uint64_t number = 0;

    for (size_t i = 0; i < width; i++)
        number = number << 8 | at[i];
    number = hostile_near(&mutant->random, number);
    for (size_t i = width; i-- > 0; number >>= 8)
        at[i] = (uint8_t)number;
}

static void change_value(struct hostile_mutant *mutant, const struct pair *pair)
{
    static const uint8_t widths[] = {1, 2, 4, 4, 8, 8};
    size_t width = widths[hostile_below(&mutant->random, sizeof(widths))];

    if (width <= pair->value_size)
        change_number(mutant,
                      pair->value +
                          hostile_below(&mutant->random, pair->value_size - width + 1),
                      width);
}

void hostile_lie_number(struct hostile_mutant *mutant)
{
    struct pair pair;

    if (pick_pair(mutant, &pair))
        change_value(mutant, &pair);
}

/* Change facts about the run, and its numbers. */
void hostile_lie_meta(struct hostile_mutant *mutant)
{
    static const char *const keys[] = {LC_META_SUMMARY,      LC_META_STATISTICS,
                                       LC_META_IMAGE_FOLDER, LC_META_BEGAN,
                                       LC_META_COUNT_PREFIX, LC_META_NAME};
    const char *key =
        keys[hostile_below(&mutant->random, sizeof(keys) / sizeof(keys[0]))];
    struct pair pair;

    for (int tries = 0; tries < 4096; tries++) {
        if (!pick_pair(mutant, &pair) || pair.key_size < strlen(key) ||
            memcmp(pair.key, key, strlen(key)) != 0)
            continue;
        if (pair.value_size % 8 == 0) /* numbers of 64 bits */
            change_number(
                mutant,
                pair.value + hostile_below(&mutant->random, pair.value_size / 8) * 8, 8);
        else
            change_value(mutant, &pair);
        return;
    }
}

/* Insert what terminals, spreadsheets and CI systems interpret, or invalid UTF-8. */
void hostile_lie_text(struct hostile_mutant *mutant)
{
    static const char *const texts[] = {
        "\033[2J",      "\r\n::error::", "##[error]", "##vso[a]",     "=1+1\",\"",
        "\xFF\xFE",     "\xE2\x80\xAE",  "\xC2\x9B",  "../../..",     "/etc/shadow",
        "</script><b>", "]]>",           "\\u0000",   "\xED\xA0\x80", "IMG999"};
    const char *text =
        texts[hostile_below(&mutant->random, sizeof(texts) / sizeof(texts[0]))];
    size_t size = strlen(text);
    struct pair pair;

    if (!pick_pair(mutant, &pair) || pair.value_size < size)
        return;
    memcpy(pair.value + hostile_below(&mutant->random, pair.value_size - size + 1), text,
           size);
}

/* Replace a record, or a part of it, by another one. */
void hostile_lie_copy(struct hostile_mutant *mutant)
{
    struct pair to, from;
    size_t size, at;

    if (!pick_pair(mutant, &to) || !pick_pair(mutant, &from))
        return;
    size = to.value_size < from.value_size ? to.value_size : from.value_size;
    at = hostile_below(&mutant->random, 2) ? 0 : hostile_below(&mutant->random, size);
    memmove(to.value + at, from.value + at, size - at);
    if (hostile_below(&mutant->random, 2) && to.key_size == from.key_size)
        memmove(to.key, from.key, to.key_size);
}

void hostile_lie_key(struct hostile_mutant *mutant)
{
    struct pair pair, other;
    size_t width;

    if (!pick_pair(mutant, &pair) || !pick_pair(mutant, &other))
        return;
    width = pair.key_size == 4 || pair.key_size == 8 ? pair.key_size : 1;
    switch (hostile_below(&mutant->random, 3)) {
    case 0:
        change_number(mutant, pair.key, width);
        break;
    case 1:
        change_number(mutant, pair.key + pair.key_size - width, width);
        break;
    default:
        if (pair.key_size == other.key_size)
            memmove(pair.key, other.key, pair.key_size);
    }
}

/* Cut a record short; its page stays sound, with a gap. */
void hostile_lie_short(struct hostile_mutant *mutant)
{
    struct pair pair;
    uint16_t low;

    if (!pick_pair(mutant, &pair) || pair.value_size > UINT16_MAX)
        return;
    low = (uint16_t)hostile_below(&mutant->random, pair.value_size);
    memcpy(pair.node + NODE_LOW, &low, sizeof(low)); /* the less significant half */
}

/* ---- with LMDB: other sizes, more or fewer pairs ---- */

enum { MOST_VALUE = 64 << 10, MOST_PAIRS = 500 };

static MDB_cursor *go_to_random_pair(struct hostile_mutant *mutant, MDB_txn *txn,
                                     MDB_dbi table, MDB_val *key, MDB_val *value)
{
    size_t skip = hostile_below(&mutant->random, 64);
    MDB_cursor *cursor = NULL;
    int rc = mdb_cursor_open(txn, table, &cursor);

    if (rc == 0)
        rc = mdb_cursor_get(cursor, key, value, MDB_FIRST);
    while (rc == 0 && skip-- > 0)
        if (mdb_cursor_get(cursor, key, value, MDB_NEXT) != 0)
            rc = mdb_cursor_get(cursor, key, value, MDB_FIRST);
    if (rc == 0)
        return cursor;
    mdb_cursor_close(cursor);
    return NULL;
}

/* Change the size of a value: repeat its bytes, or append more. */
static void resize(struct hostile_mutant *mutant, MDB_cursor *cursor, MDB_val key,
                   MDB_val value)
{
    size_t size =
        1 + hostile_below(&mutant->random,
                          hostile_below(&mutant->random, 4) ? 4096 : MOST_VALUE);
    char name[512], *bytes = malloc(MOST_VALUE);

    if (bytes && value.mv_size && key.mv_size <= sizeof(name)) {
        memcpy(name, key.mv_data, key.mv_size);
        for (size_t i = 0; i < size; i++)
            bytes[i] = ((const char *)value.mv_data)[i % value.mv_size];
        key.mv_data = name;
        value = (MDB_val){size, bytes};
        (void)mdb_cursor_put(cursor, &key, &value, 0);
    }
    free(bytes);
}

/* Store the same value under many following keys. */
static void repeat(struct hostile_mutant *mutant, MDB_txn *txn, MDB_dbi table,
                   MDB_val key, MDB_val value)
{
    size_t count = 1 + hostile_below(&mutant->random, MOST_PAIRS);
    uint8_t name[512], bytes[4096];

    if (key.mv_size > sizeof(name) || value.mv_size > sizeof(bytes) || !key.mv_size)
        return;
    memcpy(name, key.mv_data, key.mv_size);
    memcpy(bytes, value.mv_data, value.mv_size);
    key.mv_data = name;
    value.mv_data = bytes;
    for (size_t i = 0; i < count; i++) {
        for (size_t at = key.mv_size; at-- > 0 && ++name[at] == 0;)
            ;
        (void)mdb_put(txn, table, &key, &value, 0);
    }
}

static void rewrite_pair(struct hostile_mutant *mutant, struct lc_tables *tables)
{
    MDB_dbi table = tables->handles[hostile_below(&mutant->random, LC_TABLE_COUNT)];
    MDB_val key, value;
    MDB_cursor *cursor = go_to_random_pair(mutant, tables->txn, table, &key, &value);

    if (!cursor)
        return;
    switch (hostile_below(&mutant->random, 4)) {
    case 0:
        (void)mdb_cursor_del(cursor, 0);
        break;
    case 1:
        repeat(mutant, tables->txn, table, key, value);
        break;
    default:
        resize(mutant, cursor, key, value);
    }
    mdb_cursor_close(cursor);
}

static bool write_whole(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "wbe");
    bool good = file && fwrite(bytes, 1, size, file) == size;

    return file && fclose(file) == 0 && good;
}

static bool read_whole(struct hostile_mutant *mutant, size_t size)
{
    FILE *file = fopen(mutant->scratch, "rbe");
    bool good = file && size <= mutant->sound_size + HOSTILE_MOST_GROWTH &&
                fread(mutant->bytes, 1, size, file) == size;

    if (file)
        fclose(file);
    mutant->size = good ? size : mutant->size;
    return good;
}

/* Start over with the sound file, because LMDB must not see changed pages. */
void hostile_lie_rewrite(struct hostile_mutant *mutant)
{
    size_t pairs = 1 + hostile_below(&mutant->random, 3);
    struct lc_tables tables = {0};
    MDB_envinfo info = {0};

    if (!write_whole(mutant->scratch, mutant->sound, mutant->sound_size) ||
        mdb_env_create(&tables.env) != 0)
        abort();
    if (mdb_env_set_maxdbs(tables.env, LC_TABLE_COUNT) != 0 ||
        mdb_env_set_mapsize(tables.env, (size_t)1 << 26) != 0 ||
        mdb_env_open(tables.env, mutant->scratch, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC,
                     0600) != 0 ||
        mdb_txn_begin(tables.env, NULL, 0, &tables.txn) != 0 ||
        lc_tables_open(&tables, false) != 0)
        abort();
    for (; pairs; pairs--)
        rewrite_pair(mutant, &tables);
    if (mdb_txn_commit(tables.txn) != 0 || mdb_env_info(tables.env, &info) != 0)
        abort();
    mdb_env_close(tables.env);
    (void)read_whole(mutant, (info.me_last_pgno + 1) * hostile_page_size(mutant));
}
