/* key.h - the user's secret key, which distinguishes the user's own indexes from others
 *
 * The key is derived from the variable LLAVA_CHECK_KEY, for CI. Without it, the key is 32
 * random bytes in the file $XDG_STATE_HOME/llava-check/key (~/.local/state if that
 * variable is not set), created at first use with mode 0600. It is never written into an
 * index, a report or a message.
 *
 * What is trusted when (docs/index-format.md, "Whose index it is"):
 *
 *     index folder             its results are reused if
 *     not named by the user    it is signed with the user's key, and its fingerprint of
 *                              the decoders includes the folder's present location
 *     named with --index       it is undamaged (CI restores caches that way); with
 *                              LLAVA_CHECK_KEY, it must be signed with that key, too
 *
 * Why the signature alone is not enough: somebody could copy a signed index of the same
 * user, made for other data, next to this data. Its location would no longer match.
 * Commands that only read an index accept an unsigned one, but say that it may have come
 * with the data.
 */
#ifndef LC_INDEX_FORMAT_KEY_H
#define LC_INDEX_FORMAT_KEY_H

#include "base/digest.h"

#include <stdbool.h>

/** A key, or the reason why there is none. */
struct lc_key_found {
    struct lc_key key;
    bool exists;
    bool is_from_environment; /* LLAVA_CHECK_KEY */
    char reason[160];         /* why there is no key, one line; empty if it exists */
};

/**
 * Find the user's key.
 *
 * A key file is refused if it is a link, belongs to another user, or is readable by
 * others: somebody else may know its content.
 *
 * @param create  create a key file if there is none
 * @param out     set on success, also if there is no key
 *
 * Errors:  LC_ERR_USAGE (LLAVA_CHECK_KEY is too short to be a secret), LC_ERR_MEMORY.
 * Threads: any; it reads the environment.
 */
LC_MUST_CHECK enum lc_status lc_key_find(bool create, struct lc_key_found *out,
                                         struct lc_error *err);

/** Which results of earlier runs a run trusts, and the key that it signs its own results
 * with. */
struct lc_trust {
    struct lc_key_found found;
    bool needs_key; /* trust only results that are signed with this key */
};

/** The key to sign with; NULL if there is none. */
static inline const struct lc_key *lc_trust_key(const struct lc_trust *trust)
{
    return trust->found.exists ? &trust->found.key : NULL;
}

/**
 * Decide which results a run trusts: the table at the top of this file.
 *
 * @param is_named  the user named the folder
 *
 * Errors: as lc_key_find.
 */
LC_MUST_CHECK enum lc_status lc_trust_decide(bool is_named, struct lc_trust *out,
                                             struct lc_error *err);

#endif
