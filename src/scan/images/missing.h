/* missing.h - the second look at images that are missing; private to src/scan */
#ifndef LC_SCAN_IMAGES_MISSING_H
#define LC_SCAN_IMAGES_MISSING_H

#include "scan/common/stages.h"
#include "store/nearest.h"

#include <pthread.h>

/** What the workers share: the image root's listing, made when it is first needed. */
struct lc_missing {
    const struct lc_links *links;
    const struct lc_folder *folder;
    pthread_mutex_t lock; /* of what follows */
    struct lc_listing *listing;
    enum lc_status status; /* of its making */
    struct lc_error error;
};

void lc_missing_begin(struct lc_missing *missing, const struct lc_links *links,
                      const struct lc_folder *folder);
void lc_missing_end(struct lc_missing *missing);

struct lc_missing_scratch; /* what one worker needs */

/** Errors: LC_ERR_MEMORY. Owner: the caller, lc_missing_scratch_free. */
LC_MUST_CHECK enum lc_status lc_missing_scratch_new(struct lc_missing *missing,
                                                    struct lc_missing_scratch **out,
                                                    struct lc_error *err);
void lc_missing_scratch_free(struct lc_missing_scratch *scratch);

/**
 * Say what is known of a missing image: the folder that is missing, with the images and
 * rows it concerns, and the file that is nearest.
 *
 * @param path  as the rows name it; within the root
 * @param out   set to a text that lives until the next call, or to NULL
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any, with a scratch of its own.
 */
LC_MUST_CHECK enum lc_status lc_missing_say(struct lc_missing_scratch *scratch,
                                            struct lc_span path, const char **out,
                                            struct lc_error *err);

#endif
