/* A table record by record, from its start to its end. */
#include "index/packs.h"
#include "index/reader.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_BYTES ((size_t)8 << 20)
#define ENTRY_SIZE 24  /* of a look-up by hash */
#define FINDING_KEY 23 /* kind, subject, row, order, running number */

struct lc_stream {
    MDB_cursor *cursor;
    bool begun;
    bool sought; /* the cursor is where it begins: the pair was not given out yet */
    bool ended;  /* there is nothing more */
    MDB_val key;
    MDB_val value;
    size_t at; /* in the value: what was read of a list */
    struct lc_walked walked;
};

enum lc_status lc_stream_new(const struct lc_index *index, enum lc_stream_over over,
                             struct lc_stream **out, struct lc_error *err)
{
    static const enum lc_table tables_of[] = {
        [LC_STREAM_ROWS] = LC_TABLE_ROWS,
        [LC_STREAM_IMAGES] = LC_TABLE_IMAGES,
        [LC_STREAM_IDS] = LC_TABLE_BY_ID,
        [LC_STREAM_ROW_IMAGES] = LC_TABLE_ROW_IMAGES,
        [LC_STREAM_FINDINGS] = LC_TABLE_FINDINGS,
    };
    const struct lc_tables *tables = &index->tables;
    struct lc_stream *stream = calloc(1, sizeof(*stream));
    enum lc_status status;

    if (!stream)
        return lc_fail_memory(err);
    status = lc_lmdb_status(
        mdb_cursor_open(tables->txn, tables->handles[tables_of[over]], &stream->cursor),
        "read the index", err);
    if (status == LC_OK)
        *out = stream;
    else
        free(stream);
    return status;
}

void lc_stream_free(struct lc_stream *stream)
{
    if (!stream)
        return;
    lc_index_drop_walked(&stream->walked);
    mdb_cursor_close(stream->cursor);
    free(stream);
}

static enum lc_status damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: a list is malformed");
}

/* Go to the next pair. */
static enum lc_status next_pair(struct lc_stream *stream, bool *there,
                                struct lc_error *err)
{
    MDB_cursor_op how = stream->begun ? MDB_NEXT : MDB_FIRST;
    int rc = 0;

    if (stream->ended)
        rc = MDB_NOTFOUND;
    else if (!stream->sought)
        rc = mdb_cursor_get(stream->cursor, &stream->key, &stream->value, how);
    stream->begun = true;
    stream->sought = false;
    stream->at = 0;
    *there = rc == 0;
    if (rc == MDB_NOTFOUND) { /* it stays at its end, however often it is asked */
        stream->ended = true;
        stream->value.mv_size = 0;
        return LC_OK;
    }
    if (rc == 0)
        lc_index_note_walked(&stream->walked, (struct lc_span){stream->value.mv_data,
                                                               stream->value.mv_size});
    if (stream->walked.bytes >= WINDOW_BYTES) /* several streams are open at a time */
        lc_index_drop_walked(&stream->walked);
    return lc_lmdb_status(rc, "read the index", err);
}

/* Take bytes of a list, going on to the next value when this one is at its end. */
static enum lc_status take(struct lc_stream *stream, size_t size, const uint8_t **out,
                           bool *there, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *there = true;
    if (stream->at == stream->value.mv_size)
        status = next_pair(stream, there, err);
    if (status != LC_OK || !*there)
        return status;
    if (stream->value.mv_size - stream->at < size)
        return damaged(err);
    *out = (const uint8_t *)stream->value.mv_data + stream->at;
    stream->at += size;
    return LC_OK;
}

/* Take a record of a list by row number. */
static enum lc_status take_record(struct lc_stream *stream, uint64_t *row,
                                  struct lc_span *out, bool *there, struct lc_error *err)
{
    const uint8_t *head = NULL;
    enum lc_status status = take(stream, LC_PACK_HEAD, &head, there, err);
    uint32_t size;

    if (status != LC_OK || !head)
        return status;
    *row = lc_get_u64(head);
    size = lc_get_u32(head + 8);
    if (size > stream->value.mv_size - stream->at)
        return damaged(err);
    stream->at += size;
    *out = (struct lc_span){(const char *)head + LC_PACK_HEAD, size};
    return LC_OK;
}

enum lc_status lc_stream_from_row(struct lc_stream *stream, uint64_t row,
                                  struct lc_error *err)
{
    struct lc_span record = {0};
    uint64_t number = 0;
    bool there = true;
    uint8_t key[8];
    enum lc_status status = LC_OK;
    int rc;

    lc_put_u64(key, row);
    rc = lc_pack_seek(stream->cursor, (struct lc_span){(char *)key, sizeof(key)},
                      &stream->key, &stream->value);
    if (rc == MDB_NOTFOUND) /* the table is empty: so is the stream */
        return LC_OK;
    stream->sought = rc == 0;
    stream->at = stream->value.mv_size;
    status = lc_lmdb_status(rc, "read the index", err);
    while (status == LC_OK && there) {
        status = take_record(stream, &number, &record, &there, err);
        if (status == LC_OK && there &&
            number >= row) { /* it is the first: put it back */
            stream->at = (size_t)(record.text - LC_PACK_HEAD -
                                  (const char *)stream->value.mv_data);
            return LC_OK;
        }
    }
    return status;
}

enum lc_status lc_stream_row(struct lc_stream *stream, uint64_t *number,
                             struct lc_row_record *out, bool *there, struct lc_error *err)
{
    struct lc_span record = {0};
    enum lc_status status = take_record(stream, number, &record, there, err);

    return status == LC_OK && *there ? lc_row_decode(record, out, err) : status;
}

enum lc_status lc_stream_row_images(struct lc_stream *stream, uint64_t *row,
                                    struct lc_span *images, bool *there,
                                    struct lc_error *err)
{
    return take_record(stream, row, images, there, err);
}

enum lc_status lc_stream_from_finding(struct lc_stream *stream, uint32_t file,
                                      uint64_t row, struct lc_error *err)
{
    uint8_t key[FINDING_KEY] = {LC_FINDING_ROW};
    int rc;

    lc_put_u32(key + 1, file);
    lc_put_u64(key + 5, row);
    stream->key = (MDB_val){sizeof(key), key};
    rc = mdb_cursor_get(stream->cursor, &stream->key, &stream->value, MDB_SET_RANGE);
    stream->sought = rc == 0;
    stream->ended = rc == MDB_NOTFOUND;
    return stream->ended ? LC_OK : lc_lmdb_status(rc, "read the index", err);
}

enum lc_status lc_stream_finding(struct lc_stream *stream, struct lc_finding_key *key,
                                 struct lc_span *record, bool *there,
                                 struct lc_error *err)
{
    enum lc_status status = next_pair(stream, there, err);
    const uint8_t *bytes = stream->key.mv_data;

    if (status != LC_OK || !*there)
        return status;
    if (stream->key.mv_size != FINDING_KEY)
        return damaged(err);
    *key = (struct lc_finding_key){
        .kind = bytes[0],
        .subject = lc_get_u32(bytes + 1),
        .row = lc_get_u64(bytes + 5),
        .order = (uint16_t)(bytes[13] << 8 | bytes[14]),
        .running = lc_get_u64(bytes + 15),
    };
    *record = (struct lc_span){stream->value.mv_data, stream->value.mv_size};
    return LC_OK;
}

enum lc_status lc_stream_image(struct lc_stream *stream, uint32_t *number,
                               struct lc_image_record *out, bool *there,
                               struct lc_error *err)
{
    enum lc_status status = next_pair(stream, there, err);

    if (status != LC_OK || !*there)
        return status;
    if (stream->key.mv_size != 4)
        return damaged(err);
    *number = lc_get_u32(stream->key.mv_data);
    return lc_image_decode((struct lc_span){stream->value.mv_data, stream->value.mv_size},
                           out, err);
}

enum lc_status lc_stream_id(struct lc_stream *stream, struct lc_hash *hash, uint64_t *row,
                            bool *there, struct lc_error *err)
{
    const uint8_t *entry = NULL;
    enum lc_status status = take(stream, ENTRY_SIZE, &entry, there, err);

    if (status != LC_OK || !entry)
        return status;
    memcpy(hash->bytes, entry, sizeof(hash->bytes));
    *row = lc_get_u64(entry + sizeof(hash->bytes));
    return LC_OK;
}
