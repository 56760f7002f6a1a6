/* tally.h - stores images in the order of their paths, and counts them; private to
 * src/scan
 *
 * Images arrive here whether they are verified or come from the indexes of parts. */
#ifndef LC_SCAN_IMAGES_TALLY_H
#define LC_SCAN_IMAGES_TALLY_H

#include "scan/common/run.h"
#include "scan/common/stages.h"

struct lc_tally {
    struct lc_run *run;
    const struct lc_links *links;
    uint8_t *faulty;           /* by row: set if one of its images has an error */
    struct lc_sorter contents; /* hashes of the files that were read */
    bool *may_exist;           /* by image: false if missing, outside, or not looked at */
};

/**
 * Begin without images.
 *
 * Owner:   the caller, lc_tally_clear, also on failure.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_tally_begin(struct lc_tally *tally, struct lc_run *run,
                                            const struct lc_links *links, uint8_t *faulty,
                                            struct lc_error *err);
void lc_tally_clear(struct lc_tally *tally);

/**
 * Store an image, after its findings.
 *
 * @param record  complete except for the number of its rows, which gets set
 *
 * Errors: LC_ERR_MEMORY, LC_ERR_IO, LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_tally_add(struct lc_tally *tally, uint32_t number,
                                          struct lc_image_record *record,
                                          struct lc_error *err);

/** Store the look-ups, and report images that are alike. Errors: as lc_tally_add. */
LC_MUST_CHECK enum lc_status lc_tally_end(struct lc_tally *tally, struct lc_error *err);

#endif
