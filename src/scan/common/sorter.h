/* sorter.h - hashes with the number of what has them, sorted: as many as the disk takes
 *
 * Up to a limit they stay in memory. Beyond it they go to a temporary file, run by run;
 * each run is sorted by itself, and lc_sorter_next merges them.
 */
#ifndef LC_SCAN_COMMON_SORTER_H
#define LC_SCAN_COMMON_SORTER_H

#include "scan/common/ids.h"

#include <stdbool.h>

/** So many are in memory at most: 24 MiB, and as much again while they are sorted. */
#define LC_SORTER_LIMIT ((size_t)1 << 20)

/** A part of the temporary file that is sorted by itself, as it is merged. */
struct lc_sorter_run {
    struct lc_row_id *items; /* read ahead */
    size_t count;
    size_t at;
    uint64_t next; /* of the file's items, the next to be read */
    uint64_t end;
};

/** All zero is empty, keeps to LC_SORTER_LIMIT, and goes to the system's folder for
 * temporary files. */
struct lc_sorter {
    const char
        *folder;  /* where the temporary file goes; NULL: the system's place for it */
    size_t limit; /* the most in memory; 0: LC_SORTER_LIMIT */
    bool uneven;  /* the keys are no hashes, or their numbers come in no order */

    struct lc_row_id *items; /* what is in memory */
    size_t count;
    size_t capacity;
    size_t at; /* the next to be handed out */

    bool spilled;     /* there is a temporary file, and fd is it */
    int fd;           /* it has no name */
    uint64_t in_file; /* items */
    struct lc_sorter_run *runs;
    size_t run_count;
    size_t *heap; /* numbers of runs that have more, the one with the smallest first */
    size_t heap_count;
};

/**
 * Add a pair.
 *
 * Errors: LC_ERR_MEMORY; LC_ERR_IO, when the temporary file cannot be made or written.
 */
LC_MUST_CHECK enum lc_status lc_sorter_add(struct lc_sorter *sorter,
                                           const struct lc_row_id *item,
                                           struct lc_error *err);

/** Add three numbers, which are sorted as numbers are; in a sorter that is uneven.
 * Errors: as lc_sorter_add. */
LC_MUST_CHECK enum lc_status lc_sorter_add_numbers(struct lc_sorter *sorter,
                                                   uint64_t first, uint64_t second,
                                                   uint64_t third, struct lc_error *err);

/**
 * Sort: nothing may be added after it.
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO.
 * Threads: any one.
 */
LC_MUST_CHECK enum lc_status lc_sorter_sort(struct lc_sorter *sorter,
                                            struct lc_error *err);

/**
 * Get the next pair, by hash and then by number.
 *
 * @param there  set to false when there are no more
 *
 * Errors: LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_sorter_next(struct lc_sorter *sorter,
                                            struct lc_row_id *out, bool *there,
                                            struct lc_error *err);

void lc_sorter_clear(struct lc_sorter *sorter); /* NULL-safe */

#endif
