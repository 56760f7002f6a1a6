/* partner.h - finds an intact original of a bad file; private to src/thumb */
#ifndef LC_THUMB_PARTNER_H
#define LC_THUMB_PARTNER_H

#include "base/text.h"
#include "index/index.h"
#include "member/member.h"

/** An image, and the partner found for it. */
struct lc_partner {
    struct lc_span path; /* as in the index */
    uint32_t width, height;
    struct lc_hash content;
    struct lc_span found;         /* set to the partner's path; empty if there is none */
    struct lc_hash found_content; /* hash of the partner's bytes */
    bool found_archived;          /* whether the partner is in an archive, at
                                     found_place */
    struct lc_member_place found_place;
};

/**
 * Find for each image an intact image with the same file name and the same size in
 * pixels, but different content: the first one in path order.
 *
 * Owner:   paths are valid as long as the index.
 * Errors:  LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_partners_find(const struct lc_index *index,
                                              struct lc_partner *partners, size_t count,
                                              struct lc_error *err);

#endif
