/* start.h - creates a run's index, and opens the results of earlier runs */
#ifndef LC_SCAN_START_H
#define LC_SCAN_START_H

#include "dataset/dataset.h"
#include "index/write/journal.h"
#include "scan/common/run.h"
#include "scan/images/image_cache.h"

struct lc_start {
    bool is_part;                       /* only part of a data set is checked, which was
                                         * checked before */
    int64_t start_ns;                   /* when the run started: nanoseconds since 1970 */
    char *folder;                       /* of the index; NULL: no index is kept */
    struct lc_hash fingerprint;         /* hash of the options that results depend on */
    struct lc_hash decoders;            /* hash of what image facts depend on */
    struct lc_trust trust;              /* whose results may be reused */
    struct lc_image_cache *image_cache; /* image facts from earlier runs; NULL: none */
    struct lc_journal *journal;         /* image facts read by this run; NULL: not kept */
};

/**
 * Create the index of a run, and open the results of earlier runs.
 *
 * @param run  its writer and folder get set
 * @param out  set; zeroed but for start_ns
 *
 * Owner:   the caller, lc_start_clear, also on failure; and run->writer.
 * Errors:  every status but LC_ERR_STOPPED.
 */
LC_MUST_CHECK enum lc_status lc_start_open(struct lc_run *run,
                                           const struct lc_dataset *dataset,
                                           struct lc_start *out, struct lc_error *err);
void lc_start_clear(struct lc_start *start);

/**
 * Create the index, an unnamed file, of a run over part of a data set that this process
 * has just checked. Images of the data set are reused, rows are not.
 *
 * @param whole  the index of the whole data set; must outlive *out
 *
 * Owner, errors: as lc_start_open.
 */
LC_MUST_CHECK enum lc_status lc_start_part(struct lc_run *run,
                                           const struct lc_dataset *dataset,
                                           const struct lc_index *whole,
                                           struct lc_start *out, struct lc_error *err);

/** The index of an earlier run with the same options, whose rows can be reused; NULL when
 * there is none. */
const struct lc_index *lc_start_earlier_rows(const struct lc_start *start);

#endif
