/* extents.h - where in a shard the members of a sample are, so that they can be copied */
#ifndef LC_DATASET_EXTENTS_H
#define LC_DATASET_EXTENTS_H

#include "dataset/shard.h"

/** Bytes of an uncompressed tar: members with their headers and what fills their last
 * blocks. */
struct lc_extent {
    uint64_t from, to; /* past the end of the file if it is cut */
};

/** Note where members are, from the next sample on. */
void lc_shard_want_extents(struct lc_shard *shard);

/** Where the members of the last sample are, in their order; those that follow each other
 * are one extent. Lives until the next one is read. */
const struct lc_extent *lc_shard_extents(const struct lc_shard *shard, size_t *count);

/** What is known of the archive so far. Lives until the next call with the shard. */
const struct lc_archive_end *lc_shard_archive(struct lc_shard *shard);

/** The kinds of damage that it has, as lc_archive_faults. */
unsigned lc_shard_faults(const struct lc_shard *shard);

#endif
