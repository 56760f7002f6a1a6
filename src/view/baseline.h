/* baseline.h - findings that are known; private to src/view
 *
 * The file is an array of JSON, an entry a line, so that a change of it can be read:
 *
 *     [
 *     {"llava-check-baseline":1},
 *     {"fingerprint":"…","rule":"IMG501","place":"coco/1.jpg","reason":""},
 *     …
 */
#ifndef LC_VIEW_BASELINE_H
#define LC_VIEW_BASELINE_H

#include "base/hash.h"
#include "base/map.h"
#include "base/text.h"

/** An entry: findings that are the same but for their number. */
struct lc_baseline_entry {
    struct lc_hash identity;
    uint64_t line;   /* in the file */
    uint64_t offset; /* of its text in the file */
    uint32_t size;
    uint32_t count; /* findings that it lets pass */
    uint32_t seen;  /* findings that there are */
    bool expired;   /* it lets none pass any more */
    bool of_image;  /* its rule is about images */
};

/** A baseline that was read. */
struct lc_baseline {
    struct lc_map map; /* the file */
    struct lc_baseline_entry *items;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* numbers of items from 1, by identity; 0 is free */
    size_t mask;
};

/**
 * Read a baseline.
 *
 * Owner:   the caller, lc_baseline_clear, also on failure.
 * Errors:  LC_ERR_USAGE (it is none; the message says the line), LC_ERR_IO,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_baseline_read(const char *path, struct lc_baseline *out,
                                              struct lc_error *err);
void lc_baseline_clear(struct lc_baseline *baseline);

/** The entry of an identity; NULL when there is none. */
struct lc_baseline_entry *lc_baseline_find(const struct lc_baseline *baseline,
                                           const struct lc_hash *identity);

/** Add an entry that is not in it. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_baseline_add(struct lc_baseline *baseline,
                                             const struct lc_baseline_entry *entry,
                                             struct lc_error *err);

/** What an entry says; texts are valid until the next is read. */
struct lc_baseline_text {
    struct lc_hash identity;
    struct lc_span rule;
    struct lc_span place;
    struct lc_span reason;
    struct lc_span expires; /* "2027-01-31": the last day that it counts; empty: none */
    uint32_t count;
};

struct lc_json_parser;

/**
 * Read what an entry says from the file again.
 *
 * Errors: LC_ERR_USAGE (it is no entry; the message says the line), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_baseline_get(const struct lc_baseline *baseline,
                                             const struct lc_baseline_entry *entry,
                                             struct lc_json_parser *parser,
                                             struct lc_baseline_text *out,
                                             struct lc_error *err);

#endif
