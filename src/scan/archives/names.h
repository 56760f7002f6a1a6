/* names.h - which images a member of an archive can be: images by path, and by the last
 * part of their paths; private to src/scan/archives */
#ifndef LC_SCAN_ARCHIVES_NAMES_H
#define LC_SCAN_ARCHIVES_NAMES_H

#include "scan/common/stages.h"

/** No image. */
#define LC_NO_IMAGE UINT32_MAX

/** Images by their paths in normal form: without "./" and doubled slashes. Two images may
 * have the same one. */
struct lc_names;

/**
 * Make the look-ups of the images of links.
 *
 * @param links        must outlive the look-ups
 * @param are_members  images are members of shards: their paths are not those of files,
 *                     and none of them leaves the image root
 *
 * Owner:   the caller, lc_names_free.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_names_new(const struct lc_links *links, bool are_members,
                                          struct lc_names **out, struct lc_error *err);
void lc_names_free(struct lc_names *names);

/** The first image with a path in normal form; LC_NO_IMAGE if there is none. Any thread.
 */
uint32_t lc_names_first(const struct lc_names *names, struct lc_span path);

/** The next image with the same path; LC_NO_IMAGE after the last. Any thread. */
uint32_t lc_names_next(const struct lc_names *names, uint32_t image);

/** How the paths of an archive's members and those that rows name differ: rows have some
 * folders before them, or members do. At most one is not empty; each ends with a slash.
 */
struct lc_member_layout {
    struct lc_buffer removed; /* from a member's path */
    struct lc_buffer added;   /* before it */
};

/** Votes of members for layouts. All zero is empty. */
struct lc_member_votes {
    struct lc_member_vote *items;
    size_t count, capacity;
    struct lc_buffer text;
};

/**
 * Vote for each layout with which a member would be an image.
 *
 * @param path  of a member, in normal form
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_member_layout_vote(const struct lc_names *names,
                                                   struct lc_span path,
                                                   struct lc_member_votes *votes,
                                                   struct lc_error *err);

/**
 * Set the layout with most votes; of those, the one that changes least, but see stem.
 *
 * @param stem   of layouts with as many votes, one that adds a folder of this name wins:
 *               the archive's name without its suffix
 * @param count  set to its votes; 0: there is none, and the layout changes nothing
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
 * @param path  of the link, in normal form
 * @param link  what it contains
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_resolve_link(struct lc_span path, struct lc_span link,
                                             struct lc_buffer *out, struct lc_error *err);

/** Append a member's path as rows would name it; *fits is false if it has not what is
 * removed. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_member_layout_apply(const struct lc_member_layout *layout,
                                                    struct lc_span path,
                                                    struct lc_buffer *out, bool *fits,
                                                    struct lc_error *err);

#endif
