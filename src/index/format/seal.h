/* seal.h - what ends a finished index: a digest of its pages, and who wrote it; private
 * to src/index
 *
 * The digest detects damage. It is no secret: whoever forges an index can seal it, too.
 * The MAC over the digest, under a key that never leaves the user's machine, says that
 * the index was written with that key. docs/index-format.md has the bytes.
 */
#ifndef LC_INDEX_FORMAT_SEAL_H
#define LC_INDEX_FORMAT_SEAL_H

#include "base/digest.h"

/** What the end of a file says of the rest. */
enum lc_seal {
    LC_SEAL_BROKEN,  /* there is none, or the bytes before it are not those it was made of
                      */
    LC_SEAL_FOREIGN, /* whole, but written without a key, or with another one */
    LC_SEAL_OURS,    /* whole, and written with this key */
};

/**
 * Append a seal to a file, and put it on the disk.
 *
 * LMDB goes by the number of its last page: bytes after that do not concern it.
 *
 * @param fd   open for reading and writing
 * @param key  NULL: the index will be foreign everywhere
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_seal_add(int fd, const struct lc_key *key,
                                         struct lc_error *err);

/**
 * Check the seal of a file. Reads all of it.
 *
 * @param key   NULL: none; no file is ours
 * @param out   set on success
 * @param size  set to the bytes before the seal, unless that is broken
 *
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY: it could not be read.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_seal_check(int fd, const struct lc_key *key,
                                           enum lc_seal *out, uint64_t *size,
                                           struct lc_error *err);

#endif
