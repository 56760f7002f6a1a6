/* sorting.h - a thread that prepares the set stage while links and images run
 *
 * It sorts the ids, contents and questions of the rows, and searches the image root for
 * files that no row names. From begin until end or clear, the thread owns them.
 */
#ifndef LC_SCAN_SET_SORTING_H
#define LC_SCAN_SET_SORTING_H

#include "scan/common/stages.h"
#include "scan/set/unused.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct lc_part_record;

/** All zero: not begun. */
struct lc_sorting {
    struct lc_rows *rows;
    const char *image_root;
    struct lc_more_files more;   /* files in archives */
    struct lc_part_record *part; /* gets the list of unused images, instead of unused */
    bool is_sorted;
    struct lc_unused unused; /* the result of the walk */
    pthread_t thread;
    bool is_begun;   /* begun, but not ended */
    bool has_thread; /* false: no thread could be created; lc_sorting_end does the work */
    atomic_bool cancelled; /* the result is not needed */
    enum lc_status status;
    struct lc_error error;
};

/**
 * Start the thread.
 *
 * @param rows        its ids, contents and questions get sorted, its paths are read
 * @param image_root  where to search for unused images; NULL: do not search
 */
void lc_sorting_begin(struct lc_sorting *sorting, struct lc_rows *rows,
                      const char *image_root);

/**
 * Start to search for unused images, after lc_sorting_begin without an image root.
 *
 * @param more  files that are in archives; they must live until the search ends
 *
 * Errors: those of lc_sorting_end.
 */
LC_MUST_CHECK enum lc_status lc_sorting_search(struct lc_sorting *sorting,
                                               const char *image_root,
                                               const struct lc_more_files *more,
                                               struct lc_error *err);

/** As lc_sorting_search, for a part of a data set with archives: list what the merge
 * needs to find the unused images. */
LC_MUST_CHECK enum lc_status lc_sorting_list(struct lc_sorting *sorting,
                                             const char *image_root,
                                             struct lc_part_record *out,
                                             struct lc_error *err);

/** Wait for the thread, if it was begun. Errors: LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_sorting_end(struct lc_sorting *sorting,
                                            struct lc_error *err);

/** Cancel what is still running, and free the results. */
void lc_sorting_clear(struct lc_sorting *sorting);

#endif
