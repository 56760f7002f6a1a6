/* A table record by record, from its start to its end. */
#include "index/packs.h"
#include "index/reader.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_SIZE 24 /* of a look-up by hash */

struct lc_stream {
    MDB_cursor *cursor;
    bool begun;
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
    int rc = mdb_cursor_get(stream->cursor, &stream->key, &stream->value,
                            stream->begun ? MDB_NEXT : MDB_FIRST);

    stream->begun = true;
    stream->at = 0;
    *there = rc == 0;
    if (rc == MDB_NOTFOUND)
        return LC_OK;
    if (rc == 0)
        lc_index_note_walked(&stream->walked, (struct lc_span){stream->value.mv_data,
                                                               stream->value.mv_size});
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

enum lc_status lc_stream_row(struct lc_stream *stream, uint64_t *number,
                             struct lc_row_record *out, bool *there, struct lc_error *err)
{
    const uint8_t *head = NULL;
    enum lc_status status = take(stream, LC_PACK_HEAD, &head, there, err);
    uint32_t size;

    if (status != LC_OK || !head)
        return status;
    *number = lc_get_u64(head);
    size = lc_get_u32(head + 8);
    if (size > stream->value.mv_size - stream->at)
        return damaged(err);
    stream->at += size;
    return lc_row_decode((struct lc_span){(const char *)head + LC_PACK_HEAD, size}, out,
                         err);
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
