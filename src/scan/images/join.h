/* join.h - the images stage of a merge: takes images from the indexes of parts
 *
 * Each image was verified by the part that its path belongs to. The images of every
 * index, and of the merge, are in the order of their paths: each index is read once, from
 * its first image to its last. */
#ifndef LC_SCAN_IMAGES_JOIN_H
#define LC_SCAN_IMAGES_JOIN_H

#include "scan/common/run.h"
#include "scan/common/stages.h"
#include "scan/images/images.h"

struct lc_join_input {
    const struct lc_links *links;
    struct lc_archived_images archived; /* the images in archives */
    /* for shards: returns the index with an image, which a part verified together with
     * the shard; NULL: no index has it. NULL: images are divided by their paths */
    const struct lc_index *(*index_of)(const void *user, struct lc_span path);

    const struct lc_index *const *indexes;
    size_t index_count;
    uint32_t part_count;     /* parts of the data set */
    const uint32_t *sources; /* by part, from 0: its index, or LC_NO_SOURCE */
};

/**
 * Store the images with their findings, and the first part's findings about unused
 * images.
 *
 * @param faulty  as of lc_images_check
 *
 * Errors: LC_ERR_INDEX (an index does not contain an image of its part), LC_ERR_MEMORY,
 *         LC_ERR_IO, LC_ERR_STOPPED.
 */
LC_MUST_CHECK enum lc_status lc_images_join(struct lc_run *run,
                                            const struct lc_join_input *input,
                                            uint8_t *faulty, struct lc_error *err);

#endif
