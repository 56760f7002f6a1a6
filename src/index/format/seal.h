/* seal.h - the trailer of a finished index: checksums of its pages, and a signature;
 * private to src/index
 *
 * The seal follows LMDB's last page: magic, a hash of all bytes before it, a random salt,
 * tags of these bytes under a key made of the user's key and the salt, and a MAC of
 * everything before it in the seal, under the user's key (docs/index-format.md).
 *
 * The hash detects damage, and nothing more: it is not secret, so whoever forges an index
 * can compute it. The MAC proves who wrote the seal, because the key never leaves the
 * user's machine, and so the tags prove who wrote the pages. A run reuses results only if
 * both match (format/key.h).
 *
 * Neither makes an index safe to read. The file may be forged with a valid hash, or
 * change after it was checked, so pages.h checks every number that it follows.
 *
 * Cost: each opening reads the file once, sequentially, and makes one pass of GMAC over
 *       it if the index is ours, otherwise of XXH3.
 */
#ifndef LC_INDEX_FORMAT_SEAL_H
#define LC_INDEX_FORMAT_SEAL_H

#include "base/digest.h"

/** Size of a seal in bytes. */
enum { LC_SEAL_SIZE = 104 };

/** The result of checking a seal. */
enum lc_seal {
    LC_SEAL_BROKEN,  /* missing, or its checksums do not match the file */
    LC_SEAL_FOREIGN, /* intact, but signed with another key or not at all */
    LC_SEAL_OURS,    /* intact, and signed with this key */
};

/**
 * Append a seal to a file and sync the file.
 *
 * LMDB ignores the seal: it reads no byte past the last page that its header names.
 *
 * @param fd   open for reading and writing
 * @param key  NULL: the index will not be signed
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_seal_add(int fd, const struct lc_key *key,
                                         struct lc_error *err);

/**
 * Check the seal of a file, which reads all of it.
 *
 * @param key   NULL: the result is never LC_SEAL_OURS
 * @param out   set on success
 * @param size  set to the number of bytes before the seal, unless that is broken
 *
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_seal_check(int fd, const struct lc_key *key,
                                           enum lc_seal *out, uint64_t *size,
                                           struct lc_error *err);

#endif
