#include "index/packs.h"
#include "index/reader.h"
#include "index/seal.h"
#include "index/tables.h"

#include "base/path.h"
#include "index/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART_FILE LC_INDEX_FILE ".part"

/* A transaction ends after so many records or bytes: its dirty pages are memory. */
#define BATCH_RECORDS 32768
#define BATCH_BYTES ((size_t)16 << 20)

/* LMDB's map is address space, not disk or memory. Before each transaction it must have
 * room for all that the transaction may write: its bytes, and for each record the pages
 * that a split may touch. */
#define FIRST_MAP ((size_t)4 << 30)
#define BATCH_ROOM ((size_t)1 << 30)

struct lc_index_writer {
    struct lc_tables tables;
    char *folder; /* NULL: the file has no name */
    char *part;
    char *final;
    int lock;
    MDB_cursor *cursors[LC_TABLE_COUNT];  /* of the transaction, opened at first use */
    struct lc_pack packs[LC_TABLE_COUNT]; /* of packed tables: the values being filled */
    struct lc_buffer record;
    size_t batch_records;
    size_t batch_bytes;
    bool rows_written;       /* in this transaction: their pages are not in the map yet */
    struct lc_walked walked; /* of the rows that were read again */
};

static enum lc_status begin_batch(struct lc_index_writer *writer, struct lc_error *err)
{
    MDB_envinfo info;
    int rc = mdb_env_info(writer->tables.env, &info);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (rc == 0 && info.me_mapsize - (info.me_last_pgno + 1) * page < BATCH_ROOM)
        rc = mdb_env_set_mapsize(writer->tables.env, info.me_mapsize * 2);
    if (rc == 0)
        rc = mdb_txn_begin(writer->tables.env, NULL, 0, &writer->tables.txn);
    writer->batch_records = 0;
    writer->batch_bytes = 0;
    writer->rows_written = false;
    return lc_lmdb_status(rc, "write the index", err);
}

/* Cursors go before the transaction that they belong to. */
static void close_cursors(struct lc_index_writer *writer)
{
    for (size_t i = 0; i < LC_TABLE_COUNT; i++) {
        if (writer->cursors[i])
            mdb_cursor_close(writer->cursors[i]);
        writer->cursors[i] = NULL;
    }
}

static enum lc_status commit(struct lc_index_writer *writer, struct lc_error *err)
{
    MDB_txn *txn = writer->tables.txn;

    close_cursors(writer);
    lc_index_drop_walked(&writer->walked); /* the map may move */
    writer->tables.txn = NULL;             /* gone, also when it fails */
    return lc_lmdb_status(mdb_txn_commit(txn), "write the index", err);
}

static enum lc_status open_part(struct lc_index_writer *writer, struct lc_error *err)
{
    /* no lock file: one writer (our lock), and readers only of finished files.
     * no sync: the whole file is synced before it takes its name. */
    const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NORDAHEAD;
    enum lc_status status;
    int rc;

    if (writer->folder && unlink(writer->part) != 0 && errno != ENOENT)
        return lc_fail_errno(err, "remove an unfinished index");
    rc = mdb_env_create(&writer->tables.env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(writer->tables.env, LC_TABLE_COUNT);
    if (rc == 0)
        rc = mdb_env_set_mapsize(writer->tables.env, FIRST_MAP);
    if (rc == 0)
        rc = mdb_env_open(writer->tables.env, writer->part, flags, 0666);
    if (!writer->folder)
        (void)unlink(writer->part);
    status = lc_lmdb_status(rc, "make the index", err);
    if (status == LC_OK)
        status = begin_batch(writer, err);
    if (status == LC_OK)
        status =
            lc_lmdb_status(lc_tables_open(&writer->tables, true), "make the index", err);
    return status;
}

enum lc_status lc_index_create(const char *folder, struct lc_index_writer **out,
                               struct lc_error *err)
{
    struct lc_index_writer *writer = calloc(1, sizeof(*writer));
    enum lc_status status = LC_OK;

    if (!writer)
        return lc_fail_memory(err);
    writer->lock = -1;
    if (folder) {
        status = lc_path_tidy(folder, &writer->folder, err);
        if (status == LC_OK)
            status = lc_index_make_folder(writer->folder, err);
        if (status == LC_OK)
            status = lc_index_lock(writer->folder, &writer->lock, err);
        if (status == LC_OK)
            status = lc_path_join(writer->folder, PART_FILE, &writer->part, err);
        if (status == LC_OK)
            status = lc_path_join(writer->folder, LC_INDEX_FILE, &writer->final, err);
    } else {
        status = lc_index_temporary(&writer->part, err);
    }
    if (status == LC_OK)
        status = open_part(writer, err);
    if (status == LC_OK)
        *out = writer;
    else
        lc_index_abandon(writer);
    return status;
}

/* Free the writer itself; the tables are closed or given away. */
static void free_writer(struct lc_index_writer *writer)
{
    if (writer->lock >= 0)
        close(writer->lock);
    for (size_t i = 0; i < LC_TABLE_COUNT; i++)
        lc_buffer_clear(&writer->packs[i].bytes);
    lc_buffer_clear(&writer->record);
    free(writer->folder);
    free(writer->part);
    free(writer->final);
    free(writer);
}

void lc_index_abandon(struct lc_index_writer *writer)
{
    if (!writer)
        return;
    close_cursors(writer);
    if (writer->tables.txn)
        mdb_txn_abort(writer->tables.txn);
    if (writer->tables.env) {
        mdb_env_close(writer->tables.env);
        if (writer->folder)
            (void)unlink(writer->part);
    }
    free_writer(writer);
}

/* Put one pair, in its table's order where flags say so. */
static enum lc_status put(struct lc_index_writer *writer, enum lc_table table,
                          const void *key, size_t key_size, struct lc_span value,
                          unsigned flags, struct lc_error *err)
{
    MDB_val k = {key_size, (void *)(uintptr_t)key};
    MDB_val v = {value.size, (void *)(uintptr_t)value.text};
    enum lc_status status = LC_OK;
    int rc = 0;

    if (writer->batch_records >= BATCH_RECORDS || writer->batch_bytes >= BATCH_BYTES) {
        status = commit(writer, err);
        if (status == LC_OK)
            status = begin_batch(writer, err);
        if (status != LC_OK)
            return status;
    }
    writer->rows_written |= table == LC_TABLE_ROWS;
    writer->batch_records++;
    writer->batch_bytes += key_size + value.size;
    /* a cursor stays where it appended last: the next record needs no search */
    if (!writer->cursors[table])
        rc = mdb_cursor_open(writer->tables.txn, writer->tables.handles[table],
                             &writer->cursors[table]);
    if (rc == 0)
        rc = mdb_cursor_put(writer->cursors[table], &k, &v, flags);
    return lc_lmdb_status(rc, "write the index", err);
}

/* Put what a packed table has gathered. */
static enum lc_status put_pack(struct lc_index_writer *writer, enum lc_table table,
                               struct lc_error *err)
{
    struct lc_pack *pack = &writer->packs[table];
    struct lc_span value = {pack->bytes.data, pack->bytes.size};

    if (!value.size)
        return LC_OK;
    pack->bytes.size = 0;
    return put(writer, table, pack->key, pack->key_size, value, MDB_APPEND, err);
}

/* Add an entry to a packed table: some bytes, and more behind them. */
static enum lc_status pack(struct lc_index_writer *writer, enum lc_table table,
                           struct lc_span key, struct lc_span head, struct lc_span body,
                           struct lc_error *err)
{
    struct lc_pack *to = &writer->packs[table];
    enum lc_status status = LC_OK;

    if (!lc_pack_fits(to, head.size + body.size))
        status = put_pack(writer, table, err);
    if (status == LC_OK && !to->bytes.size) {
        memcpy(to->key, key.text, key.size);
        to->key_size = key.size;
    }
    if (status == LC_OK)
        status = lc_buffer_add(&to->bytes, head.text, head.size, err);
    return status == LC_OK ? lc_buffer_add(&to->bytes, body.text, body.size, err)
                           : status;
}

/* Add the record that was encoded last to a packed table of rows. */
static enum lc_status pack_record(struct lc_index_writer *writer, enum lc_table table,
                                  uint64_t row, struct lc_error *err)
{
    struct lc_span body = {writer->record.data, writer->record.size};
    uint8_t head[12];

    lc_put_u64(head, row);
    lc_put_u32(head + 8, (uint32_t)body.size);
    return pack(writer, table, (struct lc_span){(char *)head, 8},
                (struct lc_span){(char *)head, sizeof(head)}, body, err);
}

/* Put the record that was encoded last. */
static enum lc_status put_record(struct lc_index_writer *writer, enum lc_table table,
                                 const void *key, size_t key_size, struct lc_error *err)
{
    struct lc_span value = {writer->record.data, writer->record.size};

    return put(writer, table, key, key_size, value, MDB_APPEND, err);
}

enum lc_status lc_index_add_file(struct lc_index_writer *writer, uint32_t number,
                                 const struct lc_file_record *record,
                                 struct lc_error *err)
{
    uint8_t key[4];
    enum lc_status status;

    lc_put_u32(key, number);
    writer->record.size = 0;
    status = lc_file_encode(record, &writer->record, err);
    return status == LC_OK ? put_record(writer, LC_TABLE_FILES, key, sizeof(key), err)
                           : status;
}

enum lc_status lc_index_add_row(struct lc_index_writer *writer, uint64_t number,
                                const struct lc_row_record *record, struct lc_error *err)
{
    enum lc_status status;

    writer->record.size = 0;
    status = lc_row_encode(record, &writer->record, err);
    return status == LC_OK ? pack_record(writer, LC_TABLE_ROWS, number, err) : status;
}

enum lc_status lc_index_add_image(struct lc_index_writer *writer, uint32_t number,
                                  const struct lc_image_record *record,
                                  struct lc_error *err)
{
    uint8_t key[4];
    enum lc_status status;

    lc_put_u32(key, number);
    writer->record.size = 0;
    status = lc_image_encode(record, &writer->record, err);
    return status == LC_OK ? put_record(writer, LC_TABLE_IMAGES, key, sizeof(key), err)
                           : status;
}

/* Findings sort by what they are about: kind, file or image, row; then by rule, and a
 * running number that keeps the order in which they come. */
enum lc_status lc_index_add_finding(struct lc_index_writer *writer,
                                    const struct lc_finding_record *record,
                                    struct lc_error *err)
{
    uint8_t key[1 + 4 + 8 + 2 + 8];
    MDB_stat stat;
    enum lc_status status;
    uint64_t row = (uint64_t)record->row + 1; /* 0: about the file, before its rows */
    int rc =
        mdb_stat(writer->tables.txn, writer->tables.handles[LC_TABLE_FINDINGS], &stat);

    if (rc != 0)
        return lc_lmdb_status(rc, "write the index", err);
    if (record->row < 0) /* about the file: before its rows, or behind them */
        row = record->offset ? UINT64_MAX : 0;
    key[0] = (uint8_t)record->kind;
    lc_put_u32(key + 1, record->kind == LC_FINDING_IMAGE ? record->image : record->file);
    lc_put_u64(key + 5, row);
    key[13] = (uint8_t)(record->order >> 8);
    key[14] = (uint8_t)record->order;
    lc_put_u64(key + 15, stat.ms_entries);
    writer->record.size = 0;
    status = lc_finding_encode(record, &writer->record, err);
    if (status != LC_OK)
        return status;
    return put(writer, LC_TABLE_FINDINGS, key, sizeof(key),
               (struct lc_span){writer->record.data, writer->record.size}, 0, err);
}

enum lc_status lc_index_add_row_images(struct lc_index_writer *writer, uint64_t row,
                                       const uint32_t *images, size_t count,
                                       struct lc_error *err)
{
    enum lc_status status;

    writer->record.size = 0;
    status = lc_buffer_reserve(&writer->record, 4 * count, err);
    if (status != LC_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        lc_put_u32((uint8_t *)writer->record.data + 4 * i, images[i]);
    writer->record.size = 4 * count;
    return pack_record(writer, LC_TABLE_ROW_IMAGES, row, err);
}

enum lc_status lc_index_add_image_row(struct lc_index_writer *writer, uint32_t image,
                                      uint64_t row, struct lc_error *err)
{
    uint8_t entry[12];
    struct lc_span bytes = {(char *)entry, sizeof(entry)};

    lc_put_u32(entry, image);
    lc_put_u64(entry + 4, row);
    return pack(writer, LC_TABLE_IMAGE_ROWS, bytes, bytes, (struct lc_span){0}, err);
}

enum lc_status lc_index_add_lookup(struct lc_index_writer *writer, enum lc_lookup lookup,
                                   const struct lc_hash *hash, uint64_t number,
                                   struct lc_error *err)
{
    static const enum lc_table tables[] = {
        [LC_LOOKUP_ID] = LC_TABLE_BY_ID,
        [LC_LOOKUP_PATH] = LC_TABLE_BY_PATH,
        [LC_LOOKUP_CONTENT] = LC_TABLE_BY_CONTENT,
    };
    uint8_t entry[sizeof(hash->bytes) + 8];
    struct lc_span bytes = {(char *)entry, sizeof(entry)};

    memcpy(entry, hash->bytes, sizeof(hash->bytes));
    lc_put_u64(entry + sizeof(hash->bytes), number);
    return pack(writer, tables[lookup], bytes, bytes, (struct lc_span){0}, err);
}

enum lc_status lc_index_written_row(struct lc_index_writer *writer, uint64_t row,
                                    struct lc_row_record *out, struct lc_error *err)
{
    struct lc_span bytes = {0};
    enum lc_status status = put_pack(writer, LC_TABLE_ROWS, err);

    if (status == LC_OK)
        status = lc_pack_find_record(
            writer->tables.txn, writer->tables.handles[LC_TABLE_ROWS], row, &bytes, err);
    if (status == LC_OK && bytes.text && !writer->rows_written)
        lc_index_note_got(&writer->walked, bytes);
    return status == LC_OK ? lc_row_decode(bytes, out, err) : status;
}

static enum lc_status put_meta(struct lc_index_writer *writer, const char *key,
                               struct lc_span value, struct lc_error *err)
{
    return put(writer, LC_TABLE_META, key, strlen(key), value, 0, err);
}

/* Store the record that was just encoded. */
static enum lc_status put_meta_record(struct lc_index_writer *writer, const char *key,
                                      struct lc_error *err)
{
    return put_meta(writer, key,
                    (struct lc_span){writer->record.data, writer->record.size}, err);
}

enum lc_status lc_index_add_info(struct lc_index_writer *writer,
                                 const struct lc_index_info *info, struct lc_error *err)
{
    uint8_t schema[4], began[8];
    enum lc_status status = LC_OK;
    const struct meta {
        const char *key;
        struct lc_span value;
    } metas[] = {
        {LC_META_SCHEMA, {(char *)schema, sizeof(schema)}},
        {LC_META_TOOL, info->tool},
        {LC_META_NAME, info->name},
        {LC_META_IMAGE_ROOT, info->image_root},
        {LC_META_IMAGE_FOLDER, info->image_folder},
        {LC_META_OPTIONS, {(const char *)info->options.bytes, sizeof(info->options)}},
        {LC_META_DECODERS, {(const char *)info->decoders.bytes, sizeof(info->decoders)}},
        {LC_META_BEGAN, {(char *)began, sizeof(began)}},
    };

    lc_put_u64(began, (uint64_t)info->began_ns);
    lc_put_u32(schema, LC_INDEX_SCHEMA);
    for (size_t i = 0; i < sizeof(metas) / sizeof(metas[0]) && status == LC_OK; i++)
        status = put_meta(writer, metas[i].key, metas[i].value, err);
    return status;
}

enum lc_status lc_index_add_statistics(struct lc_index_writer *writer,
                                       const struct lc_statistics *statistics,
                                       struct lc_error *err)
{
    enum lc_status status;

    writer->record.size = 0;
    status = lc_statistics_encode(statistics, &writer->record, err);
    return status == LC_OK ? put_meta_record(writer, LC_META_STATISTICS, err) : status;
}

enum lc_status lc_index_add_share(struct lc_index_writer *writer, enum lc_share_kind kind,
                                  uint32_t rank, const struct lc_share *share,
                                  struct lc_error *err)
{
    uint8_t key[1 + 4] = {(uint8_t)kind};
    enum lc_status status;

    lc_put_u32(key + 1, rank);
    writer->record.size = 0;
    status = lc_share_encode(share, &writer->record, err);
    return status == LC_OK ? put_record(writer, LC_TABLE_MIXTURE, key, sizeof(key), err)
                           : status;
}

enum lc_status lc_index_add_summary(struct lc_index_writer *writer,
                                    const struct lc_summary *summary,
                                    const struct lc_rule_count *counts, size_t count,
                                    struct lc_error *err)
{
    enum lc_status status;
    char key[sizeof(LC_META_COUNT_PREFIX) + sizeof(counts->code)];

    writer->record.size = 0;
    status = lc_summary_encode(summary, &writer->record, err);
    if (status == LC_OK)
        status = put_meta_record(writer, LC_META_SUMMARY, err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        snprintf(key, sizeof(key), LC_META_COUNT_PREFIX "%s", counts[i].code);
        writer->record.size = 0;
        status = lc_rule_count_encode(&counts[i], &writer->record, err);
        if (status == LC_OK)
            status = put_meta_record(writer, key, err);
    }
    return status;
}

/* Put the index in its place: no sooner than all of it is on the disk. */
static enum lc_status take_place(struct lc_index_writer *writer, struct lc_error *err)
{
    enum lc_status status =
        lc_lmdb_status(mdb_env_sync(writer->tables.env, 1), "sync the index", err);

    if (status == LC_OK)
        status = lc_seal_add(writer->part, err);
    if (status == LC_OK && rename(writer->part, writer->final) != 0)
        status = lc_fail_errno(err, "put the index in its place");
    return status == LC_OK ? lc_index_sync_folder(writer->folder, err) : status;
}

enum lc_status lc_index_finish(struct lc_index_writer *writer, struct lc_journal *journal,
                               struct lc_index **out, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (int i = 0; i < LC_TABLE_COUNT && status == LC_OK; i++)
        status = put_pack(writer, (enum lc_table)i, err);
    if (status == LC_OK)
        status = commit(writer, err);
    if (status == LC_OK && writer->folder)
        status = take_place(writer, err);
    lc_journal_close(journal, status == LC_OK);
    if (status != LC_OK) {
        lc_index_abandon(writer);
        return status;
    }
    status = lc_index_from_tables(&writer->tables, out, err);
    free_writer(writer);
    return status;
}
