/* identity.h - the fingerprint of a finding
 *
 * A baseline recognises a finding by its fingerprint, so the fingerprint must not change
 * when other rows are added, removed or reordered: it contains no row numbers, lines or
 * offsets. It is the hash of
 *
 *   the rule's code, and
 *   row    the rows file's name, the turn, and the row's id. For a row without an id: the
 *          message and the row's content
 *   image  its path
 *   set    the id; if there is none, the message up to its first ": ". That part names
 *          the subject, such as a folder, and omits counts that vary
 *
 * If the message is hashed, rewording it changes the fingerprint.
 */
#ifndef LC_VIEW_IDENTITY_H
#define LC_VIEW_IDENTITY_H

#include "base/buffer.h"
#include "base/hash.h"
#include "index/index.h"

/**
 * Compute the fingerprint of a finding.
 *
 * @param scratch  overwritten with the bytes to hash; reused between calls
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_identity_of(const struct lc_index *index,
                                            const struct lc_finding_record *finding,
                                            struct lc_buffer *scratch,
                                            struct lc_hash *out, struct lc_error *err);

#endif
