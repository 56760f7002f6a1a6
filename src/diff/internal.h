/* internal.h - what the comparisons of rows and of images share; private to src/diff */
#ifndef LC_DIFF_INTERNAL_H
#define LC_DIFF_INTERNAL_H

#include "base/hash.h"
#include "diff/diff.h"

/** A row or image that has no equal yet. */
struct lc_left {
    struct lc_hash content;
    uint64_t order; /* among those of one content; of a row with an id LC_LEFT_NAMED and
                       its number, else the number alone */
};

/** Rows without an id come before those with one. */
#define LC_LEFT_NAMED (UINT64_C(1) << 63)

struct lc_lefts {
    struct lc_left *items;
    size_t count;
    size_t capacity;
};

/** Add one. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_lefts_add(struct lc_lefts *lefts,
                                          const struct lc_hash *content, uint64_t order,
                                          struct lc_error *err);

/** Sort by content, and then by order. */
void lc_lefts_sort(struct lc_lefts *lefts);

/** How many from an index on have its content. */
size_t lc_lefts_equal(const struct lc_lefts *lefts, size_t at);

/** Compare the contents at two indexes, behind which there is nothing: <0, 0 or >0. */
int lc_lefts_compare(const struct lc_lefts *a, size_t i, const struct lc_lefts *b,
                     size_t k);

/** Add a change. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_diff_add(struct lc_diff *diff, enum lc_change change,
                                         uint64_t a, uint64_t b, struct lc_error *err);

/* The two parts of lc_diff_find. */
LC_MUST_CHECK enum lc_status lc_diff_rows(const struct lc_index *const indexes[2],
                                          struct lc_diff *diff, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_diff_images(const struct lc_index *const indexes[2],
                                            struct lc_diff *diff, struct lc_error *err);

#endif
