/* registry.h - files that name rows files; private to src/dataset */
#ifndef LC_DATASET_REGISTRY_H
#define LC_DATASET_REGISTRY_H

#include "dataset/dataset.h"
#include "dataset/peek.h"

#include <stdbool.h>

/**
 * Add the rows files that a registry names.
 *
 * @param path  a .yaml file, which must be a registry, or a .json file, which may be one
 * @param is_one  set to false if it is a .json file that is not a registry
 *
 * Errors: LC_ERR_USAGE (the registry as a whole is invalid, or no entry could be added),
 *         LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_registry_read(struct lc_dataset *dataset,
                                              const char *path, bool is_named,
                                              struct lc_samples *samples, bool *is_one,
                                              struct lc_error *err);

/**
 * Get the title of a registry, if a .json or .yaml file is one: "an InternVL meta file".
 *
 * @param out  set to a static text, or to NULL if the file is not a registry
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_registry_title(const char *path, const char **out,
                                               struct lc_error *err);

#endif
