/* baseline.h - known findings that are not reported; private to src/view
 *
 * The file is a JSON array with one entry per line, so that a diff of it is readable:
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

/** An entry: the findings with one fingerprint. */
struct lc_baseline_entry {
    struct lc_hash identity;
    uint64_t line;   /* of its text in the file */
    uint64_t offset; /* of its text in the file */
    uint32_t size;
    uint32_t count; /* number of findings that it lets pass */
    uint32_t seen;  /* number of matching findings so far */
    bool expired;   /* it no longer lets any finding pass */
    bool of_image;  /* its rule is about images */
};

/** A baseline in memory. */
struct lc_baseline {
    struct lc_map map; /* the file */
    struct lc_baseline_entry *items;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* hash table: indexes of items plus 1; 0 is free */
    size_t mask;
};

/**
 * Read a baseline.
 *
 * Owner:   the caller, lc_baseline_clear, also on failure.
 * Errors:  LC_ERR_USAGE (not a baseline; the message has the line), LC_ERR_IO,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_baseline_read(const char *path, struct lc_baseline *out,
                                              struct lc_error *err);
void lc_baseline_clear(struct lc_baseline *baseline);

/** Find the entry with a fingerprint; NULL if there is none. */
struct lc_baseline_entry *lc_baseline_find(const struct lc_baseline *baseline,
                                           const struct lc_hash *identity);

/** Add an entry whose fingerprint is new. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_baseline_add(struct lc_baseline *baseline,
                                             const struct lc_baseline_entry *entry,
                                             struct lc_error *err);

/** The content of an entry; texts are valid until the next entry is read. */
struct lc_baseline_text {
    struct lc_hash identity;
    struct lc_span rule;
    struct lc_span place;
    struct lc_span reason;
    struct lc_span expires; /* "2027-01-31": the last day it applies; empty: no end */
    uint32_t count;
};

struct lc_json_parser;

/**
 * Read the content of an entry from the file again.
 *
 * Errors: LC_ERR_USAGE (not an entry; the message has the line), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_baseline_get(const struct lc_baseline *baseline,
                                             const struct lc_baseline_entry *entry,
                                             struct lc_json_parser *parser,
                                             struct lc_baseline_text *out,
                                             struct lc_error *err);

#endif
