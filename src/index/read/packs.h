/* packs.h - packed tables: several small entries in each LMDB value; private to src/index
 *
 * Idea: an entry that is an LMDB pair of its own costs a node header, an offset and a
 * key, often more than the entry itself. A packed table concatenates entries, in
 * ascending order, into values of about half a page, and stores each value under the key
 * of its first entry. There are two kinds:
 *
 *     records   for each row its number (8 bytes), the record's size (4) and the record;
 *               the value's key is the first row's number
 *     entries   of one fixed size: what is looked up, then a number of 8 bytes;
 *               the value's key is the whole first entry
 *
 * Invariant: entries ascend within a value and from one value to the next, and a value
 * larger than LC_PACK_BYTES contains exactly one record.
 *
 * Looking up: let v be the last value whose key is not greater than the wanted bytes. The
 * values before v end before v's key, and all values after v begin with something
 * greater. So the record of a row is in v or missing. Entries with a prefix start in v,
 * or, as their bytes are greater than the prefix alone, at the beginning of the value
 * after v. If all keys are greater, they start in the first value.
 *
 * Cost: one descent of the tree and a linear scan of at most LC_PACK_BYTES. A reader also
 *       enforces the part of the invariant that this bound depends on: otherwise a forged
 *       table could have one long list that each look-up of a walk scans again, which
 *       would take forever.
 */
#ifndef LC_INDEX_READ_PACKS_H
#define LC_INDEX_READ_PACKS_H

#include "base/buffer.h"
#include "index/index.h"
#include "index/read/pages.h"

/** Two values of this size, with their keys, fit into a page of 4,096 bytes, so neither
 * needs an overflow page. */
#define LC_PACK_BYTES 1960

#define LC_PACK_KEY_MAX 24

/** Bytes before each record: the row's number and the record's size. */
#define LC_PACK_HEAD 12

/** A value that is being filled. All zero is empty. */
struct lc_pack {
    uint8_t key[LC_PACK_KEY_MAX];
    size_t key_size;
    struct lc_buffer bytes;
};

/** Whether more bytes fit into the value; an empty one takes any number. */
static inline bool lc_pack_fits(const struct lc_pack *pack, size_t more)
{
    return !pack->bytes.size || pack->bytes.size + more <= LC_PACK_BYTES;
}

/** Go to the last value whose key is not greater than some bytes, or to the first value
 * if all keys are greater. */
LC_MUST_CHECK enum lc_status lc_pack_seek(struct lc_cursor *cursor, struct lc_span bytes,
                                          bool *found, struct lc_error *err);

/** Find a row's record in a value. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_pack_find_in(struct lc_span value, uint64_t row,
                                             struct lc_span *out, struct lc_error *err);

/**
 * Find the record of a row.
 *
 * @param out  set to the record; its text is NULL if there is none
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_pack_find_record(struct lc_cursor *cursor, uint64_t row,
                                                 struct lc_span *out,
                                                 struct lc_error *err);

/**
 * Call a function for the entries that start with a prefix.
 *
 * @param size      bytes of an entry, the last 8 of which are its number
 * @param capacity  maximum number of calls
 * @param count     set to the number of such entries
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_pack_each(struct lc_cursor *cursor, struct lc_span prefix,
                                          size_t size, uint64_t capacity, uint64_t *count,
                                          lc_number_fn *each, void *user,
                                          struct lc_error *err);

#endif
