/* diff.h - differences between two versions of a data set */
#ifndef LC_DIFF_DIFF_H
#define LC_DIFF_DIFF_H

#include "base/error.h"
#include "index/index.h"

#include <stddef.h>
#include <stdint.h>

/** The kinds of change, in the order of reports. The position of a row is ignored: a row
 * that moved within its file or to another file is unchanged. */
enum lc_change {
    LC_CHANGE_ROW_ADDED,
    LC_CHANGE_ROW_REMOVED,
    LC_CHANGE_ROW_CHANGED, /* same id, different content */
    LC_CHANGE_ROW_RENAMED, /* same content, different id, or an id on one side only */
    LC_CHANGE_IMAGE_ADDED,
    LC_CHANGE_IMAGE_REMOVED,
    LC_CHANGE_IMAGE_CHANGED, /* same path, different bytes, or a file on one side only */
    LC_CHANGE_IMAGE_MOVED,   /* same bytes, different path */
    LC_CHANGE_COUNT
};

/** "row-added" …; static. */
const char *lc_change_name(enum lc_change change);

#define LC_DIFF_NOWHERE UINT64_MAX

/** The numbers of a row or image in both versions; LC_DIFF_NOWHERE where it does not
 * exist. */
struct lc_diff_pair {
    uint64_t a;
    uint64_t b;
};

/** Changes of one kind, sorted by the number in b; removals, which have no such number,
 * by the number in a. */
struct lc_diff_list {
    struct lc_diff_pair *items;
    size_t count;
    size_t capacity; /* private */
};

struct lc_diff {
    struct lc_diff_list lists[LC_CHANGE_COUNT];
    uint64_t rows_same;
    uint64_t images_same;
    uint64_t images_unknown; /* paths in both versions whose image a run skipped */
};

/**
 * Compare two versions of a data set.
 *
 * Rows are paired by id, then by content; rows.c describes the steps. Images are paired
 * by path, then by content: images.c.
 *
 * @param out  set on success
 *
 * Memory:  16 bytes for each row; 40 for each unmatched row or image.
 * Owner:   the caller, lc_diff_clear.
 * Errors:  LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_diff_find(const struct lc_index *a,
                                          const struct lc_index *b, struct lc_diff *out,
                                          struct lc_error *err);

/** Free the lists and leave the diff empty. */
void lc_diff_clear(struct lc_diff *diff);

#endif
