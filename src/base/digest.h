/* digest.h - SHA-256 digests, MACs under a secret key (HMAC-SHA-256), and checksums of
 * large files
 *
 * XXH3 (hash.h) distinguishes files that differ by accident, but anyone can construct two
 * files with the same XXH3. Use digests and MACs for data that an attacker may have
 * written. */
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
 * Compute the HMAC-SHA-256 of a label, a digest, and some bytes, one after the other.
 *
 * @param label  purpose of the MAC, so that a MAC made for another purpose is not
 *               accepted
 * @param chain  the previous MAC in a chain; NULL stands for 32 bytes of zeros
 *
 * Threads: any.
 * Source:  RFC 2104, by nettle.
 */
struct lc_digest lc_mac(const struct lc_key *key, const char *label,
                        const struct lc_digest *chain, const void *data, size_t size);

/** Compare the first size bytes of two digests for equality, in constant time. */
bool lc_digest_equal(const struct lc_digest *a, const void *b, size_t size);

/** Checksums of the first bytes of a file. */
struct lc_file_sums {
    bool is_whole;       /* the file has at least that many bytes; otherwise the sums are
                            not valid */
    struct lc_hash hash; /* detects damage */
    struct lc_digest tags; /* detects forgery, unless the tags themselves can be forged */
};

/**
 * Compute the checksums of the first bytes of a file. They are built from checksums of
 * pieces of LC_DIGEST_PIECE bytes, so that several threads can share the work.
 *
 * The hash is XXH3-128 of the size (u64, big-endian) and of the XXH3-128 of each piece.
 * The tags are the SHA-256 of the GMAC of each piece: AES-256-GCM without a plaintext,
 * with the piece as additional data and its number (96 bits, big-endian) as nonce. On
 * processors with carry-less multiplication, GMAC is several times as fast as SHA-256.
 *
 * @param fd         read with pread; its position is neither used nor changed
 * @param with_hash  whether to compute the hash
 * @param key        for the tags; NULL: do not compute them. Use a key for one file only:
 *                   GMAC is not secure if a nonce is used twice
 *
 * Memory: a read buffer for each of at most 4 threads, and 32 bytes per piece.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Source:  NIST SP 800-38D (GMAC), by nettle.
 */
LC_MUST_CHECK enum lc_status lc_sum_file(int fd, uint64_t size, bool with_hash,
                                         const struct lc_key *key,
                                         struct lc_file_sums *out, struct lc_error *err);

#define LC_DIGEST_PIECE ((size_t)1 << 20)

#endif
