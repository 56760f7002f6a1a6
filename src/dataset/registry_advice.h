/* registry_advice.h - how to correct an entry of a registry; private to src/dataset */
#ifndef LC_DATASET_REGISTRY_ADVICE_H
#define LC_DATASET_REGISTRY_ADVICE_H

#include "dataset/dataset.h"

/**
 * Note what an entry of LLaMA-Factory's registry should say if most of its first rows are
 * not what it says, or have images in a column that it does not map.
 *
 * @param registry  its name, for messages
 * @param name     of the entry
 * @param line     of the registry, from 1
 * @param path     of the entry's rows file
 * @param dialect  by which the entry says they are read
 *
 * Errors: those of lc_peek_rows.
 */
LC_MUST_CHECK enum lc_status lc_registry_advise(struct lc_dataset *dataset,
                                                const char *registry, const char *name,
                                                size_t line, const char *path,
                                                const struct lc_dialect *dialect,
                                                struct lc_error *err);

#endif
