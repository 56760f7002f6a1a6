/* Streams: the records of a table one at a time, across the values of packed tables. */
#include "index/read/packs.h"
#include "index/read/reader.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_BYTES ((size_t)8 << 20)
#define ENTRY_SIZE 24 /* of a look-up by hash */

struct lc_stream {
    struct lc_cursor cursor;
    struct lc_span value; /* the cursor's value; empty before the first */
    bool has_pending;     /* the cursor is at a pair that was not returned yet */
    bool ended;           /* past the last pair */
    size_t at;            /* offset of the next entry in a packed value */
    size_t window;        /* number of bytes to keep in memory */
    struct lc_read_range range;
};

enum lc_status lc_stream_new(const struct lc_index *index, enum lc_stream_over over,
                             struct lc_stream **out, struct lc_error *err)
{
    static const enum lc_table tables[] = {
        [LC_STREAM_ROWS] = LC_TABLE_ROWS,
        [LC_STREAM_IMAGES] = LC_TABLE_IMAGES,
        [LC_STREAM_IDS] = LC_TABLE_BY_ID,
        [LC_STREAM_ROW_IMAGES] = LC_TABLE_ROW_IMAGES,
        [LC_STREAM_FINDINGS] = LC_TABLE_FINDINGS,
    };
    struct lc_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return lc_fail_memory(err);
    lc_index_cursor(index, tables[over], &stream->cursor);
    stream->window = WINDOW_BYTES;
    *out = stream;
    return LC_OK;
}

void lc_stream_free(struct lc_stream *stream)
{
    if (!stream)
        return;
    lc_read_range_drop(&stream->range);
    free(stream);
}

static enum lc_status damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: a list is malformed");
}

/* Go to the next pair. */
static enum lc_status next_pair(struct lc_stream *stream, bool *found,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *found = !stream->ended;
    if (!stream->ended && !stream->has_pending)
        status = lc_cursor_next(&stream->cursor, found, err);
    stream->has_pending = false;
    stream->at = 0;
    if (status != LC_OK || !*found) { /* later calls must find nothing either */
        stream->ended = true;
        stream->value.size = 0;
        return status;
    }
    stream->value = stream->cursor.value;
    lc_read_range_add(&stream->range, stream->value);
    if (stream->range.bytes >= stream->window) /* several streams are open at a time */
        lc_read_range_drop(&stream->range);
    return LC_OK;
}

/* Read bytes of a packed table, from the next value if the current one is used up. */
static enum lc_status next_bytes(struct lc_stream *stream, size_t size,
                                 const uint8_t **out, bool *found, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *found = true;
    if (stream->at == stream->value.size)
        status = next_pair(stream, found, err);
    if (status != LC_OK || !*found)
        return status;
    if (stream->value.size - stream->at < size)
        return damaged(err);
    *out = (const uint8_t *)stream->value.text + stream->at;
    stream->at += size;
    return LC_OK;
}

/* Read a record of a packed table of rows. */
static enum lc_status next_record(struct lc_stream *stream, uint64_t *row,
                                  struct lc_span *out, bool *found, struct lc_error *err)
{
    const uint8_t *head = NULL;
    enum lc_status status = next_bytes(stream, LC_PACK_HEAD, &head, found, err);
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
    bool found = false;
    uint8_t key[8];
    enum lc_status status;

    lc_put_u64(key, row);
    status = lc_pack_seek(&stream->cursor, (struct lc_span){(char *)key, sizeof(key)},
                          &found, err);
    stream->has_pending = found;
    stream->ended = !found; /* nothing is found only if the table is empty */
    stream->value.size = stream->at = 0;
    while (status == LC_OK && found) {
        status = next_record(stream, &number, &record, &found, err);
        if (status == LC_OK && found &&
            number >= row) { /* put it back, to be returned first */
            stream->at = (size_t)(record.text - LC_PACK_HEAD - stream->value.text);
            return LC_OK;
        }
    }
    return status;
}

enum lc_status lc_stream_row(struct lc_stream *stream, uint64_t *number,
                             struct lc_row_record *out, bool *found, struct lc_error *err)
{
    struct lc_span record = {0};
    enum lc_status status = next_record(stream, number, &record, found, err);

    return status == LC_OK && *found ? lc_row_decode(record, out, err) : status;
}

enum lc_status lc_stream_row_images(struct lc_stream *stream, uint64_t *row,
                                    struct lc_span *images, bool *found,
                                    struct lc_error *err)
{
    return next_record(stream, row, images, found, err);
}

enum lc_status lc_stream_from_finding(struct lc_stream *stream, uint32_t file,
                                      uint64_t row, struct lc_error *err)
{
    uint8_t key[LC_FINDING_KEY_SIZE] = {LC_FINDING_ROW};
    enum lc_status status;

    lc_put_u32(key + 1, file);
    lc_put_u64(key + 5, row);
    status = lc_cursor_seek(&stream->cursor, (struct lc_span){(char *)key, sizeof(key)},
                            &stream->has_pending, err);
    stream->ended = !stream->has_pending;
    return status;
}

enum lc_status lc_stream_finding(struct lc_stream *stream, struct lc_finding_key *key,
                                 struct lc_span *record, bool *found,
                                 struct lc_error *err)
{
    enum lc_status status = next_pair(stream, found, err);

    if (status != LC_OK || !*found)
        return status;
    *record = stream->value;
    return lc_finding_key_decode(stream->cursor.key, key) ? LC_OK : damaged(err);
}

enum lc_status lc_stream_finding_record(struct lc_stream *stream,
                                        struct lc_finding_record *out, bool *found,
                                        struct lc_error *err)
{
    enum lc_status status = next_pair(stream, found, err);

    if (status != LC_OK || !*found)
        return status;
    return lc_index_read_finding(stream->cursor.key, stream->value, out, err);
}

enum lc_status lc_stream_image(struct lc_stream *stream, uint32_t *number,
                               struct lc_image_record *out, bool *found,
                               struct lc_error *err)
{
    enum lc_status status = next_pair(stream, found, err);

    if (status != LC_OK || !*found)
        return status;
    if (stream->cursor.key.size != 4)
        return damaged(err);
    *number = lc_get_u32((const uint8_t *)stream->cursor.key.text);
    return lc_image_decode(stream->value, out, err);
}

enum lc_status lc_stream_id(struct lc_stream *stream, struct lc_hash *hash, uint64_t *row,
                            bool *found, struct lc_error *err)
{
    const uint8_t *entry = NULL;
    enum lc_status status = next_bytes(stream, ENTRY_SIZE, &entry, found, err);

    if (status != LC_OK || !entry)
        return status;
    memcpy(hash->bytes, entry, sizeof(hash->bytes));
    *row = lc_get_u64(entry + sizeof(hash->bytes));
    return LC_OK;
}

void lc_stream_limit(struct lc_stream *stream, size_t bytes)
{
    stream->window = bytes;
}

void lc_stream_end(struct lc_stream *stream)
{
    stream->ended = true;
    stream->value.size = stream->at = 0;
    stream->has_pending = false;
}
