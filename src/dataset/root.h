/* root.h - finds the folder that the rows' image paths are relative to; private to
 * src/dataset */
#ifndef LC_DATASET_ROOT_H
#define LC_DATASET_ROOT_H

#include "dataset/dataset.h"
#include "dataset/peek.h"

/**
 * Find a data set's image root and video root: set image_root, image_name, image_folder
 * and video_root.
 *
 * @param samples  image and video paths of the first rows
 *
 * Errors:  LC_ERR_USAGE (the path that the user named is not a folder), LC_ERR_IO,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_root_find(struct lc_dataset *dataset,
                                          const struct lc_dataset_options *options,
                                          const struct lc_samples *samples,
                                          struct lc_error *err);

#endif
