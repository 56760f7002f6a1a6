/* images.h - iterating over the image paths of an index */
#ifndef LC_LLAVA_CHECK_IMAGES_H
#define LC_LLAVA_CHECK_IMAGES_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;

/** The verdict on an image path. */
enum lc_image_state {
    LC_IMAGE_OK,         /* it loads, and the decoder repaired nothing */
    LC_IMAGE_DAMAGED,    /* it loads, but the decoder had to repair it */
    LC_IMAGE_TRUNCATED,  /* its data ends too early: Pillow raises */
    LC_IMAGE_CORRUPT,    /* Pillow raises for another reason */
    LC_IMAGE_NOT_IMAGE,  /* empty, a git-LFS pointer, a web page … */
    LC_IMAGE_UNVERIFIED, /* an image of a format that is not decoded here */
    LC_IMAGE_MISSING,
    LC_IMAGE_UNREADABLE,
    LC_IMAGE_OUTSIDE,   /* the path leaves the image root: not opened */
    LC_IMAGE_TOO_LARGE, /* above the limits of pixels or memory: not decoded */
    LC_IMAGE_SKIPPED,   /* not checked: no_images, or it belongs to another part */
    LC_IMAGE_STATE_COUNT
};

/** "ok", "damaged", "truncated" …; static. */
LC_API const char *lc_image_state_name(enum lc_image_state state);

/** An image path that rows name, and its file. Unknown values are 0 or empty. */
struct lc_image_entry {
    uint64_t number;     /* in the order of paths, from 0 */
    struct lc_span path; /* as rows have it, relative to the image root; bytes */
    enum lc_image_state state;
    struct lc_span
        format; /* detected from the bytes: "jpeg", "png", "html" …; empty: not read */
    struct lc_span mode; /* Pillow's Image.mode, such as "RGB" */
    uint32_t channels;   /* of that mode: 3 for "RGB", 1 for "L" and "P" */
    uint32_t width;      /* pixels, before any rotation */
    uint32_t height;
    int64_t size;           /* bytes of the file; -1: there is none */
    uint32_t depth;         /* bits of a sample as stored, the largest */
    uint32_t orientation;   /* EXIF, as stored */
    uint32_t frames;        /* as the file states */
    uint32_t warnings;      /* repairs made by the decoder */
    uint32_t rows_decoded;  /* pixel rows before the data ended or broke */
    uint64_t trailing;      /* bytes past the end of the image */
    struct lc_span detail;  /* the decoder's first warning or error, one line */
    bool is_blank;          /* it loads, and all pixels are equal */
    bool has_error;         /* it has a finding of level error */
    uint64_t row_count;     /* rows that name it */
    struct lc_hash content; /* of the file's bytes; all zero: not read */
    int64_t mtime_ns;       /* nanoseconds since 1970 */
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    struct lc_span archive; /* the name of the archive that it is a member of, relative to
                               the data folder; empty: it is a file. The times, inode and
                               device are the archive's */
    uint64_t offset;        /* of its data in the archive; for tar, in the uncompressed
                               bytes */
};

/** A position among the image paths of an index. */
struct lc_image_iterator;

/**
 * Start to iterate over image paths, in the order of their bytes.
 *
 * @param out  set on success
 *
 * Owner:   the caller, lc_image_iterator_free, before the index is closed.
 * Errors:  LC_ERR_MEMORY.
 * Threads: the index's. Several iterators may be open at a time.
 */
LC_API enum lc_status lc_image_iterator_new(const struct lc_index *index,
                                            struct lc_image_iterator **out,
                                            struct lc_error *err);
LC_API void lc_image_iterator_free(struct lc_image_iterator *iterator);

/**
 * Go to the next image path.
 *
 * @param out  set to the image, NULL past the last one. The struct is valid until the
 *             next call; the bytes of its spans as long as the index
 *
 * Errors:  LC_ERR_INDEX (a record is damaged; the iterator is then at its end).
 * Threads: the index's.
 */
LC_API enum lc_status lc_image_next(struct lc_image_iterator *iterator,
                                    const struct lc_image_entry **out,
                                    struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
