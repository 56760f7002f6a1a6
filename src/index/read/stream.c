/* A table record by record, from its start to its end. */
#include "index/read/packs.h"
#include "index/read/reader.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_BYTES ((size_t)8 << 20)
#define ENTRY_SIZE 24 /* of a look-up by hash */

struct lc_stream {
    struct lc_cursor cursor;
    struct lc_span value; /* the cursor's, or empty */
    bool sought; /* the cursor is where it begins: the pair was not given out yet */
    bool ended;  /* there is nothing more */
    size_t at;   /* in the value: what was read of a list */
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
    struct lc_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return lc_fail_memory(err);
    lc_index_cursor(index, tables_of[over], &stream->cursor);
    *out = stream;
    return LC_OK;
}

void lc_stream_free(struct lc_stream *stream)
{
    if (!stream)
        return;
    lc_index_drop_walked(&stream->walked);
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
    enum lc_status status = LC_OK;

    *there = !stream->ended;
    if (!stream->ended && !stream->sought)
        status = lc_cursor_next(&stream->cursor, there, err);
    stream->sought = false;
    stream->at = 0;
    if (status != LC_OK || !*there) { /* it stays at its end, however often it is asked */
        stream->ended = true;
        stream->value.size = 0;
        return status;
    }
    stream->value = stream->cursor.value;
    lc_index_note_walked(&stream->walked, stream->value);
    if (stream->walked.bytes >= WINDOW_BYTES) /* several streams are open at a time */
        lc_index_drop_walked(&stream->walked);
    return LC_OK;
}

/* Take bytes of a list, going on to the next value when this one is at its end. */
static enum lc_status take(struct lc_stream *stream, size_t size, const uint8_t **out,
                           bool *there, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *there = true;
    if (stream->at == stream->value.size)
        status = next_pair(stream, there, err);
    if (status != LC_OK || !*there)
        return status;
    if (stream->value.size - stream->at < size)
        return damaged(err);
    *out = (const uint8_t *)stream->value.text + stream->at;
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
    if (size > stream->value.size - stream->at)
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
    bool there = false;
    uint8_t key[8];
    enum lc_status status;

    lc_put_u64(key, row);
    status = lc_pack_seek(&stream->cursor, (struct lc_span){(char *)key, sizeof(key)},
                          &there, err);
    stream->sought = there;
    stream->ended = !there; /* the table is empty: so is the stream */
    stream->value.size = stream->at = 0;
    while (status == LC_OK && there) {
        status = take_record(stream, &number, &record, &there, err);
        if (status == LC_OK && there &&
            number >= row) { /* it is the first: put it back */
            stream->at = (size_t)(record.text - LC_PACK_HEAD - stream->value.text);
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
    uint8_t key[LC_FINDING_KEY_SIZE] = {LC_FINDING_ROW};
    enum lc_status status;

    lc_put_u32(key + 1, file);
    lc_put_u64(key + 5, row);
    status = lc_cursor_seek(&stream->cursor, (struct lc_span){(char *)key, sizeof(key)},
                            &stream->sought, err);
    stream->ended = !stream->sought;
    return status;
}

enum lc_status lc_stream_finding(struct lc_stream *stream, struct lc_finding_key *key,
                                 struct lc_span *record, bool *there,
                                 struct lc_error *err)
{
    enum lc_status status = next_pair(stream, there, err);

    if (status != LC_OK || !*there)
        return status;
    *record = stream->value;
    return lc_finding_key_read(stream->cursor.key, key) ? LC_OK : damaged(err);
}

enum lc_status lc_stream_finding_record(struct lc_stream *stream,
                                        struct lc_finding_record *out, bool *there,
                                        struct lc_error *err)
{
    enum lc_status status = next_pair(stream, there, err);

    if (status != LC_OK || !*there)
        return status;
    return lc_index_read_finding(stream->cursor.key, stream->value, out, err);
}

enum lc_status lc_stream_image(struct lc_stream *stream, uint32_t *number,
                               struct lc_image_record *out, bool *there,
                               struct lc_error *err)
{
    enum lc_status status = next_pair(stream, there, err);

    if (status != LC_OK || !*there)
        return status;
    if (stream->cursor.key.size != 4)
        return damaged(err);
    *number = lc_get_u32((const uint8_t *)stream->cursor.key.text);
    return lc_image_decode(stream->value, out, err);
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

void lc_stream_end(struct lc_stream *stream)
{
    stream->ended = true;
    stream->value.size = stream->at = 0;
    stream->sought = false;
}
