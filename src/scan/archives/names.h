/* names.h - finds the images that a member of an archive may be: by path, and by the last
 * component of the path; private to src/scan/archives */
#ifndef LC_SCAN_ARCHIVES_NAMES_H
#define LC_SCAN_ARCHIVES_NAMES_H

#include "scan/common/stages.h"

/** No image. */
#define LC_NO_IMAGE UINT32_MAX

/** Images by their paths in normal form: without "./" and doubled slashes. Several images
 * may have the same normal form. */
struct lc_names;

/**
 * Make the look-ups for images.
 *
 * @param links        must outlive the look-ups
 * @param are_members  all images are members of shards: they have no paths of files, so
 *                     none can leave the image root
 *
 * Owner:   the caller, lc_names_free.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_names_new(const struct lc_links *links, bool are_members,
                                          struct lc_names **out, struct lc_error *err);
void lc_names_free(struct lc_names *names);

/** The first image with a path, given in normal form; LC_NO_IMAGE if there is none. Any
 * thread. */
uint32_t lc_names_first(const struct lc_names *names, struct lc_span path);

/** The next image with the same path; LC_NO_IMAGE after the last. Any thread. */
uint32_t lc_names_next(const struct lc_names *names, uint32_t image);

/** How the paths of an archive's members differ from those in rows: either side may have
 * additional leading folders. At most one of these is not empty; each ends with a
 * slash. */
struct lc_member_layout {
    struct lc_buffer removed; /* removed from the front of a member's path */
    struct lc_buffer added;   /* added to its front */
};

/** Votes of members for layouts. All zero is empty. */
struct lc_member_votes {
    struct lc_member_vote *items;
    size_t count, capacity;
    struct lc_buffer text;
};

/**
 * Vote for each layout with which a member's path would be that of an image.
 *
 * @param path  a member's path, in normal form
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_member_layout_vote(const struct lc_names *names,
                                                   struct lc_span path,
                                                   struct lc_member_votes *votes,
                                                   struct lc_error *err);

/**
 * Set the layout with the most votes; of several, the one that changes paths least, but
 * see stem.
 *
 * @param stem   the archive's name without its suffix: among layouts with equal votes,
 *               one that adds a folder of this name wins
 * @param count  set to the layout's votes; 0: there are none, and the layout changes
 *               nothing
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_member_layout_choose(const struct lc_member_votes *votes,
                                                     struct lc_span stem,
                                                     struct lc_member_layout *out,
                                                     size_t *count, struct lc_error *err);
void lc_member_votes_clear(struct lc_member_votes *votes);
void lc_member_layout_clear(struct lc_member_layout *layout);

/**
 * Append the path that a soft link of an archive leads to, in normal form; nothing if it
 * is absolute or leads outside.
 *
 * @param path  the link's own path, in normal form
 * @param link  the target as stored in the link
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_resolve_link(struct lc_span path, struct lc_span link,
                                             struct lc_buffer *out, struct lc_error *err);

/** Append a member's path as rows would name it; *fits is set to false if it does not
 * begin with the folders to remove. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_member_layout_apply(const struct lc_member_layout *layout,
                                                    struct lc_span path,
                                                    struct lc_buffer *out, bool *fits,
                                                    struct lc_error *err);

#endif
