/* hash.h - XXH3-128, the hash of contents, paths and ids */
#ifndef LC_BASE_HASH_H
#define LC_BASE_HASH_H

#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * Hash bytes in memory.
 *
 * @param data  may be NULL if size is 0
 * @param size  bytes
 *
 * Threads: any.
 * Source:  xxhash.h 0.8.1, XXH3_128bits(), XXH128_canonicalFromHash(); same as `xxhsum
 *          -H2`.
 */
struct lc_hash lc_hash_bytes(const void *data, size_t size);

/** Hashes bytes that arrive piece by piece. */
struct lc_hasher;

/**
 * Make a hasher that has seen no bytes.
 *
 * Owner:   the caller, until lc_hasher_free.
 * Threads: one thread at a time.
 * @return NULL if out of memory
 */
struct lc_hasher *lc_hasher_new(void);
void lc_hasher_free(struct lc_hasher *hasher);

/** Add the next bytes. */
void lc_hasher_update(struct lc_hasher *hasher, const void *data, size_t size);

/** Return the hash of all bytes since the hasher was made or last finished, and reset the
 * hasher. */
struct lc_hash lc_hasher_finish(struct lc_hasher *hasher);

/** Compute a hash of 64 bits (XXH3) for tables in memory; never store its value. */
uint64_t lc_hash_quick(const void *data, size_t size);

/** Compare hashes byte by byte: <0, 0 or >0, like memcmp. */
int lc_hash_compare(const struct lc_hash *a, const struct lc_hash *b);

/** Return the first 8 bytes as a number, for hash tables. */
static inline uint64_t lc_hash_short(const struct lc_hash *hash)
{
    uint64_t value;

    memcpy(&value, hash->bytes, sizeof(value));
    return value;
}

/** Write the hash as 32 lower-case hexadecimal digits and a NUL. */
void lc_hash_hex(const struct lc_hash *hash, char out[33]);

#endif
