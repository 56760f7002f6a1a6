/* key.h - the user's secret key, which tells indexes written here from others
 *
 * It is the variable LLAVA_CHECK_KEY, for CI, or else 32 random bytes in the file
 * $XDG_STATE_HOME/llava-check/key (~/.local/state when the variable is not set), made at
 * first use with mode 0600. It never goes into an index, a report or a message.
 */
#ifndef LC_INDEX_FORMAT_KEY_H
#define LC_INDEX_FORMAT_KEY_H

#include "base/digest.h"

#include <stdbool.h>

/** A key, or why there is none. */
struct lc_key_found {
    struct lc_key key;
    bool exists;
    bool is_from_environment; /* LLAVA_CHECK_KEY */
    char why_not[160];        /* one line, for people; empty when it exists */
};

/**
 * Find the user's key.
 *
 * A key file is refused when it is a link, is not this user's, or others can read it:
 * somebody else may know what is in it.
 *
 * @param create  make it when there is none
 * @param out     set on success, also when there is no key
 *
 * Errors:  LC_ERR_USAGE (LLAVA_CHECK_KEY is too short to be a secret), LC_ERR_MEMORY.
 * Threads: any; it reads the environment.
 */
LC_MUST_CHECK enum lc_status lc_key_find(bool create, struct lc_key_found *out,
                                         struct lc_error *err);

/** Which results of earlier runs a run believes, and what it signs its own with. */
struct lc_trust {
    struct lc_key_found found;
    bool needs_key; /* only what was signed with this key; else whatever is undamaged */
};

/** The key to sign with; NULL when there is none. */
static inline const struct lc_key *lc_trust_key(const struct lc_trust *trust)
{
    return trust->found.exists ? &trust->found.key : NULL;
}

/**
 * Decide whom to believe. An index folder in or beside the data may have come with them:
 * what is in it counts only if it was signed with the user's key. One that the user names
 * is believed as it is, unless LLAVA_CHECK_KEY says that it must be signed, too.
 *
 * @param is_named  the user named the folder
 *
 * Errors: as lc_key_find.
 */
LC_MUST_CHECK enum lc_status lc_trust_decide(bool is_named, struct lc_trust *out,
                                             struct lc_error *err);

#endif
