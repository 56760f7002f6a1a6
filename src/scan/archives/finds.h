/* finds.h - the images of shards that were read ahead of the rows, until their numbers
 * are known; private to src/scan/archives */
#ifndef LC_SCAN_ARCHIVES_FINDS_H
#define LC_SCAN_ARCHIVES_FINDS_H

#include "scan/archives/internal.h"
#include "scan/common/spool.h"

/** An image of a shard. */
struct lc_find {
    struct lc_image_record record; /* with its path, archive and offset */
    enum lc_read_result result;
    enum lc_unread_reason reason;
    bool is_new; /* this run has read it */
};

/** Images in the order in which they were added. */
struct lc_finds {
    struct lc_spool spool;
    struct lc_buffer block; /* finds that are in no block yet */
    struct lc_spooled *blocks;
    size_t block_count, block_capacity;
};

/** Make an empty list. @param folder  for a temporary file, as in lc_index_scratch.
 * Owner: the caller, lc_finds_free. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_finds_new(const char *folder, struct lc_finds **out,
                                          struct lc_error *err);
void lc_finds_free(struct lc_finds *finds); /* NULL-safe */

/** Add an image; its texts are copied. Errors: LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status
lc_finds_add(struct lc_finds *finds, const struct lc_find *find, struct lc_error *err);

/** Called for each image, which lives until the call returns. Any result but LC_OK ends
 * the walk, which returns it. */
typedef enum lc_status lc_find_fn(void *user, const struct lc_find *find,
                                  struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_finds_each(struct lc_finds *finds, lc_find_fn *each,
                                           void *user, struct lc_error *err);

#endif
