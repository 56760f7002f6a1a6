/* shard_paths.h - the paths of a shard's images: "a.tar!b/1.jpg"
 *
 * A path is a name for reports and for the index, and is never opened. Several members of
 * a shard may have the same name, or names for the same path ("a" and "./a"). From the
 * second one on, a number distinguishes them: "a.tar!1.jpg#2". No other image can have
 * such a path, because the name of an image ends with a suffix of letters. */
#ifndef LC_DATASET_SHARD_PATHS_H
#define LC_DATASET_SHARD_PATHS_H

#include "base/buffer.h"
#include "llava_check/types.h"

#include <stdint.h>

/** The paths of a shard's images so far. All zero: none. */
struct lc_shard_paths {
    uint64_t *hashes; /* of paths without their numbers; 0: the slot is free */
    uint32_t *times;  /* by slot: number of times that its path occurred; NULL: none
                       * occurred twice */
    size_t count, capacity;
};

/**
 * Append the path of an image (lc_shard_is_image).
 *
 * @param paths  the paths so far; images must be added in the shard's order, beginning
 *               with its first image
 * @param shard  the shard's name in lc_rows_file
 * @param name   the member's name
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shard_paths_add(struct lc_shard_paths *paths,
                                                const char *shard, struct lc_span name,
                                                struct lc_buffer *out,
                                                struct lc_error *err);
void lc_shard_paths_clear(struct lc_shard_paths *paths);

/** Append the beginning of all paths of a shard: "a.tar!". Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status
lc_shard_paths_prefix(const char *shard, struct lc_buffer *out, struct lc_error *err);

/** A path without its number. */
struct lc_span lc_shard_path_unnumbered(struct lc_span path);

#endif
