/* depth.h - how many files a stage reads at once
 *
 * To hide the latency of slow storage, more threads read files than there are processors.
 * Each thread of a stage reads a file, then works on it while holding one of a fixed
 * number of slots, one for each worker. So reading never waits for the work, and the
 * number of threads that compete for processors and memory does not grow.
 *
 * The number of threads is found by measuring. Their number doubles while reading blocks
 * threads, slots are free, and the last doubling made the stage faster. Files that come
 * from the page cache do not block: then one thread per slot is enough.
 */
#ifndef LC_SCAN_COMMON_DEPTH_H
#define LC_SCAN_COMMON_DEPTH_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The most files that may be asked for at once. */
#define LC_DEPTH_MAX 512

struct lc_depth;

/** What a thread measures about its reads; each thread has its own, all zero at first. */
struct lc_depth_read {
    bool was_fast;  /* the previous read was immediate: do not measure this one */
    bool is_exact;  /* cpu_ns and switches are set */
    bool was_held;  /* waited for memory: the time does not count */
    int64_t cpu_ns; /* CPU time of the thread when the read began */
    long switches;  /* number of times it had blocked by then */
    int64_t began_ns;
};

/**
 * @param workers   slots, at least 1
 * @param at_once   files that are read at once, at most LC_DEPTH_MAX; 0: measured
 * @param memory    bytes of files that are held at once
 *
 * Owner:   the caller, lc_depth_free when its threads have ended.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_depth_new(unsigned workers, unsigned at_once,
                                          uint64_t memory, struct lc_depth **out,
                                          struct lc_error *err);
void lc_depth_free(struct lc_depth *depth);

/* ---- reading: any thread of the stage, with a struct lc_depth_read of its own */

/** Begin to read one or more files; wait while at_once files are being read. */
void lc_depth_begin(struct lc_depth *depth, struct lc_depth_read *read);

/** End the read that lc_depth_begin began, after bytes were read. */
void lc_depth_end(struct lc_depth *depth, struct lc_depth_read *read, uint64_t bytes);

/**
 * Reserve memory for the bytes of the file that is being read. Waits while other files
 * use up the memory; a file that is larger than all of it is read alone.
 *
 * A thread has one reservation at a time, and makes it before it gets a slot.
 *
 * @return the amount to release when the bytes are no longer needed; 0 while there are no
 *         more threads than workers, because the caller's own limit per file then
 *         suffices
 */
uint64_t lc_depth_reserve(struct lc_depth *depth, struct lc_depth_read *read,
                          uint64_t bytes);
void lc_depth_release(struct lc_depth *depth, uint64_t bytes);

/** The size of a buffer that a thread may keep for its next file. */
size_t lc_depth_kept_bytes(const struct lc_depth *depth);

/* ---- working */

/**
 * Get a slot: no two threads have the same one. Waits while all are used.
 *
 * @param preferred  the slot the thread had last: whatever is kept by slot is then more
 *                   likely to be in its processor's cache
 * @return its number, less than the number of workers
 */
unsigned lc_depth_enter(struct lc_depth *depth, unsigned preferred);
void lc_depth_leave(struct lc_depth *depth, unsigned slot);

/* ---- for the pipeline: the number of threads */

/** The most threads that will be asked for. */
unsigned lc_depth_most(const struct lc_depth *depth);

/** The number of threads that are useful now. Any thread. */
unsigned lc_depth_wanted(const struct lc_depth *depth);

/** The largest number of threads that were useful. */
unsigned lc_depth_peak(struct lc_depth *depth);

/** Wait until a thread, by its number from 0, is useful; false after lc_depth_close. */
bool lc_depth_admit(struct lc_depth *depth, unsigned thread);

/** Release all waiting threads, so that they end: the stage is over. */
void lc_depth_close(struct lc_depth *depth);

#endif
