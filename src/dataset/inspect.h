/* inspect.h - finds out what a file is that the user did not name; private to
 * src/dataset */
#ifndef LC_DATASET_INSPECT_H
#define LC_DATASET_INSPECT_H

#include "dataset/peek.h"

#include <stdbool.h>

/** Whether a name ends with .json or .jsonl and is not hidden. */
bool lc_inspect_is_rows_name(const char *name);

/** What a file is. */
enum lc_inspected {
    LC_INSPECTED_ROWS,
    LC_INSPECTED_BROKEN, /* possibly damaged rows */
    LC_INSPECTED_EMPTY,  /* [], or no content at all */
    LC_INSPECTED_OTHER,  /* JSON of another kind: settings, results … */
};

/**
 * Inspect a regular file.
 *
 * @param wanted  the dialect of its rows; NULL: detect it
 * @param kind    set on success
 * @param peek    likewise, from its first rows; may be NULL
 *
 * Errors: those of lc_peek_rows.
 */
LC_MUST_CHECK enum lc_status
lc_inspect_file(const char *path, const struct lc_dialect *wanted,
                enum lc_inspected *kind, struct lc_peek *peek, struct lc_samples *samples,
                struct lc_error *err);

/**
 * Whether a file that is not YAML may be a registry: a .json that is an object, or that
 * has no rows.
 *
 * Errors: those of lc_peek_rows.
 */
LC_MUST_CHECK enum lc_status lc_inspect_may_be_registry(const char *path, bool *out,
                                                        struct lc_error *err);

#endif
