/* opened.h - an index that is open for reading; private to src/index */
#ifndef LC_INDEX_OPENED_H
#define LC_INDEX_OPENED_H

#include "index/tables.h"

/* The part of the mapped file that a walk has read. */
struct walked {
    uintptr_t low;
    uintptr_t high;
    size_t pairs;
};

struct lc_index {
    struct lc_tables tables;
    struct lc_index_info info;
    struct lc_summary summary;
    struct lc_statistics statistics;
    struct lc_rule_count *counts;
    size_t count;
    size_t capacity;
    struct walked *rows; /* of the rows that were got one by one */
    struct walked *images;
    /* when the data was verified: what the findings are about, and what was seen */
    struct lc_index *base;
    struct lc_verification verification;
};

/** Where a table of an index is: a verification has findings and numbers of its own, and
 * all else of the index that it is on. */
const struct lc_tables *lc_index_tables(const struct lc_index *index,
                                        enum lc_table table);

#endif
