/* seen.h - how often identities were listed; private to src/report */
#ifndef LC_REPORT_MODEL_SEEN_H
#define LC_REPORT_MODEL_SEEN_H

#include "base/error.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

/** Identities that were listed, and how often. */
struct lc_seen;

/**
 * Make room for so many identities.
 *
 * Owner:  the caller, lc_seen_free. Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_seen_new(size_t most, struct lc_seen **out,
                                         struct lc_error *err);
void lc_seen_free(struct lc_seen *seen); /* NULL-safe */

/** Count one more of an identity. Returns how many there are by now. */
uint32_t lc_seen_count(struct lc_seen *seen, const struct lc_hash *identity);

#endif
