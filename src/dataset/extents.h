/* extents.h - the byte ranges of a sample's members in a shard, for copying them */
#ifndef LC_DATASET_EXTENTS_H
#define LC_DATASET_EXTENTS_H

#include "dataset/shard.h"

/** Bytes of an uncompressed tar: members with their headers and padding. */
struct lc_extent {
    uint64_t from, to; /* past the end of the file if it is cut off */
};

/** Note the byte ranges of members, starting with the next sample. */
void lc_shard_want_extents(struct lc_shard *shard);

/** The byte ranges of the last sample's members, in order; adjacent members share an
 * extent. Lives until the next sample is read. */
const struct lc_extent *lc_shard_extents(const struct lc_shard *shard, size_t *count);

/** What is known of the archive so far. Lives until the next call with the shard. */
const struct lc_archive_end *lc_shard_archive(struct lc_shard *shard);

/** The kinds of damage that the shard has, as in lc_archive_faults. */
unsigned lc_shard_faults(const struct lc_shard *shard);

#endif
