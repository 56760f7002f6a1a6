#include "index/read/packs.h"

#include <string.h>

static enum lc_status damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: a list is malformed");
}

enum lc_status lc_pack_seek(struct lc_cursor *cursor, struct lc_span bytes, bool *found,
                            struct lc_error *err)
{
    enum lc_status status = lc_cursor_seek_back(cursor, bytes, found, err);

    return status == LC_OK && !*found ? lc_cursor_first(cursor, found, err) : status;
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
        /* a large value has one record: see packs.h */
        if (left && value.size > LC_PACK_BYTES)
            return damaged(err);
    }
    return LC_OK;
}

enum lc_status lc_pack_find_record(struct lc_cursor *cursor, uint64_t row,
                                   struct lc_span *out, struct lc_error *err)
{
    uint8_t bytes[8];
    bool found = false;
    enum lc_status status;

    *out = (struct lc_span){0};
    lc_put_u64(bytes, row);
    status =
        lc_pack_seek(cursor, (struct lc_span){(char *)bytes, sizeof(bytes)}, &found, err);
    return status == LC_OK && found ? lc_pack_find_in(cursor->value, row, out, err)
                                    : status;
}

/* A look-up that goes through the values of a packed table. */
struct lookup {
    struct lc_span prefix;
    size_t size;          /* of an entry, in bytes */
    uint64_t capacity;    /* maximum number of calls */
    uint64_t *count;      /* of entries found so far */
    uint64_t last_number; /* the number of the last entry found */
    bool is_first;        /* this is the first value */
    bool is_in_range;     /* the next value may contain entries too */
    lc_number_fn *each;
    void *user;
};

/* Call the function for the matching entries of a value. Only the first value may start
 * with smaller entries: otherwise one look-up in a forged table could scan all of it.
 * Numbers must ascend, so that none is reported twice. */
static enum lc_status call_for_entries(struct lookup *lookup, struct lc_span value,
                                       struct lc_error *err)
{
    const uint8_t *bytes = (const uint8_t *)value.text;

    if (value.size % lookup->size || value.size > LC_PACK_BYTES)
        return damaged(err);
    for (size_t at = 0; at < value.size && lookup->is_in_range; at += lookup->size) {
        int order = memcmp(bytes + at, lookup->prefix.text, lookup->prefix.size);
        uint64_t number = lc_get_u64(bytes + at + lookup->size - 8);

        lookup->is_in_range = order <= 0;
        if ((order < 0 && !lookup->is_first) ||
            (order == 0 && *lookup->count && number <= lookup->last_number))
            return damaged(err);
        if (order != 0)
            continue;
        lookup->last_number = number;
        if ((*lookup->count)++ < lookup->capacity)
            lookup->each(lookup->user, number);
    }
    lookup->is_first = false;
    return LC_OK;
}

enum lc_status lc_pack_each(struct lc_cursor *cursor, struct lc_span prefix, size_t size,
                            uint64_t capacity, uint64_t *count, lc_number_fn *each,
                            void *user, struct lc_error *err)
{
    struct lookup lookup = {.prefix = prefix,
                            .size = size,
                            .capacity = capacity,
                            .count = count,
                            .is_first = true,
                            .is_in_range = true,
                            .each = each,
                            .user = user};
    bool found = false;
    enum lc_status status = lc_pack_seek(cursor, prefix, &found, err);

    *count = 0;
    while (status == LC_OK && found && lookup.is_in_range) {
        status = call_for_entries(&lookup, cursor->value, err);
        if (status == LC_OK && lookup.is_in_range)
            status = lc_cursor_next(cursor, &found, err);
    }
    return status;
}
