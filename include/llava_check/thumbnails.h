/* thumbnails.h - thumbnails for the HTML report; experimental */
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

/** Which thumbnails to make, and from which files. Zero is the default for every field
 * except size and the paths. */
struct lc_thumbnail_options {
    size_t size;              /* of this struct: LC_OPTIONS */
    const char *const *paths; /* the paths that were checked */
    size_t path_count;        /* at least 1 */
    const char *images;       /* the image root; NULL: that of the check */
    bool allow_outside;       /* read images whose paths or links leave the image root,
                                 and an unnamed root outside of the data folder */
    enum lc_severity show;    /* images of findings of lower levels are not shown */
};

struct lc_thumbnails;

/**
 * Make thumbnails of the first images in the findings of each rule, by reading them as
 * the check did. If an image cannot be shown, its entry has the reason; that is not an
 * error.
 *
 * @param view  a view of this index, which selects the findings
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
