/* spool.h - bytes that a later stage of the run reads again: in memory up to a limit,
 * beyond it in a temporary file */
#ifndef LC_SCAN_COMMON_SPOOL_H
#define LC_SCAN_COMMON_SPOOL_H

#include "base/buffer.h"

#include <pthread.h>
#include <stdint.h>

/** Bytes of a spool that are in memory. */
#define LC_SPOOL_BYTES ((size_t)16 << 20)

/** Blocks of bytes in the order in which they were added. */
struct lc_spool {
    const char *folder;      /* for the file, as in lc_index_scratch */
    pthread_mutex_t lock;    /* protects the rest while blocks are added */
    struct lc_buffer memory; /* the first blocks */
    int fd;                  /* the file, which has no name; -1: none yet */
    uint64_t in_file;        /* its size */
};

/** Where a block is. */
struct lc_spooled {
    uint64_t offset; /* in the memory; beyond it, after the memory's bytes in the file */
    size_t size;
};

/** Make an empty spool; end it with lc_spool_clear. */
void lc_spool_init(struct lc_spool *spool, const char *folder);
void lc_spool_clear(struct lc_spool *spool);

/**
 * Add a block.
 *
 * Errors:  LC_ERR_MEMORY; LC_ERR_IO if the file cannot be created or written.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_spool_add(struct lc_spool *spool, const void *data,
                                          size_t size, struct lc_spooled *out,
                                          struct lc_error *err);

/**
 * Read a block.
 *
 * @param out  replaced by the block
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO.
 * Threads: any, once all blocks are added.
 */
LC_MUST_CHECK enum lc_status lc_spool_read(const struct lc_spool *spool,
                                           const struct lc_spooled *block,
                                           struct lc_buffer *out, struct lc_error *err);

#endif
