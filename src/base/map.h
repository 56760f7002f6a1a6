/* map.h - a whole file mapped into memory */
#ifndef LC_BASE_MAP_H
#define LC_BASE_MAP_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/** Number of bytes past the end of a mapped file that may be read; they are zero. */
#define LC_MAP_PADDING 64

/** A mapped file, and its file system metadata when it was mapped. */
struct lc_map {
    const char *data; /* never NULL once mapped; LC_MAP_PADDING bytes follow */
    size_t size;      /* bytes */
    int64_t mtime_ns; /* as from lc_clock_ns */
    int64_t ctime_ns; /* likewise; last change of the inode */
    uint64_t inode;
    uint64_t device;
    void *base;    /* private */
    size_t length; /* private */
};

/**
 * Map a regular file for reading.
 *
 * @param out  set on success
 *
 * Owner:   the caller, until lc_map_close; meanwhile the file may be renamed or removed.
 * Errors:  LC_ERR_IO (with the reason), LC_ERR_USAGE if it is not a regular file (never
 *          blocks on a FIFO), LC_ERR_MEMORY.
 * Threads: any number of threads may read the bytes.
 */
LC_MUST_CHECK enum lc_status lc_map_open(const char *path, struct lc_map *out,
                                         struct lc_error *err);

/**
 * Get the metadata of a regular file and check that it can be opened, without mapping it:
 * data is NULL.
 *
 * Errors:  as from lc_map_open.
 */
LC_MUST_CHECK enum lc_status lc_map_probe(const char *path, struct lc_map *out,
                                          struct lc_error *err);

/** Unmap; NULL-safe, and safe on a zeroed map. */
void lc_map_close(struct lc_map *map);

/**
 * Read the next bytes into memory at once, instead of page by page as they are accessed.
 *
 * @param from  offset returned by the last call, or 0
 * @param at    offset that will be read next
 * @return the offset to pass as from in the next call
 */
size_t lc_map_prefetch(const struct lc_map *map, size_t from, size_t at);

/**
 * Release the pages before an offset, so that they no longer count as this process's
 * memory. They can still be read, and are then loaded from the file again.
 *
 * @param map   if it is from lc_map_probe, nothing is done
 * @param from  offset returned by an earlier call, or 0
 * @param to    offset; may be past the end of the file
 * @return the offset to pass as from in the next call
 */
size_t lc_map_drop(const struct lc_map *map, size_t from, size_t to);

#endif
