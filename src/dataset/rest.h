/* rest.h - the hash of a row's other members; private to src/dataset
 *
 * Rows that are trained on alike may still differ: in keys that trainers ignore, or in
 * members whose value has the wrong type. row->rest is the sum of one mixed hash a
 * member, so that the order of members does not matter; within a value order counts. */
#ifndef LC_DATASET_REST_H
#define LC_DATASET_REST_H

#include "base/hash.h"
#include "dataset/row.h"
#include "json/json.h"

/** The hash of a string, or of a number as it is written. */
static inline uint64_t lc_rest_string(struct lc_span text)
{
    return lc_hash_quick(text.text, text.size) + LC_JSON_STRING;
}

static inline uint64_t lc_rest_number(struct lc_span digits)
{
    return lc_hash_quick(digits.text, digits.size) + LC_JSON_INTEGER;
}

/** Mix a word into the hash of the words before it. */
static inline uint64_t lc_rest_mix(uint64_t before, uint64_t word)
{
    before = (before ^ before >> 29) * UINT64_C(0x9E3779B97F4A7C15) + word;
    before = (before ^ before >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return before ^ before >> 31;
}

/** Add a member to a row's rest. */
static inline void lc_rest_add(struct lc_row *row, struct lc_span key, uint64_t value)
{
    row->rest += lc_rest_mix(lc_hash_quick(key.text, key.size), value);
}

/** Add a member of the turn that is being read; its number distinguishes it from the same
 * member of another turn. */
static inline void lc_rest_add_of_turn(struct lc_row *row, struct lc_span key,
                                       uint64_t value)
{
    uint64_t hash = lc_hash_quick(key.text, key.size);

    row->rest += lc_rest_mix(lc_rest_mix(hash, row->turn_count), value);
}

/** The hash of any value: equal for the same values in the same order, independent of
 * escapes and white space. */
uint64_t lc_rest_value(const struct lc_json_doc *doc, uint32_t at);

/** Whether a number as it is written may be too much for pandas: it is beyond 63 bits, or
 * has 20 digits before the point, or an exponent of 100 or more. */
bool lc_rest_is_long_number(struct lc_span text);

/** Whether a value is or contains such a number. */
bool lc_rest_has_long_number(const struct lc_json_doc *doc, uint32_t at);

#endif
