/* reader.h - an open index; private to src/index */
#ifndef LC_INDEX_READER_H
#define LC_INDEX_READER_H

#include "index/index.h"
#include "index/pages.h"
#include "index/tables.h"

/** The part of the mapped file that a walk has read; all zero before it. */
struct lc_walked {
    uintptr_t low;
    uintptr_t high;
    size_t pairs;
    size_t bytes;
};

struct lc_index {
    struct lc_pages pages;
    struct lc_tree trees[LC_TABLE_COUNT];
    bool is_ours;  /* its seal is by the key that it was opened with */
    bool is_found; /* where the data are: the user did not name it */
    struct lc_index_info info;
    struct lc_summary summary;
    struct lc_statistics statistics;
    struct lc_rule_count *counts;
    size_t count;
    size_t capacity;
    struct lc_walked *rows; /* of the rows that were got one by one */
    struct lc_walked *images;
    /* when the data was verified: what the findings are about, and what was seen */
    struct lc_index *base;
    struct lc_verification verification;
};

/** Begin to read a table. A verification has findings and numbers of its own, and all
 * else of the index that it is on. */
void lc_index_cursor(const struct lc_index *index, enum lc_table table,
                     struct lc_cursor *out);

/**
 * Make an index readable.
 *
 * @param fd    of a file; the caller keeps it
 * @param size  bytes of its pages
 *
 * Errors: LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_from_pages(int fd, uint64_t size, bool is_ours,
                                                 struct lc_index **out,
                                                 struct lc_error *err);

/** Note that a value was read: now and then the pages read so far are dropped. */
void lc_index_note_walked(struct lc_walked *walked, struct lc_span value);

/** The same for a value that was not read in order. */
void lc_index_note_got(struct lc_walked *walked, struct lc_span value);

/** Drop the pages that were read. */
void lc_index_drop_walked(struct lc_walked *walked);

/** Get the value of a key. Errors: LC_ERR_INDEX when it is not there. */
LC_MUST_CHECK enum lc_status lc_index_get_value(const struct lc_index *index,
                                                enum lc_table table, const void *key,
                                                size_t key_size, struct lc_span *out,
                                                struct lc_error *err);

/** Called for each pair of a table. */
typedef enum lc_status lc_pair_fn(void *user, struct lc_span key, struct lc_span value,
                                  struct lc_error *err);

/** Walk over a table, in the order of its keys. Errors: LC_ERR_INDEX, and what each
 * returns. */
LC_MUST_CHECK enum lc_status lc_index_each_pair(const struct lc_index *index,
                                                enum lc_table table, lc_pair_fn *each,
                                                void *user, struct lc_error *err);

#endif
