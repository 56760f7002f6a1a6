/* digest.h - SHA-256 digests, MACs under a secret key (HMAC-SHA-256), and the checksums
 * of large files
 *
 * XXH3 (hash.h) distinguishes files that differ by accident, but anyone can construct two
 * files with the same XXH3. The digests and MACs are for data that an attacker may have
 * written.
 */
#ifndef LC_BASE_DIGEST_H
#define LC_BASE_DIGEST_H

#include "base/error.h"
#include "base/hash.h"

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

/** Checksums of the first bytes of a file. */
struct lc_file_sums {
    bool is_whole;       /* the file has that many bytes; the sums are valid only then */
    struct lc_hash hash; /* finds damage */
    struct lc_digest tags; /* finds forgery, if it cannot be forged itself */
};

/**
 * Compute the checksums of the first bytes of a file. They are made of those of each
 * piece of LC_DIGEST_PIECE bytes, so that several threads can share the work.
 *
 * The hash is XXH3-128 of the size (u64, big-endian) and of the XXH3-128 of each piece.
 * The tags are the SHA-256 of the GMAC of each piece: AES-256-GCM without a plaintext,
 * with the piece as additional data and its number (96 bits, big-endian) as nonce. On
 * processors with carry-less multiplication, GMAC is several times as fast as SHA-256.
 *
 * @param fd         read with pread; its position is neither used nor changed
 * @param with_hash  whether the hash is wanted
 * @param key        for the tags; NULL: they are not wanted. It must be used for one file
 *                   only: GMAC is not secure when a nonce is used twice
 *
 * Memory:  a read buffer for each of at most 4 threads, 32 bytes for each piece.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Source:  NIST SP 800-38D (GMAC), by nettle.
 */
LC_MUST_CHECK enum lc_status lc_sum_file(int fd, uint64_t size, bool with_hash,
                                         const struct lc_key *key,
                                         struct lc_file_sums *out, struct lc_error *err);

#define LC_DIGEST_PIECE ((size_t)1 << 20)

#endif
