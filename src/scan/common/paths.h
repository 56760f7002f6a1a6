/* paths.h - the different image paths of a data set, each once */
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
    uint64_t start; /* in the text of all paths */
    uint32_t size;  /* bytes */
};

/** A set of paths, numbered in the order in which they came. All zero is empty. */
struct lc_paths {
    struct lc_path_entry *entries;
    size_t count;
    size_t capacity;
    struct lc_buffer text; /* all paths, each ended by NUL */
    uint32_t *slots;       /* hash table of entry numbers + 1; 0 is free */
    size_t slot_count;     /* a power of two */
};

/**
 * Find a path, or add it.
 *
 * @param hash  of the path
 * @param out   its number
 *
 * Errors:  LC_ERR_MEMORY; LC_ERR_USAGE beyond 2^32 - 2 different paths.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_paths_add(struct lc_paths *paths, struct lc_span path,
                                          const struct lc_hash *hash, uint32_t *out,
                                          struct lc_error *err);

/**
 * Say that a path will be added, so that memory has what lc_paths_add looks at. To be
 * called for many paths with step 0, then for them with 1, and then with 2.
 */
void lc_paths_expect(const struct lc_paths *paths, const struct lc_hash *hash, int step);

/** Whether a path is among them; hash is the path's. */
bool lc_paths_has(const struct lc_paths *paths, struct lc_span path,
                  const struct lc_hash *hash);

/** The path of a number; ends with NUL; valid until the next is added. */
struct lc_span lc_paths_get(const struct lc_paths *paths, uint32_t number);

/**
 * Sort the paths by their bytes.
 *
 * @param order  set to an array of their numbers in that order
 *
 * Owner:   the caller frees *order.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_paths_sort(const struct lc_paths *paths, uint32_t **order,
                                           struct lc_error *err);

void lc_paths_clear(struct lc_paths *paths);

#endif
