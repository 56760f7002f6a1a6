/* internal.h - functions that the comparisons of rows and of images share; private to
 * src/diff */
#ifndef LC_DIFF_INTERNAL_H
#define LC_DIFF_INTERNAL_H

#include "base/hash.h"
#include "diff/diff.h"

/** A row or image that has no match yet. */
struct lc_unmatched {
    struct lc_hash content;
    uint64_t order; /* sort key among equal contents: the number, plus LC_UNMATCHED_HAS_ID
                       for a row with an id */
};

/** Added so that rows with an id sort after those without one. */
#define LC_UNMATCHED_HAS_ID (UINT64_C(1) << 63)

struct lc_unmatched_list {
    struct lc_unmatched *items;
    size_t count;
    size_t capacity;
};

/** Add a row or image. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_unmatched_add(struct lc_unmatched_list *list,
                                              const struct lc_hash *content,
                                              uint64_t order, struct lc_error *err);

/** Sort by content, then by order. */
void lc_unmatched_sort(struct lc_unmatched_list *list);

/** Count the consecutive items, from an index on, that have the same content as the
 * first. */
size_t lc_unmatched_count_equal(const struct lc_unmatched_list *list, size_t at);

/** Compare the contents at two indexes, for a merge: <0, 0 or >0. An index past the end
 * compares greater than any content. */
int lc_unmatched_compare(const struct lc_unmatched_list *a, size_t i,
                         const struct lc_unmatched_list *b, size_t k);

/** Add a change. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_diff_add(struct lc_diff *diff, enum lc_change change,
                                         uint64_t a, uint64_t b, struct lc_error *err);

/* The two steps of lc_diff_find. */
LC_MUST_CHECK enum lc_status lc_diff_rows(const struct lc_index *const indexes[2],
                                          struct lc_diff *diff, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_diff_images(const struct lc_index *const indexes[2],
                                            struct lc_diff *diff, struct lc_error *err);

#endif
