/* diff.h - what two versions of a data set differ in */
#ifndef LC_DIFF_DIFF_H
#define LC_DIFF_DIFF_H

#include "base/error.h"
#include "index/index.h"

#include <stddef.h>
#include <stdint.h>

/** The kinds of change, in the order of reports. A row's place is no part of it: rows in
 * another order or another file are the same. */
enum lc_change {
    LC_CHANGE_ROW_ADDED,
    LC_CHANGE_ROW_REMOVED,
    LC_CHANGE_ROW_CHANGED, /* the same id, another content */
    LC_CHANGE_ROW_RENAMED, /* the same content, another id, or one where there was none */
    LC_CHANGE_IMAGE_ADDED,
    LC_CHANGE_IMAGE_REMOVED,
    LC_CHANGE_IMAGE_CHANGED, /* the same path, other bytes, or a file where there was none
                                or none where there was one */
    LC_CHANGE_IMAGE_MOVED,   /* the same bytes, another path */
    LC_CHANGE_COUNT
};

/** "row-added" …; static. */
const char *lc_change_name(enum lc_change change);

#define LC_DIFF_NOWHERE UINT64_MAX

/** Numbers of a row, or of an image, in both versions; LC_DIFF_NOWHERE where it is not.
 */
struct lc_diff_pair {
    uint64_t a;
    uint64_t b;
};

/** Changes of one kind, by the number in b, those that are not there by that in a. */
struct lc_diff_list {
    struct lc_diff_pair *items;
    size_t count;
    size_t capacity; /* private */
};

struct lc_diff {
    struct lc_diff_list lists[LC_CHANGE_COUNT];
    uint64_t rows_same;
    uint64_t images_same;
    uint64_t images_unknown; /* paths in both that a run did not look at */
};

/**
 * Compare two versions of a data set.
 *
 * Rows of one id that are equal on both sides are the same. When one row of the id is
 * left on each side, it was changed. All others are compared with each other whatever
 * their ids: those that are equal are the same, when both have no id, or were renamed; of
 * the rest those of a were removed, and those of b added.
 *
 * Image paths on both sides are the same or were changed; of the others those of equal
 * bytes were moved, one to one in the order of their paths.
 *
 * @param out  set on success
 *
 * Memory:  16 bytes for each row; 40 for each row or image that has no equal.
 * Owner:   the caller, lc_diff_clear.
 * Errors:  LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_diff_find(const struct lc_index *a,
                                          const struct lc_index *b, struct lc_diff *out,
                                          struct lc_error *err);

/** Free what a diff holds; it is empty then. */
void lc_diff_clear(struct lc_diff *diff);

#endif
