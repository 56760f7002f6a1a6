/* peek.h - inspects the first rows of a file; private to src/dataset */
#ifndef LC_DATASET_PEEK_H
#define LC_DATASET_PEEK_H

#include "base/buffer.h"
#include "base/error.h"
#include "dataset/dialect.h"

/** What a file's first rows show it to be. */
enum lc_peek_kind {
    LC_PEEK_ROWS,   /* rows of a dialect */
    LC_PEEK_BROKEN, /* perhaps damaged rows: cut off, a git-LFS pointer … */
    LC_PEEK_OTHER,  /* JSON of another kind */
};

/** The result of inspecting a file's first rows. */
struct lc_peek {
    enum lc_peek_kind kind;
    const struct lc_dialect *dialect; /* the one that fits best; the first dialect if the
                                       * file has no rows */
    /* a dialect that fits even better, but is detected only beside files with its tag; or
     * NULL */
    const struct lc_dialect *kin;
    char keys[160]; /* keys of the first row that is an object: "a, b, c" */
    /* counts of rows, as read with that dialect: */
    size_t read;    /* rows that are objects */
    size_t misfits; /* how many of these it does not fit: their turns cannot be read, or
                     * they have images in a column that is not read */
    bool has_parts; /* a text is a list of parts */
    uint8_t ranks[LC_COLUMN_COUNT]; /* by column: 1 + the rank of its name; 0: none */
    struct lc_span
        names[LC_ROLE_OTHER]; /* by role: its name, with its quotes; or empty */
};

/** Paths in the first rows, each ended by NUL. */
struct lc_samples {
    struct lc_buffer images; /* those that stay inside a root; likewise for the others: */
    struct lc_buffer videos;
    struct lc_buffer absolute_images;
    struct lc_buffer absolute_videos;
};

void lc_samples_clear(struct lc_samples *samples);

/**
 * Inspect the first rows of a file.
 *
 * @param lines    whether its name says JSONL
 * @param dialect  the dialect of its rows; NULL: detect it
 * @param peek     set on success
 * @param samples  the paths in these rows are appended
 *
 * Errors:  those of lc_map_open, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_peek_rows(const char *path, bool lines, const struct lc_dialect *dialect,
             struct lc_peek *peek, struct lc_samples *samples, struct lc_error *err);

#endif
