#include "index/read/packs.h"

#include <string.h>

static enum lc_status damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: a list is malformed");
}

enum lc_status lc_pack_seek(struct lc_cursor *cursor, struct lc_span bytes, bool *there,
                            struct lc_error *err)
{
    enum lc_status status = lc_cursor_seek_back(cursor, bytes, there, err);

    return status == LC_OK && !*there ? lc_cursor_first(cursor, there, err) : status;
}

enum lc_status lc_pack_find_in(struct lc_span value, uint64_t row, struct lc_span *out,
                               struct lc_error *err)
{
    const uint8_t *bytes = (const uint8_t *)value.text;
    size_t left = value.size;

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
        /* no long list: it would be searched again for each row */
        if (left && value.size > LC_PACK_BYTES)
            return damaged(err);
    }
    return LC_OK;
}

enum lc_status lc_pack_find_record(struct lc_cursor *cursor, uint64_t row,
                                   struct lc_span *out, struct lc_error *err)
{
    uint8_t bytes[8];
    bool there = false;
    enum lc_status status;

    *out = (struct lc_span){0};
    lc_put_u64(bytes, row);
    status =
        lc_pack_seek(cursor, (struct lc_span){(char *)bytes, sizeof(bytes)}, &there, err);
    return status == LC_OK && there ? lc_pack_find_in(cursor->value, row, out, err)
                                    : status;
}

/* A look-up on its way through the values of a packed table. */
struct looking {
    struct lc_span prefix;
    size_t size;     /* of an entry */
    uint64_t room;   /* numbers that are handed on at most */
    uint64_t *count; /* of numbers so far */
    uint64_t last;   /* of them, the last one */
    bool is_first;   /* no value was looked at before */
    bool more;       /* the next value may have entries, too */
    lc_number_fn *each;
    void *user;
};

/* The entries of a value that begin with some bytes. Only the first value that is looked
 * at may begin with entries before them: otherwise each look-up in a forged table could
 * take as long as the table is. Numbers ascend, so that none comes twice. */
static enum lc_status each_in(struct looking *l, struct lc_span value,
                              struct lc_error *err)
{
    const uint8_t *bytes = (const uint8_t *)value.text;

    if (value.size % l->size || value.size > LC_PACK_BYTES)
        return damaged(err);
    for (size_t at = 0; at < value.size && l->more; at += l->size) {
        int order = memcmp(bytes + at, l->prefix.text, l->prefix.size);
        uint64_t number = lc_get_u64(bytes + at + l->size - 8);

        l->more = order <= 0;
        if ((order < 0 && !l->is_first) || (order == 0 && *l->count && number <= l->last))
            return damaged(err);
        if (order != 0)
            continue;
        l->last = number;
        if ((*l->count)++ < l->room)
            l->each(l->user, number);
    }
    l->is_first = false;
    return LC_OK;
}

enum lc_status lc_pack_each(struct lc_cursor *cursor, struct lc_span prefix, size_t size,
                            uint64_t room, uint64_t *count, lc_number_fn *each,
                            void *user, struct lc_error *err)
{
    struct looking l = {.prefix = prefix,
                        .size = size,
                        .room = room,
                        .count = count,
                        .is_first = true,
                        .more = true,
                        .each = each,
                        .user = user};
    bool there = false;
    enum lc_status status = lc_pack_seek(cursor, prefix, &there, err);

    *count = 0;
    while (status == LC_OK && there && l.more) {
        status = each_in(&l, cursor->value, err);
        if (status == LC_OK && l.more)
            status = lc_cursor_next(cursor, &there, err);
    }
    return status;
}
