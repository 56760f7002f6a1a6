/* root.h - which folder the rows' image paths start from; private to src/dataset */
#ifndef LC_DATASET_ROOT_H
#define LC_DATASET_ROOT_H

#include "dataset/dataset.h"

/**
 * Choose a data set's image root and set image_root and image_name.
 *
 * @param images   the folder that the user named, or NULL
 * @param samples  image paths of the first rows, each ended by NUL
 * @param upwards  also try the folders beside the data folder: a rows file may stand in a
 *                 folder of its own
 *
 * Errors:  LC_ERR_USAGE (images is no folder), LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_root_find(struct lc_dataset *dataset, const char *images,
                                          const struct lc_buffer *samples, bool upwards,
                                          struct lc_error *err);

#endif
