/* source.h - a rows file that is read again to copy its rows: as it was checked, or an
 * error */
#ifndef LC_SCAN_SOURCE_H
#define LC_SCAN_SOURCE_H

#include "base/hash.h"
#include "base/map.h"
#include "dataset/dataset.h"
#include "index/index.h"
#include "llava_check/check.h"

/** A rows file that is read from its start to its end. check and hasher are the caller's,
 * set before it is opened; the rest is set by lc_source_open. */
struct lc_source {
    const struct lc_check_options *check; /* who asks to stop */
    struct lc_hasher *hasher;
    const struct lc_rows_file *file;
    struct lc_file_record record;
    struct lc_map map;
    size_t hashed, fetched, dropped; /* offsets */
};

/** Fail if the caller asks to stop: LC_ERR_STOPPED. */
LC_MUST_CHECK enum lc_status lc_source_check_stopped(const struct lc_source *source,
                                                     struct lc_error *err);

/**
 * Open a rows file.
 *
 * @param number  of the file, in the data set and in its index
 *
 * Owner:   the source, until lc_source_close, which must be called also on failure.
 * Errors:  LC_ERR_IO (also: it changed since it was checked), LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_source_open(struct lc_source *source,
                                            const struct lc_index *index,
                                            const struct lc_dataset *dataset,
                                            uint32_t number, struct lc_error *err);

/** Hash the file up to an offset, and let go of what is before it. Errors:
 * LC_ERR_STOPPED. */
LC_MUST_CHECK enum lc_status lc_source_pass(struct lc_source *source, size_t to,
                                            struct lc_error *err);

/**
 * Read the rest of the file, and close it: it must have the bytes that were checked, and
 * still be there.
 *
 * @param status  of what was done with it; if it failed, the file is only closed
 *
 * Errors: LC_ERR_IO, LC_ERR_STOPPED, status.
 */
LC_MUST_CHECK enum lc_status lc_source_close(struct lc_source *source,
                                             enum lc_status status, struct lc_error *err);

/** The same of a file that was read in another way, as a shard is, and that has a content
 * then: close it, and compare that. */
LC_MUST_CHECK enum lc_status lc_source_end(struct lc_source *source,
                                           const struct lc_hash *content,
                                           enum lc_status status, struct lc_error *err);

/** Fail because a data set has no rows, with the first error that was found instead of
 * them. Errors: LC_ERR_USAGE, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_source_fail_empty(const struct lc_index *index,
                                                  struct lc_error *err);

/** Fail because it is not the file that was checked. */
LC_MUST_CHECK enum lc_status lc_source_fail_changed(const struct lc_source *source,
                                                    struct lc_error *err);

#endif
