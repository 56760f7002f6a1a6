/* missing.h - describes missing images: the missing folder, a similar file; private to
 * src/scan */
#ifndef LC_SCAN_IMAGES_MISSING_H
#define LC_SCAN_IMAGES_MISSING_H

#include "scan/common/stages.h"
#include "store/nearest.h"

#include <pthread.h>

/** What the workers share: listings of the image root and of the archives, created when
 * first needed. */
struct lc_missing {
    const struct lc_links *links;
    const struct lc_folder *folder;
    struct lc_more_files more;
    pthread_mutex_t lock; /* protects what follows */
    struct lc_listing *listing;
    struct lc_listing *more_listing;
    enum lc_status status; /* of creating it */
    struct lc_error error;
};

/**
 * Begin.
 *
 * @param folder  NULL: there is none, as in a merge
 * @param more    files in archives
 */
void lc_missing_begin(struct lc_missing *missing, const struct lc_links *links,
                      const struct lc_folder *folder, const struct lc_more_files *more);
void lc_missing_end(struct lc_missing *missing);

struct lc_missing_scratch; /* the buffers of one worker */

/** Errors: LC_ERR_MEMORY. Owner: the caller, lc_missing_scratch_free. */
LC_MUST_CHECK enum lc_status lc_missing_scratch_new(struct lc_missing *missing,
                                                    struct lc_missing_scratch **out,
                                                    struct lc_error *err);
void lc_missing_scratch_free(struct lc_missing_scratch *scratch);

/** Facts about a missing image, without the rows that name it. */
struct lc_missing_facts {
    size_t folder; /* bytes of the path that name a missing folder; 0: none is missing */
    bool is_broken_link;
    struct lc_nearest_file nearest;
};

/** Find what the image root shows about a missing image. The texts live as long as the
 * lc_missing. Errors and threads: as lc_missing_describe. */
LC_MUST_CHECK enum lc_status lc_missing_look(struct lc_missing_scratch *scratch,
                                             struct lc_span path,
                                             struct lc_missing_facts *out,
                                             struct lc_error *err);

/** Add what the archives show about it. Errors and threads: as lc_missing_describe. */
LC_MUST_CHECK enum lc_status lc_missing_look_at_more(struct lc_missing_scratch *scratch,
                                                     struct lc_span path,
                                                     struct lc_missing_facts *facts,
                                                     struct lc_error *err);

/* Convert the facts to a text, for the index of a part: only the merge knows the row
 * counts of a description, and the archives of other parts. lc_missing_decode returns
 * false if the text is not valid; the decoded facts point into it. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_missing_encode(const struct lc_missing_facts *facts,
                                               struct lc_buffer *out,
                                               struct lc_error *err);
bool lc_missing_decode(struct lc_span text, struct lc_span path,
                       struct lc_missing_facts *out);

/**
 * Describe a missing image: if a whole folder is missing, the number of its images and of
 * the rows that name them; and an existing file with a similar path.
 *
 * @param path   as the rows name it; within the root
 * @param facts facts about it
 * @param out   set to a text that lives until the next call, or to NULL
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any, with a scratch of its own.
 */
LC_MUST_CHECK enum lc_status lc_missing_describe(struct lc_missing_scratch *scratch,
                                                 struct lc_span path,
                                                 const struct lc_missing_facts *facts,
                                                 const char **out, struct lc_error *err);

#endif
