/* content.h - which rows and answers are the same; private to src/dataset */
#ifndef LC_DATASET_CONTENT_H
#define LC_DATASET_CONTENT_H

#include "dataset/row.h"

/**
 * Hash what a row would be trained on, and find answers that repeat: set path_hashes,
 * content and echo. Last, when all else is known.
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_content_find(struct lc_row *row, struct lc_error *err);

#endif
