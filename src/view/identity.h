/* identity.h - what a finding is known by when other rows come or go */
#ifndef LC_VIEW_IDENTITY_H
#define LC_VIEW_IDENTITY_H

#include "base/buffer.h"
#include "base/hash.h"
#include "index/index.h"

/**
 * Hash what stays the same about a finding: its rule, and the row (by its id, else by
 * what it holds), the image (by its path) or the id that it is about.
 *
 * @param room  what the hash is of; its memory is used again
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_identity_of(const struct lc_index *index,
                                            const struct lc_finding_record *finding,
                                            struct lc_buffer *room, struct lc_hash *out,
                                            struct lc_error *err);

#endif
