/* sample_names.h - the names of a shard's members: the key of their sample, and their
 * part in it */
#ifndef LC_DATASET_SAMPLE_NAMES_H
#define LC_DATASET_SAMPLE_NAMES_H

#include "archive/archive.h"

/** The part of a sample that a member is. */
enum lc_sample_part {
    LC_SHARD_OTHER,
    LC_SHARD_IMAGE,
    LC_SHARD_ROW,     /* JSON */
    LC_SHARD_CAPTION, /* a text that describes the image */
};

/** Split the name of a member into key and suffix. Returns false if it belongs to no
 * sample: it has no suffix, begins with a dot, or is metadata (__x__). Source: webdataset
 * 1.0.2 tariterators.py, base_plus_ext, tar_file_iterator. */
bool lc_shard_split(struct lc_span name, struct lc_span *key, struct lc_span *suffix);

/** The part with a suffix, ignoring case. In "1.jpg", only the text after the last dot
 * counts. */
enum lc_sample_part lc_shard_part(struct lc_span suffix);

/** Whether a member is an image of its sample. */
bool lc_shard_is_image(const struct lc_member *member);

/** Whether the first component of a name marks metadata: "__x__". */
bool lc_sample_is_metadata(struct lc_span name);

/** The text after the last dot of a suffix: "jpg" for "1.jpg". */
struct lc_span lc_sample_last_suffix(struct lc_span suffix);

#endif
