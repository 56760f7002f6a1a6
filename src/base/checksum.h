/* checksum.h - computes the checksums that other programs record, several in one pass
 *
 * MD5 and SHA-1 detect damage, but anyone who writes the data can defeat both. */
#ifndef LC_BASE_CHECKSUM_H
#define LC_BASE_CHECKSUM_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lc_checksum {
    LC_CHECKSUM_MD5,
    LC_CHECKSUM_SHA1,
    LC_CHECKSUM_SHA256,
    LC_CHECKSUM_SHA512,
    LC_CHECKSUM_GIT, /* SHA-1 of "blob", the size and the bytes: the name of a git blob */
    LC_CHECKSUM_XXH3,
    LC_CHECKSUM_COUNT
};

#define LC_CHECKSUM_MAX 64 /* bytes of the longest one */

/** Return the size of a checksum in bytes. */
size_t lc_checksum_size(enum lc_checksum kind);

/** Return the name of a checksum, e.g. "SHA-256"; static. */
const char *lc_checksum_name(enum lc_checksum kind);

/**
 * Read a checksum from hexadecimal digits in either case.
 *
 * @param out  filled with one byte for every two digits
 * @return whether the text consists of 2 to 2 * LC_CHECKSUM_MAX digits, an even number
 */
bool lc_checksum_read(struct lc_span text, uint8_t out[LC_CHECKSUM_MAX]);

/** Computes checksums of bytes that arrive piece by piece. */
struct lc_checksums;

/**
 * Owner:   the caller, who calls lc_checksums_free.
 * Threads: one at a time.
 * @return NULL if out of memory
 */
struct lc_checksums *lc_checksums_new(void);
void lc_checksums_free(struct lc_checksums *sums); /* NULL-safe */

/**
 * Start over, with no bytes.
 *
 * @param kinds  a bit (1 << enum lc_checksum) for each checksum to compute
 * @param size   number of bytes that will follow; only used by LC_CHECKSUM_GIT
 */
void lc_checksums_begin(struct lc_checksums *sums, unsigned kinds, uint64_t size);

/** Add the next bytes. */
void lc_checksums_update(struct lc_checksums *sums, const void *data, size_t size);

/** Finish all checksums. From now on until the next begin, lc_checksums_get returns
 * them. */
void lc_checksums_end(struct lc_checksums *sums);

/** Return the bytes of a checksum that was requested. */
const uint8_t *lc_checksums_get(const struct lc_checksums *sums, enum lc_checksum kind);

/** Write size bytes as lower-case hexadecimal digits, and a NUL. */
void lc_checksum_hex(const uint8_t *bytes, size_t size, char *out);

#endif
