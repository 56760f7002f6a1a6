/* thumbnails.h - small pictures for the HTML report; experimental */
#ifndef LC_LLAVA_CHECK_THUMBNAILS_H
#define LC_LLAVA_CHECK_THUMBNAILS_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/rules.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;
struct lc_view;

/** Which thumbnails are made, and from where. Zero is a good value for every field but
 * size and the paths. */
struct lc_thumbnail_options {
    size_t size;              /* of this struct: LC_OPTIONS */
    const char *const *paths; /* what was checked: the same paths as then */
    size_t path_count;        /* at least 1 */
    const char *images;       /* the image root; NULL: where it was */
    bool allow_outside;       /* read images whose paths or links leave the image root,
                                 and an unnamed root outside of the data folder */
    enum lc_severity show;    /* images of findings of lower levels are not shown */
};

struct lc_thumbnails;

/**
 * Make small pictures of the first images that each rule finds bad, by reading them as
 * the check did. A file that cannot be shown has a reason in its place: that is not an
 * error.
 *
 * @param view  of the same index: whose findings are meant
 * @param out   set on success
 *
 * Owner:   the caller, lc_thumbnails_free, before the index is closed.
 * Errors:  LC_ERR_USAGE (the image root must be named), LC_ERR_IO (it is gone),
 *          LC_ERR_INDEX, LC_ERR_MEMORY.
 * Threads: the index's. Takes some seconds at most, and 200 MB.
 */
LC_API enum lc_status lc_thumbnails_new(const struct lc_index *index,
                                        const struct lc_view *view,
                                        const struct lc_thumbnail_options *options,
                                        struct lc_thumbnails **out, struct lc_error *err);
LC_API void lc_thumbnails_free(struct lc_thumbnails *thumbnails); /* NULL-safe */

#ifdef __cplusplus
}
#endif

#endif
