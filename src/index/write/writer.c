/* Adds records to the tables of an index */
#include "index/write/state.h"

#include "index/read/packs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The limits of a transaction. Its dirty pages occupy memory and have to fit into the
 * map, where a quarter of map_step is free at its start (generation.c). The estimate
 * is 32 KiB for each record, as a split may touch some pages on each level of the tree,
 * or 64 times the bytes that are added. */
static size_t max_batch_records(const struct lc_index_writer *writer)
{
    return writer->map_step / 4 / ((size_t)32 << 10);
}

static size_t max_batch_bytes(const struct lc_index_writer *writer)
{
    return writer->map_step / 4 / 64;
}

/* Store a pair; with MDB_APPEND, its key must be greater than all others of the table. */
static enum lc_status put_pair(struct lc_index_writer *writer, enum lc_table table,
                               const void *key, size_t key_size, struct lc_span value,
                               unsigned flags, struct lc_error *err)
{
    MDB_val k = {key_size, (void *)(uintptr_t)key};
    MDB_val v = {value.size, (void *)(uintptr_t)value.text};
    enum lc_status status = LC_OK;
    int rc = 0;

    if (writer->batch_records >= max_batch_records(writer) ||
        (writer->batch_records &&
         writer->batch_bytes + value.size > max_batch_bytes(writer))) {
        status = lc_writer_commit(writer, err);
        if (status == LC_OK)
            status = lc_writer_begin_batch(writer, value.size, err);
        if (status != LC_OK)
            return status;
    }
    writer->rows_written |= table == LC_TABLE_ROWS;
    writer->batch_records++;
    writer->batch_bytes += key_size + value.size;
    /* the cursor stays at the last pair, so that appending needs no search */
    if (!writer->cursors[table])
        rc = mdb_cursor_open(writer->tables.txn, writer->tables.handles[table],
                             &writer->cursors[table]);
    if (rc == 0)
        rc = mdb_cursor_put(writer->cursors[table], &k, &v, flags);
    return lc_lmdb_status(rc, "write the index", err);
}

/* A packed value is stored when it is full, or when its table is read or finished. */
enum lc_status lc_writer_flush_pack(struct lc_index_writer *writer, enum lc_table table,
                                    struct lc_error *err)
{
    struct lc_pack *pack = &writer->packs[table];
    struct lc_span value = {pack->bytes.data, pack->bytes.size};

    if (!value.size)
        return LC_OK;
    pack->bytes.size = 0;
    return put_pair(writer, table, pack->key, pack->key_size, value, MDB_APPEND, err);
}

/* Append an entry, which is head followed by body, to a packed table (packs.h). Its key
 * is used if the entry is the first of a value. */
static enum lc_status pack_entry(struct lc_index_writer *writer, enum lc_table table,
                                 struct lc_span key, struct lc_span head,
                                 struct lc_span body, struct lc_error *err)
{
    struct lc_pack *pack = &writer->packs[table];
    enum lc_status status = LC_OK;

    if (!lc_pack_fits(pack, head.size + body.size))
        status = lc_writer_flush_pack(writer, table, err);
    if (status == LC_OK && !pack->bytes.size) {
        memcpy(pack->key, key.text, key.size);
        pack->key_size = key.size;
    }
    if (status == LC_OK)
        status = lc_buffer_add(&pack->bytes, head.text, head.size, err);
    return status == LC_OK ? lc_buffer_add(&pack->bytes, body.text, body.size, err)
                           : status;
}

/* Append the record in writer->record to a packed table of rows. */
static enum lc_status pack_record(struct lc_index_writer *writer, enum lc_table table,
                                  uint64_t row, struct lc_error *err)
{
    struct lc_span body = {writer->record.data, writer->record.size};
    uint8_t head[12];

    lc_put_u64(head, row);
    lc_put_u32(head + 8, (uint32_t)body.size);
    return pack_entry(writer, table, (struct lc_span){(char *)head, 8},
                      (struct lc_span){(char *)head, sizeof(head)}, body, err);
}

/* Store the record in writer->record. */
static enum lc_status put_record(struct lc_index_writer *writer, enum lc_table table,
                                 const void *key, size_t key_size, struct lc_error *err)
{
    struct lc_span value = {writer->record.data, writer->record.size};

    return put_pair(writer, table, key, key_size, value, MDB_APPEND, err);
}

/* The same with a number as the key. If encoding the record has failed, pass that status
 * on. */
static enum lc_status put_numbered(struct lc_index_writer *writer, enum lc_table table,
                                   uint32_t number, enum lc_status encoded,
                                   struct lc_error *err)
{
    uint8_t key[4];

    lc_put_u32(key, number);
    return encoded == LC_OK ? put_record(writer, table, key, sizeof(key), err) : encoded;
}

enum lc_status lc_index_add_file(struct lc_index_writer *writer, uint32_t number,
                                 const struct lc_file_record *record,
                                 struct lc_error *err)
{
    writer->record.size = 0;
    return put_numbered(writer, LC_TABLE_FILES, number,
                        lc_file_encode(record, &writer->record, err), err);
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
    writer->record.size = 0;
    return put_numbered(writer, LC_TABLE_IMAGES, number,
                        lc_image_encode(record, &writer->record, err), err);
}

enum lc_status lc_index_add_archive(struct lc_index_writer *writer, uint32_t number,
                                    const struct lc_archive_record *record,
                                    struct lc_error *err)
{
    writer->record.size = 0;
    return put_numbered(writer, LC_TABLE_ARCHIVES, number,
                        lc_archive_encode(record, &writer->record, err), err);
}

enum lc_status lc_index_add_member(struct lc_index_writer *writer, uint32_t number,
                                   const struct lc_member_record *record,
                                   struct lc_error *err)
{
    writer->record.size = 0;
    return put_numbered(writer, LC_TABLE_MEMBERS, number,
                        lc_member_encode(record, &writer->record, err), err);
}

enum lc_status lc_index_add_point(struct lc_index_writer *writer, uint32_t archive,
                                  uint64_t offset, const struct lc_point_record *record,
                                  struct lc_error *err)
{
    uint8_t key[12];
    enum lc_status status;

    lc_put_u32(key, archive);
    lc_put_u64(key + 4, offset);
    writer->record.size = 0;
    status = lc_point_encode(record, &writer->record, err);
    return status == LC_OK ? put_record(writer, LC_TABLE_POINTS, key, sizeof(key), err)
                           : status;
}

/* Findings are sorted by their subject (kind, file or image, row), then by rule, then by
 * a sequence number, which keeps the order in which they were found. They may be added in
 * any order. Most have a greater key than all before; appending these needs no search and
 * leaves full pages, while a page split leaves two half-empty ones. */
enum lc_status lc_index_add_finding(struct lc_index_writer *writer,
                                    const struct lc_finding_record *record,
                                    struct lc_error *err)
{
    uint8_t key[LC_FINDING_KEY_SIZE];
    bool last;
    enum lc_status status;
    uint64_t row = (uint64_t)record->row + 1; /* see struct lc_finding_key */

    if (record->row < 0) /* about the file */
        row = record->offset ? LC_AFTER_ROWS : LC_BEFORE_ROWS;
    key[0] = (uint8_t)record->kind;
    lc_put_u32(key + 1, record->kind == LC_FINDING_IMAGE ? record->image : record->file);
    lc_put_u64(key + 5, row);
    key[13] = (uint8_t)(record->order >> 8);
    key[14] = (uint8_t)record->order;
    lc_put_u64(key + 15, writer->findings);
    writer->record.size = 0;
    status = lc_finding_encode(record, &writer->record, err);
    if (status != LC_OK)
        return status;
    last = !writer->findings || memcmp(key, writer->last_finding, sizeof(key)) > 0;
    if (last)
        memcpy(writer->last_finding, key, sizeof(key));
    writer->findings++;
    return put_pair(writer, LC_TABLE_FINDINGS, key, sizeof(key),
                    (struct lc_span){writer->record.data, writer->record.size},
                    last ? MDB_APPEND : 0, err);
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
    return pack_entry(writer, LC_TABLE_IMAGE_ROWS, bytes, bytes, (struct lc_span){0},
                      err);
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
    return pack_entry(writer, tables[lookup], bytes, bytes, (struct lc_span){0}, err);
}

/* Find a row's record in the open transaction, through LMDB: in the last value whose key
 * is not greater than the row's number, as lc_pack_seek does in a finished index. */
static enum lc_status find_written(struct lc_index_writer *writer, uint64_t row,
                                   struct lc_span *out, struct lc_error *err)
{
    MDB_cursor *cursor = NULL;
    uint8_t bytes[8];
    MDB_val key = {sizeof(bytes), bytes}, value = {0, NULL};
    int rc = mdb_cursor_open(writer->tables.txn, writer->tables.handles[LC_TABLE_ROWS],
                             &cursor);

    lc_put_u64(bytes, row);
    if (rc == 0) {
        rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        if (rc == MDB_NOTFOUND)
            rc = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
        else if (rc == 0 && memcmp(key.mv_data, bytes, sizeof(bytes)) != 0)
            rc = mdb_cursor_get(cursor, &key, &value, MDB_PREV);
        mdb_cursor_close(cursor);
    }
    if (rc != 0)
        return lc_lmdb_status(rc, "read the index", err);
    return lc_pack_find_in((struct lc_span){value.mv_data, value.mv_size}, row, out, err);
}

enum lc_status lc_index_written_row(struct lc_index_writer *writer, uint64_t row,
                                    struct lc_row_record *out, struct lc_error *err)
{
    struct lc_span bytes = {0};
    enum lc_status status = lc_writer_flush_pack(writer, LC_TABLE_ROWS, err);

    if (status == LC_OK)
        status = find_written(writer, row, &bytes, err);
    if (status == LC_OK && bytes.text && !writer->rows_written)
        lc_read_range_add_lookup(&writer->range, bytes);
    return status == LC_OK ? lc_row_decode(bytes, out, err) : status;
}

static enum lc_status put_meta(struct lc_index_writer *writer, const char *key,
                               struct lc_span value, struct lc_error *err)
{
    return put_pair(writer, LC_TABLE_META, key, strlen(key), value, 0, err);
}

/* Store the record in writer->record. If encoding it has failed, pass that status on. */
static enum lc_status put_meta_record(struct lc_index_writer *writer, const char *key,
                                      enum lc_status encoded, struct lc_error *err)
{
    struct lc_span value = {writer->record.data, writer->record.size};

    return encoded == LC_OK ? put_meta(writer, key, value, err) : encoded;
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

enum lc_status lc_index_add_part(struct lc_index_writer *writer,
                                 const struct lc_part_record *record,
                                 struct lc_error *err)
{
    writer->record.size = 0;
    return put_meta_record(writer, LC_META_PART,
                           lc_part_encode(record, &writer->record, err), err);
}

enum lc_status lc_index_add_statistics(struct lc_index_writer *writer,
                                       const struct lc_statistics *statistics,
                                       struct lc_error *err)
{
    writer->record.size = 0;
    return put_meta_record(writer, LC_META_STATISTICS,
                           lc_statistics_encode(statistics, &writer->record, err), err);
}

enum lc_status lc_index_add_file_statistics(struct lc_index_writer *writer,
                                            uint32_t number,
                                            const struct lc_statistics *statistics,
                                            struct lc_error *err)
{
    writer->record.size = 0;
    return put_numbered(writer, LC_TABLE_FILE_STATISTICS, number,
                        lc_statistics_encode(statistics, &writer->record, err), err);
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
    status = put_meta_record(writer, LC_META_SUMMARY, status, err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        snprintf(key, sizeof(key), LC_META_COUNT_PREFIX "%s", counts[i].code);
        writer->record.size = 0;
        status = lc_rule_count_encode(&counts[i], &writer->record, err);
        status = put_meta_record(writer, key, status, err);
    }
    return status;
}
