/* inspect.h - what a file is that the user did not name; private to src/dataset */
#ifndef LC_DATASET_INSPECT_H
#define LC_DATASET_INSPECT_H

#include "dataset/peek.h"

#include <stdbool.h>

/** Whether a name ends with .json or .jsonl and is not hidden. */
bool lc_inspect_is_rows_name(const char *name);

/** What a file that was not named itself is. */
enum lc_inspected {
    LC_INSPECTED_ROWS,
    LC_INSPECTED_BROKEN, /* damaged rows, perhaps */
    LC_INSPECTED_EMPTY,  /* [] */
    LC_INSPECTED_OTHER,  /* JSON of another kind: settings, results … */
};

/** Inspect a regular file. Errors: those of lc_peek_rows. */
LC_MUST_CHECK enum lc_status lc_inspect_file(const char *path, enum lc_inspected *kind,
                                             struct lc_samples *samples,
                                             struct lc_error *err);

#endif
