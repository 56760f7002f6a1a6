/* fit.h - how well a dialect fits a row, and rows that only another dialect fits than
 * that of their file */
#ifndef LC_DATASET_FIT_H
#define LC_DATASET_FIT_H

#include "dataset/row.h"

/** Number of rows from which the dialect of a file is detected. */
#define LC_FIT_ROWS 64

/** How well a dialect fits a row that was read with it; 0: not at all. A dialect whose
 * rows need a tag fits only rows with it. */
unsigned lc_fit_score(const struct lc_row *row);

/** The same, ignoring that rows need a tag. */
unsigned lc_fit_untagged(const struct lc_row *row);

/** Whether an object has a key of the results of a model. It may also have columns of
 * rows, but is not for training. */
bool lc_fit_is_result(const struct lc_json_doc *doc);

/** The same for the questions of a test. */
bool lc_fit_is_test(const struct lc_json_doc *doc);

/**
 * Read a row with the dialect that was detected for its file or, if that does not fit the
 * row at all, with the one that fits it best. Many programs read each row alone, so what
 * they do with this row does not depend on the other rows of its file. Sets row->stray.
 *
 * Owner, Errors, Threads: those of lc_row_read.
 */
LC_MUST_CHECK enum lc_status lc_row_read_alone(struct lc_row *row,
                                               const struct lc_dialect *of_file,
                                               const struct lc_json_doc *doc,
                                               struct lc_error *err);

#endif
