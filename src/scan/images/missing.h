/* missing.h - describes missing images: the missing folder, a similar file; private to
 * src/scan */
#ifndef LC_SCAN_IMAGES_MISSING_H
#define LC_SCAN_IMAGES_MISSING_H

#include "scan/common/stages.h"
#include "store/nearest.h"

#include <pthread.h>

/** What the workers share: the listing of the image root, created when first needed. */
struct lc_missing {
    const struct lc_links *links;
    const struct lc_folder *folder;
    pthread_mutex_t lock; /* protects what follows */
    struct lc_listing *listing;
    enum lc_status status; /* of creating it */
    struct lc_error error;
};

void lc_missing_begin(struct lc_missing *missing, const struct lc_links *links,
                      const struct lc_folder *folder);
void lc_missing_end(struct lc_missing *missing);

struct lc_missing_scratch; /* the buffers of one worker */

/** Errors: LC_ERR_MEMORY. Owner: the caller, lc_missing_scratch_free. */
LC_MUST_CHECK enum lc_status lc_missing_scratch_new(struct lc_missing *missing,
                                                    struct lc_missing_scratch **out,
                                                    struct lc_error *err);
void lc_missing_scratch_free(struct lc_missing_scratch *scratch);

/**
 * Describe a missing image: if a whole folder is missing, the number of its images and of
 * the rows that name them; and an existing file with a similar path.
 *
 * @param path  as the rows name it; within the root
 * @param out   set to a text that lives until the next call, or to NULL
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any, with a scratch of its own.
 */
LC_MUST_CHECK enum lc_status lc_missing_describe(struct lc_missing_scratch *scratch,
                                                 struct lc_span path, const char **out,
                                                 struct lc_error *err);

#endif
