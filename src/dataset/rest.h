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

/** What is the matter with a number that Python reads, for other readers: bits. */
enum lc_long_number {
    LC_LONG_UNSIGNED = 1, /* an integer from 2^63 to 2^64 - 1 */
    LC_LONG_WITHIN = 2,   /* one, within a list or an object */
    LC_LONG_WIDE = 4,     /* its part before the point does not fit into 64 bits */
    LC_LONG_EXPONENT = 8, /* an exponent of 100 or more */
    LC_LONG_REFUSED = 16, /* one that Arrow refuses, whatever is before it */
};

/** What is the matter with a number as it is written; 0: nothing. */
unsigned lc_rest_long_number(struct lc_span text);

/** The same of all numbers that a value is or contains. */
unsigned lc_rest_long_numbers(const struct lc_json_doc *doc, uint32_t at);

#endif
