/* images.h - the images stage: reads, hashes, decodes and checks each image once */
#ifndef LC_SCAN_IMAGES_IMAGES_H
#define LC_SCAN_IMAGES_IMAGES_H

#include "index/write/journal.h"
#include "scan/common/run.h"
#include "scan/common/stages.h"
#include "scan/images/image_cache.h"

/** An image that is a member of an archive. */
struct lc_archived_image {
    enum lc_read_result result; /* LC_READ_OK, or why its bytes are unknown */
    int os_errno;
    const char *why;   /* the reason as a text; NULL: os_errno is the reason */
    bool is_new;       /* read by this run */
    bool is_elsewhere; /* it is neither a file nor in an archive of this part, but may be
                        * in one of another part; set if get returns false */
    struct lc_image_record record; /* if LC_READ_OK; else only archive and offset, if it
                                    * is known to be a member */
};

/** The images of a run that are members of archives. All zero: none are. */
struct lc_archived_images {
    void *user;
    bool are_all; /* no image is a file: all paths name members */
    /* get an image if it is a member; false: look for a file. The result lives until end.
     * Any thread. NULL: no image is a member */
    bool (*get)(const void *user, uint32_t image, struct lc_archived_image *out);
    /* free the images, before the look-ups are sorted, which also takes memory: get must
     * not be called afterwards. NULL if get is NULL */
    void (*end)(void *user);
    /* the files that the image root would have if all archives were unpacked into it */
    struct lc_more_files files;
};

struct lc_images_input {
    const char *root;                   /* the image root; NULL: none */
    const struct lc_links *links;       /* the images, and the rows that name them */
    struct lc_image_cache *image_cache; /* facts from earlier runs; NULL: none */
    struct lc_archived_images archived; /* images that are not files */
    struct lc_journal *journal; /* receives the facts that this run reads; NULL: none */
    int64_t start_ns;           /* when the run started: nanoseconds since 1970 */
};

/**
 * Check every image; store images, findings, and look-ups by path and content. Ends the
 * archived images.
 *
 * @param faulty  by row: set for each row that names an image with an error
 *
 * Errors: every status; LC_ERR_STOPPED when the caller asks to stop.
 */
LC_MUST_CHECK enum lc_status lc_images_check(struct lc_run *run,
                                             const struct lc_images_input *input,
                                             uint8_t *faulty, struct lc_error *err);

#endif
