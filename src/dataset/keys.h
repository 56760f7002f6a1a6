/* keys.h - finds duplicate keys of objects; private to src/dataset */
#ifndef LC_DATASET_KEYS_H
#define LC_DATASET_KEYS_H

#include "dataset/row.h"

/** The keys of an object seen so far; more than fit here are rare. */
struct lc_keys {
    struct lc_span seen[8];
    size_t count; /* members seen so far, including those that did not fit */
};

/**
 * Note a key of an object. The first key that repeats an earlier one becomes
 * row->duplicate_key. If an object has more keys than fit, call lc_keys_check after the
 * last one.
 *
 * @param at  index of the key on the tape
 */
void lc_keys_note(struct lc_keys *keys, struct lc_row *row, const struct lc_json_doc *doc,
                  uint32_t at);

/** Whether some keys did not fit. */
static inline bool lc_keys_overflow(const struct lc_keys *keys)
{
    return keys->count > sizeof(keys->seen) / sizeof(keys->seen[0]);
}

/**
 * Find a duplicate key of an object with any number of keys.
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_keys_check(struct lc_row *row,
                                           const struct lc_json_doc *doc, uint32_t object,
                                           struct lc_error *err);

/** The same for a value and all objects in it, at any depth. */
LC_MUST_CHECK enum lc_status lc_keys_check_all(struct lc_row *row,
                                               const struct lc_json_doc *doc, uint32_t at,
                                               struct lc_error *err);

#endif
