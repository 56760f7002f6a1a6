/* limits.h - how much memory the workers that read images share */
#ifndef LC_SCAN_IMAGES_LIMITS_H
#define LC_SCAN_IMAGES_LIMITS_H

#include <stdint.h>

/* Larger files are not training images; this excludes a sparse file of terabytes. */
#define LC_MAX_FILE_BYTES ((uint64_t)512 << 20)

/* Memory does not grow with the number of workers: each gets an equal share of these
 * budgets. An image that needs more than a share is processed again with the full limits,
 * under a lock: by one worker at a time. */
#define LC_SHARED_FILE_BYTES ((uint64_t)128 << 20)
#define LC_SHARED_MEMORY ((uint64_t)256 << 20)
#define LC_MAX_SHARERS 4 /* a share is at most a quarter, even with fewer workers */

/** The number of shares for a number of workers. */
static inline unsigned lc_sharers(unsigned workers)
{
    return workers > LC_MAX_SHARERS ? workers : LC_MAX_SHARERS;
}

#endif
