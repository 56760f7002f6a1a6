/* partner.h - the intact file that a bad one may be a copy of; private to src/thumb */
#ifndef LC_THUMB_PARTNER_H
#define LC_THUMB_PARTNER_H

#include "base/text.h"
#include "index/index.h"

/** An image that a partner is looked for. */
struct lc_partner {
    struct lc_span path; /* as in the index */
    uint32_t width, height;
    struct lc_hash content;
    struct lc_span found;         /* set: the partner's path; empty: there is none */
    struct lc_hash found_content; /* and its bytes */
};

/**
 * Look for intact images of the same file name and the same size in pixels, in another
 * folder: the first in the order of paths.
 *
 * Owner:   paths live as long as the index.
 * Errors:  LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_partners_find(const struct lc_index *index,
                                              struct lc_partner *partners, size_t count,
                                              struct lc_error *err);

#endif
