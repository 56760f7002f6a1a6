/* image_tally.h - statistics of a data set's images; private to src/report */
#ifndef LC_REPORT_MODEL_IMAGE_TALLY_H
#define LC_REPORT_MODEL_IMAGE_TALLY_H

#include "base/error.h"
#include "index/index.h"

#include <stddef.h>
#include <stdint.h>

/** More than the formats, modes or sample depths that exist. */
#define LC_TALLY_KINDS 64

/** Images with the same format, mode or depth. */
struct lc_tally_kind {
    char name[16]; /* letters, digits and punctuation that need no quoting */
    uint64_t images;
    uint64_t bytes; /* total size of their files */
};

struct lc_tally_kinds {
    struct lc_tally_kind items[LC_TALLY_KINDS];
    size_t count;
};

/** The images of an index. */
struct lc_image_tally {
    uint64_t states[LC_IMAGE_STATE_COUNT]; /* every image path, by verdict */
    struct lc_tally_kinds formats;         /* files that were read */
    struct lc_tally_kinds modes;           /* images whose mode is known */
    struct lc_tally_kinds depths;          /* "8", "16" …; only images whose depth is
                                              known */
    struct lc_histogram widths;            /* images whose size is known */
    struct lc_histogram heights;
    struct lc_histogram pixels;
    uint64_t turned;   /* EXIF orientation 2 to 8 */
    uint64_t animated; /* several frames */
    uint64_t trailing; /* files with bytes after the end of the image */
    uint64_t blank;    /* one colour */
};

/**
 * Count the images of an index.
 *
 * @param out  overwritten; kinds are sorted by number of images, the largest first, then
 *             by name
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_image_tally(const struct lc_index *index,
                                            struct lc_image_tally *out,
                                            struct lc_error *err);

#endif
