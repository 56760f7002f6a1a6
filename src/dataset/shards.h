/* shards.h - finds the shards that a user's paths mean; private to src/dataset */
#ifndef LC_DATASET_SHARDS_H
#define LC_DATASET_SHARDS_H

#include "dataset/dataset.h"

/**
 * Write a path as webdataset does several shards as the paths that it means:
 * "a/{0000..0123}.tar", "{a,b}/1.tar", "a.tar::b.tar".
 *
 * @param paths  of the user; one that exists, or that names no tar, means itself
 * @param out    set on success: a NULL-terminated array of strings
 * @param from   set on success: by string, the number of the path that it is of
 *
 * Owner:  the caller, lc_shards_free and free.
 * Errors: LC_ERR_USAGE (too many; err->path says of which path), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shards_expand(const char *const *paths, size_t count,
                                              char ***out, size_t **from, size_t *total,
                                              struct lc_error *err);
void lc_shards_free(char **paths); /* NULL-safe */

/**
 * Add a file that is named, if it is a shard, or a tar with the name of one.
 *
 * @param is_one  set to whether it was added
 */
LC_MUST_CHECK enum lc_status lc_shards_add(struct lc_dataset *dataset, const char *path,
                                           bool *is_one, struct lc_error *err);

/**
 * Add the shards of a folder, or of the folders in it: tar files, one of which has
 * samples. Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shards_add_folder(struct lc_dataset *dataset,
                                                  const char *folder,
                                                  struct lc_error *err);

/** Fail if two shards have names with which images of both would have one path:
 * "a.tar!b.tar" beside "a.tar". Errors: LC_ERR_USAGE, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_shards_check_names(const struct lc_dataset *dataset,
                                                   struct lc_error *err);

/** Note what the indexes of Energon say of the shards: how many samples they have, by
 * .nv-meta in the data folder and a .tar.idx beside each, and which parts of split.yaml
 * have them. Errors: LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_shards_count(struct lc_dataset *dataset,
                                             struct lc_error *err);

#endif
