/* source.h - reads a rows file again to copy its rows, and fails if it changed since it
 * was checked */
#ifndef LC_SCAN_SOURCE_H
#define LC_SCAN_SOURCE_H

#include "base/hash.h"
#include "base/map.h"
#include "dataset/dataset.h"
#include "index/index.h"
#include "llava_check/check.h"

/** A rows file that is read from start to end. The caller sets check and hasher before
 * opening it; lc_source_open sets the rest. */
struct lc_source {
    const struct lc_check_options *check; /* polled for requests to stop */
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
 * @param number  the file's number in the data set and in its index
 *
 * Owner:   the source, until lc_source_close, which must be called also on failure.
 * Errors:  LC_ERR_IO (also: it changed since it was checked), LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_source_open(struct lc_source *source,
                                            const struct lc_index *index,
                                            const struct lc_dataset *dataset,
                                            uint32_t number, struct lc_error *err);

/** Hash the file up to an offset, and drop the bytes before it from memory. Errors:
 * LC_ERR_STOPPED. */
LC_MUST_CHECK enum lc_status lc_source_pass(struct lc_source *source, size_t to,
                                            struct lc_error *err);

/**
 * Read the rest of the file, close it, and check that it has the bytes that were checked
 * and still exists.
 *
 * @param status  the result of the work on the file; on failure, the file is only closed
 *
 * Errors: LC_ERR_IO, LC_ERR_STOPPED, status.
 */
LC_MUST_CHECK enum lc_status lc_source_close(struct lc_source *source,
                                             enum lc_status status, struct lc_error *err);

/** As lc_source_close, for a file whose bytes were hashed elsewhere, such as a shard:
 * close it, and compare content with the recorded hash. */
LC_MUST_CHECK enum lc_status lc_source_end(struct lc_source *source,
                                           const struct lc_hash *content,
                                           enum lc_status status, struct lc_error *err);

/** Fail because the data set has no rows, with the first error that was found in place of
 * rows. Errors: LC_ERR_USAGE, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_source_fail_empty(const struct lc_index *index,
                                                  struct lc_error *err);

/** Fail because the file changed since it was checked. */
LC_MUST_CHECK enum lc_status lc_source_fail_changed(const struct lc_source *source,
                                                    struct lc_error *err);

#endif
