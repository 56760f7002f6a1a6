/* known.h - what earlier runs know of the images: the last finished one by its index,
 * those that were ended since by their journal */
#ifndef LC_SCAN_IMAGES_KNOWN_H
#define LC_SCAN_IMAGES_KNOWN_H

#include "base/error.h"
#include "base/hash.h"
#include "image/image.h"
#include "index/index.h"
#include "index/write/journal.h"
#include "store/folder.h"

#include <stdbool.h>
#include <stdint.h>

/** An image as it was when it was read. */
struct lc_known_image {
    bool is_known;
    bool is_settled;  /* its times were old enough then to tell of any later change */
    bool is_kept;     /* the journal has it */
    int64_t began_ns; /* when the run began that read it */
    struct lc_image_record record; /* lives as long as what knows it */
    struct lc_file_facts file;
    struct lc_hash content;
    struct lc_image_info info;
};

/** Earlier runs' images, in order of their paths. */
struct lc_known;

/** Fingerprint of all that an image's facts depend on beside its bytes: the version, the
 * decoders, their limits; and of where the index stands, NULL: anywhere. */
struct lc_hash lc_known_decoders(const struct lc_index_place *place);

/**
 * Open the index that a folder holds, to take facts over.
 *
 * @param folder   the index folder; NULL: no index is opened
 * @param trust    whose index counts
 * @param decoders  fingerprint that it must have
 * @param journal  what runs that did not finish left; outlives this
 * @param out      set
 * @param why      set to why an index that is there cannot be used, static; NULL
 * otherwise
 *
 * Owner:   the caller, lc_known_close.
 * Errors:  LC_ERR_MEMORY. A damaged index is not used, and no error.
 */
LC_MUST_CHECK enum lc_status
lc_known_open(const char *folder, const struct lc_trust *trust,
              const struct lc_hash *decoders, const struct lc_journal *journal,
              struct lc_known **out, const char **why, struct lc_error *err);
void lc_known_close(struct lc_known *known);

/**
 * Look up the next image. Paths must be asked for in the order of their bytes.
 *
 * @param known  NULL knows nothing
 * @param out    is_known says whether the rest is set
 *
 * Threads: one at a time.
 */
void lc_known_next(struct lc_known *known, struct lc_span path,
                   struct lc_known_image *out);

/** The index; NULL when there is none. Lives as long as what is known. */
const struct lc_index *lc_known_index(const struct lc_known *known);

/** Whether a file is as it was: size, times, inode and device. */
bool lc_known_same_file(const struct lc_known_image *known,
                        const struct lc_file_facts *file);

#endif
