/* content.h - hashes that identify duplicate rows, questions and answers; private to
 * src/dataset */
#ifndef LC_DATASET_CONTENT_H
#define LC_DATASET_CONTENT_H

#include "dataset/row.h"

/**
 * Hash the content that a row would be trained on, and find answers that repeat: set
 * path_hashes, content, question, answer and echo. Call this last, because it reads the
 * other facts.
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_content_find(struct lc_row *row, struct lc_error *err);

#endif
