#include "index/packs.h"

#include <string.h>

int lc_pack_seek(MDB_cursor *cursor, struct lc_span bytes, MDB_val *key, MDB_val *value)
{
    int rc;

    *key = (MDB_val){bytes.size, (void *)(uintptr_t)bytes.text};
    rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (rc == 0 && key->mv_size == bytes.size &&
        memcmp(key->mv_data, bytes.text, bytes.size) == 0)
        return 0;
    if (rc == 0) {
        MDB_val here = *key, its = *value;

        rc = mdb_cursor_get(cursor, key, value, MDB_PREV);
        if (rc != MDB_NOTFOUND)
            return rc;
        *key = here; /* it is the first */
        *value = its;
        return mdb_cursor_get(cursor, key, value, MDB_FIRST);
    }
    return rc == MDB_NOTFOUND ? mdb_cursor_get(cursor, key, value, MDB_LAST) : rc;
}

static enum lc_status damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: a list is malformed");
}

/* Find a row's record in a value. */
static enum lc_status find_in(const MDB_val *value, uint64_t row, struct lc_span *out,
                              struct lc_error *err)
{
    const uint8_t *bytes = value->mv_data;
    size_t left = value->mv_size;

    while (left) {
        uint32_t size;

        if (left < LC_PACK_HEAD)
            return damaged(err);
        size = lc_get_u32(bytes + 8);
        if (size > left - LC_PACK_HEAD)
            return damaged(err);
        if (lc_get_u64(bytes) == row) {
            *out = (struct lc_span){(const char *)bytes + LC_PACK_HEAD, size};
            return LC_OK;
        }
        bytes += LC_PACK_HEAD + size;
        left -= LC_PACK_HEAD + size;
    }
    return LC_OK;
}

enum lc_status lc_pack_find_record(MDB_txn *txn, MDB_dbi table, uint64_t row,
                                   struct lc_span *out, struct lc_error *err)
{
    MDB_cursor *cursor = NULL;
    enum lc_status status = LC_OK;
    MDB_val key, value;
    uint8_t bytes[8];
    int rc = mdb_cursor_open(txn, table, &cursor);

    *out = (struct lc_span){0};
    lc_put_u64(bytes, row);
    if (rc == 0)
        rc = lc_pack_seek(cursor, (struct lc_span){(char *)bytes, sizeof(bytes)}, &key,
                          &value);
    if (rc == 0)
        status = find_in(&value, row, out, err);
    else if (rc != MDB_NOTFOUND)
        status = lc_lmdb_status(rc, "read the index", err);
    if (cursor)
        mdb_cursor_close(cursor);
    return status;
}

/* The entries of a value that begin with some bytes. Returns whether those behind it may
 * too. */
static bool each_in(const MDB_val *value, struct lc_span prefix, size_t size,
                    uint64_t room, uint64_t *count, lc_number_fn *each, void *user)
{
    const uint8_t *bytes = value->mv_data;

    for (size_t at = 0; at + size <= value->mv_size; at += size) {
        int order = memcmp(bytes + at, prefix.text, prefix.size);

        if (order > 0)
            return false;
        if (order < 0)
            continue;
        if ((*count)++ < room)
            each(user, lc_get_u64(bytes + at + size - 8));
    }
    return true;
}

enum lc_status lc_pack_each(MDB_txn *txn, MDB_dbi table, struct lc_span prefix,
                            size_t size, uint64_t room, uint64_t *count,
                            lc_number_fn *each, void *user, struct lc_error *err)
{
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    bool more = true;
    int rc = mdb_cursor_open(txn, table, &cursor);

    *count = 0;
    if (rc == 0)
        rc = lc_pack_seek(cursor, prefix, &key, &value);
    while (rc == 0 && more) {
        if (value.mv_size % size)
            break;
        more = each_in(&value, prefix, size, room, count, each, user);
        if (more)
            rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    if (cursor)
        mdb_cursor_close(cursor);
    if (rc == 0 && more)
        return damaged(err);
    return rc == 0 || rc == MDB_NOTFOUND ? LC_OK
                                         : lc_lmdb_status(rc, "read the index", err);
}
