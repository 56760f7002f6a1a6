/* sample_names.h - what the names of a shard's members say: the key of their sample, and
 * what they are of it */
#ifndef LC_DATASET_SAMPLE_NAMES_H
#define LC_DATASET_SAMPLE_NAMES_H

#include "archive/archive.h"

/** What a member is of its sample. */
enum lc_sample_part {
    LC_SHARD_OTHER,
    LC_SHARD_IMAGE,
    LC_SHARD_ROW,     /* JSON */
    LC_SHARD_CAPTION, /* a text that describes the image */
};

/** Split the name of a member into key and suffix. False: it belongs to no sample, as it
 * has no suffix, begins with a dot, or is metadata (__x__). Source: webdataset 1.0.2
 * tariterators.py, base_plus_ext, tar_file_iterator. */
bool lc_shard_split(struct lc_span name, struct lc_span *key, struct lc_span *suffix);

/** What a suffix says, in any case. Of "1.jpg" the part after the last dot counts. */
enum lc_sample_part lc_shard_part(struct lc_span suffix);

/** Whether a member is an image of its sample. */
bool lc_shard_is_image(const struct lc_member *member);

/** Whether the first part of a name is that of metadata: "__x__". */
bool lc_sample_is_metadata(struct lc_span name);

/** What follows the last dot of a suffix: "jpg" of "1.jpg". */
struct lc_span lc_sample_last_suffix(struct lc_span suffix);

#endif
