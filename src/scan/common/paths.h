/* paths.h - the distinct image paths of a data set, numbered */
#ifndef LC_SCAN_COMMON_PATHS_H
#define LC_SCAN_COMMON_PATHS_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lc_path_entry {
    uint64_t hash;  /* the first 8 bytes of its XXH3-128 */
    uint64_t start; /* offset in the text of all paths */
    uint32_t size;  /* bytes */
};

/** A set of paths, numbered in order of first appearance. All zero is empty. */
struct lc_paths {
    struct lc_path_entry *entries;
    size_t count;
    size_t capacity;
    struct lc_buffer text; /* all paths, each terminated by NUL */
    uint32_t *slots;       /* hash table of entry numbers + 1; 0 is free */
    size_t slot_count;     /* a power of two */
};

/**
 * Get the number of a path; add it if it is new.
 *
 * @param hash  of the path
 * @param out   set to its number
 *
 * Errors:  LC_ERR_MEMORY; LC_ERR_USAGE beyond 2^32 - 2 distinct paths.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_paths_add(struct lc_paths *paths, struct lc_span path,
                                          const struct lc_hash *hash, uint32_t *out,
                                          struct lc_error *err);

/**
 * Prefetch what lc_paths_add will read for a path.
 *
 * A lookup reads a slot, then the entry it names, then that entry's text. Call this for a
 * batch of paths with step 0 (slots), then for all of them with step 1 (entries), then
 * with step 2 (texts): the cache misses of a batch then overlap.
 */
void lc_paths_prefetch(const struct lc_paths *paths, const struct lc_hash *hash,
                       int step);

/** Whether the set contains a path; hash is the path's. */
bool lc_paths_has(const struct lc_paths *paths, struct lc_span path,
                  const struct lc_hash *hash);

/** The path with a number; ends with NUL; valid until the next lc_paths_add. */
struct lc_span lc_paths_get(const struct lc_paths *paths, uint32_t number);

/**
 * Sort the paths by their bytes.
 *
 * @param order  set to the numbers of the paths in that order
 *
 * Owner:   the caller frees *order.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_paths_sort(const struct lc_paths *paths, uint32_t **order,
                                           struct lc_error *err);

void lc_paths_clear(struct lc_paths *paths);

#endif
