/* packs.h - tables of many small entries, several in each of LMDB's values; private to
 * src/index
 *
 * An entry by itself costs LMDB more than it holds: a packed table puts them one behind
 * the other into values of about half a page. There are two kinds: lists of records of
 * any size by row number, and sorted lists of entries of one size, whose first bytes are
 * what is looked up.
 */
#ifndef LC_INDEX_READ_PACKS_H
#define LC_INDEX_READ_PACKS_H

#include "base/buffer.h"
#include "index/index.h"
#include "index/read/pages.h"

/** Two such values and their keys fill a page of 4,096 bytes, and need no other. A larger
 * value has one record alone. */
#define LC_PACK_BYTES 1960

#define LC_PACK_KEY_MAX 24

/** Bytes before a record: the row's number and the record's size. */
#define LC_PACK_HEAD 12

/** A value on its way: all zero is an empty one. */
struct lc_pack {
    uint8_t key[LC_PACK_KEY_MAX];
    size_t key_size;
    struct lc_buffer bytes;
};

/** Whether so many more bytes fit; an empty pack takes any. */
static inline bool lc_pack_fits(const struct lc_pack *pack, size_t more)
{
    return !pack->bytes.size || pack->bytes.size + more <= LC_PACK_BYTES;
}

/** Go to the last value whose key is not greater than some bytes: what is looked for
 * begins in it, or in the next. When all keys are greater, go to the first value. */
LC_MUST_CHECK enum lc_status lc_pack_seek(struct lc_cursor *cursor, struct lc_span bytes,
                                          bool *there, struct lc_error *err);

/** Find a row's record in one value. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_pack_find_in(struct lc_span value, uint64_t row,
                                             struct lc_span *out, struct lc_error *err);

/**
 * Find the record of a row: its number in 8 bytes, its size in 4, its bytes.
 *
 * @param out  set to the record; its text is NULL when there is none
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_pack_find_record(struct lc_cursor *cursor, uint64_t row,
                                                 struct lc_span *out,
                                                 struct lc_error *err);

/**
 * Call a function for the entries that begin with some bytes.
 *
 * @param size   bytes of an entry; its last 8 are the number that is handed on
 * @param room   the most that it is called for
 * @param count  set to how many such entries there are
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_pack_each(struct lc_cursor *cursor, struct lc_span prefix,
                                          size_t size, uint64_t room, uint64_t *count,
                                          lc_number_fn *each, void *user,
                                          struct lc_error *err);

#endif
