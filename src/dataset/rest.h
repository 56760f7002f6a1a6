/* rest.h - the hash of a row's other members; private to src/dataset
 *
 * Rows that are equal in training may still differ: in keys that trainers ignore, or in
 * members whose values have the wrong type. row->rest is the sum of a mixed hash for each
 * member, so the order of members does not matter; within a value, order counts. */
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

/** Mix a word into the hash of earlier words. */
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

/** Add a member of the turn that is being read; the turn's number distinguishes it from
 * the same member of another turn. */
static inline void lc_rest_add_of_turn(struct lc_row *row, struct lc_span key,
                                       uint64_t value)
{
    uint64_t hash = lc_hash_quick(key.text, key.size);

    row->rest += lc_rest_mix(lc_rest_mix(hash, row->turn_count), value);
}

/** Hash any value: the hash is equal for the same values in the same order, whatever
 * their escapes and white space. */
uint64_t lc_rest_value(const struct lc_json_doc *doc, uint32_t at);

/** Problems of a number that Python can read but other readers cannot: bits. */
enum lc_long_number {
    LC_LONG_UNSIGNED = 1, /* an integer from 2^63 to 2^64 - 1 */
    LC_LONG_WITHIN = 2,   /* such an integer within a list or an object */
    LC_LONG_WIDE = 4,     /* its part before the point does not fit into 64 bits */
    LC_LONG_EXPONENT = 8, /* an exponent of 100 or more */
    LC_LONG_REFUSED = 16, /* an exponent that Arrow refuses, whatever precedes it */
};

/** The problems of a number, given its text; 0: none. */
unsigned lc_rest_long_number(struct lc_span text);

/** The problems of all numbers in a value. */
unsigned lc_rest_long_numbers(const struct lc_json_doc *doc, uint32_t at);

#endif
