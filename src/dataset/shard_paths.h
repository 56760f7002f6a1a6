/* shard_paths.h - the paths of a shard's images: "a.tar!b/1.jpg"
 *
 * A path is a name for reports and for the index, and is never opened. Members of one
 * shard may have one name, or names that differ only in what a path may have twice ("a"
 * and "./a"): from the second one on, a number tells them apart, "a.tar!1.jpg#2". No
 * other image has such a path, as an image's name ends with a suffix of letters. */
#ifndef LC_DATASET_SHARD_PATHS_H
#define LC_DATASET_SHARD_PATHS_H

#include "base/buffer.h"
#include "llava_check/types.h"

#include <stdint.h>

/** The paths that the images of a shard have so far. All zero: none. */
struct lc_shard_paths {
    uint64_t *hashes; /* of paths without their numbers; 0: the slot is free */
    uint32_t *times;  /* by slot: how often its path came; NULL: no path came twice */
    size_t count, capacity;
};

/**
 * Append the path of an image (lc_shard_is_image).
 *
 * @param paths  of the shard; images must come in its order, from its first one on
 * @param shard  its name, as lc_rows_file has it
 * @param name   of the member
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shard_paths_add(struct lc_shard_paths *paths,
                                                const char *shard, struct lc_span name,
                                                struct lc_buffer *out,
                                                struct lc_error *err);
void lc_shard_paths_clear(struct lc_shard_paths *paths);

/** Append what all paths of a shard begin with: "a.tar!". Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status
lc_shard_paths_prefix(const char *shard, struct lc_buffer *out, struct lc_error *err);

/** A path without its number. */
struct lc_span lc_shard_path_unnumbered(struct lc_span path);

#endif
