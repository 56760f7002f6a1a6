/* seal.h - a checksum at the end of a finished index: LMDB itself checks nothing */
#ifndef LC_INDEX_SEAL_H
#define LC_INDEX_SEAL_H

#include "base/error.h"

#include <stdbool.h>

/**
 * Append the checksum of all that a file holds, and put it on the disk.
 *
 * LMDB goes by its pages' numbers, so bytes behind the last one do not concern it.
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_seal_add(const char *file, struct lc_error *err);

/**
 * Whether a file ends with the checksum of what is before it.
 *
 * Reading an index that is damaged inside may end the process: LMDB trusts its pages.
 * Reads the whole file, in pieces.
 *
 * @param out  set on success
 *
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY: it could not be read.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_seal_holds(const char *file, bool *out,
                                           struct lc_error *err);

#endif
