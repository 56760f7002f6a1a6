/* shards.h - finds the shards for a user's paths; private to src/dataset */
#ifndef LC_DATASET_SHARDS_H
#define LC_DATASET_SHARDS_H

#include "dataset/dataset.h"

/**
 * Expand paths with webdataset's notation for several shards: "a/{0000..0123}.tar",
 * "{a,b}/1.tar", "a.tar::b.tar".
 *
 * @param paths  the user's paths; a path that exists, or that does not name a tar, is
 *               kept
 * @param out    set on success: a NULL-terminated array of strings
 * @param from   set on success: by string, the number of the path from which it was
 *               expanded
 *
 * Owner:  the caller, lc_shards_free and free.
 * Errors: LC_ERR_USAGE (too many shards; err->path is set to the path), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shards_expand(const char *const *paths, size_t count,
                                              char ***out, size_t **from, size_t *total,
                                              struct lc_error *err);
void lc_shards_free(char **paths); /* NULL-safe */

/**
 * Add a file that the user named, if it is a shard, or a tar with the name of one.
 *
 * @param is_one  set to whether it was added
 */
LC_MUST_CHECK enum lc_status lc_shards_add(struct lc_dataset *dataset, const char *path,
                                           bool *is_one, struct lc_error *err);

/**
 * Add the shards of a folder or of its subfolders: all tar files, if one of them has
 * samples. Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shards_add_folder(struct lc_dataset *dataset,
                                                  const char *folder,
                                                  struct lc_error *err);

/** Fail if the names of two shards could give images of both the same path: "a.tar!b.tar"
 * beside "a.tar". Errors: LC_ERR_USAGE, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_shards_check_names(const struct lc_dataset *dataset,
                                                   struct lc_error *err);

/** Note what Energon's indexes say about the shards: the numbers of their samples, from
 * .nv-meta in the data folder and a .tar.idx beside each shard, and the parts of
 * split.yaml that contain them. Errors: LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_shards_count(struct lc_dataset *dataset,
                                             struct lc_error *err);

#endif
