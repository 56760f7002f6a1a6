/* registry_advice.h - suggests corrections of a registry's entry; private to
 * src/dataset */
#ifndef LC_DATASET_REGISTRY_ADVICE_H
#define LC_DATASET_REGISTRY_ADVICE_H

#include "dataset/dataset.h"

/**
 * Note how an entry of LLaMA-Factory's registry should be written, if it does not
 * describe most of its first rows, or they have images in a column that it does not map.
 *
 * @param registry the registry's name, for messages
 * @param name the entry's name
 * @param line line in the registry, from 1
 * @param path     path of the entry's rows file
 * @param dialect  the dialect that the entry describes
 *
 * Errors: those of lc_peek_rows.
 */
LC_MUST_CHECK enum lc_status lc_registry_advise(struct lc_dataset *dataset,
                                                const char *registry, const char *name,
                                                size_t line, const char *path,
                                                const struct lc_dialect *dialect,
                                                struct lc_error *err);

#endif
