/* peek.h - inspects the first rows of a file; private to src/dataset */
#ifndef LC_DATASET_PEEK_H
#define LC_DATASET_PEEK_H

#include "base/buffer.h"
#include "base/error.h"

/** What a file's first rows show. */
enum lc_peek {
    LC_PEEK_ROWS,   /* rows of a LLaVA data set */
    LC_PEEK_BROKEN, /* damaged rows perhaps: cut off, a git-LFS pointer, a byte order mark
                       … */
    LC_PEEK_OTHER,  /* JSON of another kind */
};

/** Image and video paths of the first rows, each ended by NUL; only those that stay
 * inside a root. */
struct lc_samples {
    struct lc_buffer images;
    struct lc_buffer videos;
};

/**
 * Inspect the first rows of a file.
 *
 * @param lines    whether its name says JSONL
 * @param kind     set on success
 * @param samples  the paths of those rows are appended
 *
 * Errors:  those of lc_map_open, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_peek_rows(const char *path, bool lines,
                                          enum lc_peek *kind, struct lc_samples *samples,
                                          struct lc_error *err);

#endif
