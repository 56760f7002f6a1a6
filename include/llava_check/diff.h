/* diff.h - comparing two versions of a data set */
#ifndef LC_LLAVA_CHECK_DIFF_H
#define LC_LLAVA_CHECK_DIFF_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;
struct lc_report_format_info; /* report.h */

/** How differences are written. Zero is the default for all but size and format.
 */
struct lc_diff_options {
    size_t size;             /* of this struct: LC_OPTIONS */
    const char *format;      /* "text", "json" or "jsonl" */
    bool color;              /* text: colour codes of terminals */
    unsigned examples;       /* text: changes shown of each kind; 0: 3 */
    const char *names[2];    /* text: names of the versions; NULL: those of the data */
    const char *prefixes[2]; /* text: put before file names, such as "raw/"; NULL: nothing
                              */
};

/** The diff format at an index, its name and summary; NULL past the end. */
LC_API const struct lc_report_format_info *lc_diff_format_at(size_t index);

/**
 * Compare two versions of a data set by their indexes, and write the differences: rows
 * added, removed, changed (by id) and renamed; images added, removed, changed and moved.
 *
 * @param a      the first version
 * @param b      the second
 * @param to     stays open; it is flushed and its errors are reported. NULL: nothing is
 *               written
 * @param equal  set on success: whether nothing differs
 *
 * Errors:  LC_ERR_USAGE (no such format), LC_ERR_IO (writing failed), LC_ERR_INDEX,
 *          LC_ERR_MEMORY.
 * Threads: both indexes'. Takes 16 bytes of memory per row, and more for differences.
 */
LC_API enum lc_status lc_diff_write(const struct lc_index *a, const struct lc_index *b,
                                    const struct lc_diff_options *options, FILE *to,
                                    bool *equal, struct lc_error *err);

/** Write differences to a function instead of a stream. Errors: as lc_diff_write, but
 * LC_ERR_IO and LC_ERR_STOPPED as the function says: see lc_write_fn. */
LC_API enum lc_status lc_diff_write_to(const struct lc_index *a, const struct lc_index *b,
                                       const struct lc_diff_options *options,
                                       lc_write_fn *write, void *context, bool *equal,
                                       struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
