/* seen.h - counts how often each identity was listed; private to src/report
 *
 * Findings can share an identity, but their fingerprints must differ: the second gets the
 * ordinal 2, and so on. The order of findings is fixed, hence so are the ordinals.
 *
 * An open-addressing table, at most half full. It never grows: the plan knows the number
 * of entries in advance.
 */
#ifndef LC_REPORT_MODEL_SEEN_H
#define LC_REPORT_MODEL_SEEN_H

#include "base/error.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

/** Counts of the identities that were listed. */
struct lc_seen;

/**
 * Allocate a table for at most `most` identities.
 *
 * Owner:  the caller, lc_seen_free. Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_seen_new(size_t most, struct lc_seen **out,
                                         struct lc_error *err);
void lc_seen_free(struct lc_seen *seen); /* NULL-safe */

/** Count one more occurrence of an identity. Returns the number so far. */
uint32_t lc_seen_count(struct lc_seen *seen, const struct lc_hash *identity);

#endif
