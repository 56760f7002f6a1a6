/* sorter.h - sorts hashes with their row numbers, even more than fit into memory
 *
 * Up to a limit they stay in memory. Beyond it they go to a temporary file as sorted
 * runs, which lc_sorter_next merges. */
#ifndef LC_SCAN_COMMON_SORTER_H
#define LC_SCAN_COMMON_SORTER_H

#include "scan/common/ids.h"

#include <stdbool.h>

/** Items held in memory by default: 24 MiB, and as much again while they are sorted. */
#define LC_SORTER_LIMIT ((size_t)1 << 20)

/** A sorted part of the temporary file, while it is merged. */
struct lc_sorter_run {
    struct lc_row_id *items; /* read ahead */
    size_t count;
    size_t at;     /* the next to return */
    uint64_t next; /* position in the file of the next item to read */
    uint64_t end;  /* position past its last item */
};

/** An external sorter. All zero is an empty one with the default limit and the system's
 * folder for temporary files. */
struct lc_sorter {
    const char *folder; /* for the temporary file; NULL: the system's folder */
    size_t limit;       /* items in memory; 0: LC_SORTER_LIMIT */
    bool is_irregular;  /* use qsort: keys are not hashes, or numbers are not in order */

    struct lc_row_id *items; /* in memory */
    size_t count;
    size_t capacity;
    size_t at; /* the next to return */

    bool spilled;     /* fd is open */
    int fd;           /* the temporary file, which has no name */
    uint64_t in_file; /* number of items in it */
    struct lc_sorter_run *runs;
    size_t run_count;
    size_t *heap; /* runs that have more items, the one with the smallest first */
    size_t heap_count;
};

/**
 * Add a pair.
 *
 * Errors: LC_ERR_MEMORY; LC_ERR_IO when the temporary file cannot be created or written.
 */
LC_MUST_CHECK enum lc_status lc_sorter_add(struct lc_sorter *sorter,
                                           const struct lc_row_id *item,
                                           struct lc_error *err);

/** Add three numbers, to be sorted by the first, then the second, then the third. The
 * sorter must be is_irregular. Errors: as lc_sorter_add. */
LC_MUST_CHECK enum lc_status lc_sorter_add_numbers(struct lc_sorter *sorter,
                                                   uint64_t first, uint64_t second,
                                                   uint64_t third, struct lc_error *err);

/**
 * Sort what was added; nothing may be added afterwards.
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO.
 * Threads: any one.
 */
LC_MUST_CHECK enum lc_status lc_sorter_sort(struct lc_sorter *sorter,
                                            struct lc_error *err);

/**
 * Get the next pair in order of hash, then number.
 *
 * @param more  set to whether there was a next pair
 *
 * Errors: LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_sorter_next(struct lc_sorter *sorter,
                                            struct lc_row_id *out, bool *more,
                                            struct lc_error *err);

void lc_sorter_clear(struct lc_sorter *sorter); /* NULL-safe */

#endif
