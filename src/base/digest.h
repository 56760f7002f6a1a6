/* digest.h - SHA-256 digests, and MACs under a secret key (HMAC-SHA-256)
 *
 * XXH3 (hash.h) distinguishes files that differ by accident, but anyone can construct two
 * files with the same XXH3. These functions are for data that an attacker may have
 * written.
 */
#ifndef LC_BASE_DIGEST_H
#define LC_BASE_DIGEST_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lc_digest {
    uint8_t bytes[32];
};

/** A secret key. */
struct lc_key {
    uint8_t bytes[32];
};

/** SHA-256 of some bytes. Threads: any. Source: FIPS 180-4, by nettle. */
struct lc_digest lc_digest_bytes(const void *data, size_t size);

/**
 * HMAC-SHA-256 of a label, a digest, and some bytes, one after the other.
 *
 * @param label  the purpose of the MAC, so that one made for another purpose is not
 * accepted
 * @param chain  the MAC before this one in a chain, or NULL: 32 bytes of zeros
 *
 * Threads: any.
 * Source:  RFC 2104, by nettle.
 */
struct lc_digest lc_mac(const struct lc_key *key, const char *label,
                        const struct lc_digest *chain, const void *data, size_t size);

/** Whether the first size bytes of two digests are equal, in constant time. */
bool lc_digest_equal(const struct lc_digest *a, const void *b, size_t size);

/**
 * The digest of the first bytes of a file: SHA-256 of its size and of the SHA-256 of each
 * piece of LC_DIGEST_PIECE bytes, so that several threads can share the work.
 *
 * @param fd     read with pread; its position is neither used nor changed
 * @param whole  set to whether the file has at least size bytes; *out is valid only then
 *
 * Memory:  a read buffer for each of at most 4 threads, 32 bytes for each piece.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_digest_file(int fd, uint64_t size, bool *whole,
                                            struct lc_digest *out, struct lc_error *err);

#define LC_DIGEST_PIECE ((size_t)1 << 20)

#endif
