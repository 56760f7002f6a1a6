/* folder.h - the rows files of a folder; private to src/dataset */
#ifndef LC_DATASET_FOLDER_H
#define LC_DATASET_FOLDER_H

#include "dataset/dataset.h"
#include "dataset/peek.h"

/**
 * Add every file of a folder that has rows, and the files that a registry in it names. If
 * there are none, add the only data set below the folder, at any depth (discover.h).
 *
 * Errors: LC_ERR_USAGE (no rows, or several data sets: dataset->discovery has them),
 *         LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_folder_add(struct lc_dataset *dataset, const char *folder,
                                           struct lc_samples *samples,
                                           struct lc_error *err);

#endif
