/* check.h - the steps of lc_check, for callers that need the data set as well */
#ifndef LC_SCAN_CHECK_H
#define LC_SCAN_CHECK_H

#include "base/error.h"
#include "dataset/dataset.h"
#include "index/index.h"
#include "llava_check/check.h"

/**
 * Find the data set to check.
 *
 * @param options  of this version
 * @param out      zeroed; set on success
 *
 * Owner:   the caller, lc_dataset_clear.
 * Errors:  as lc_check.
 */
LC_MUST_CHECK enum lc_status lc_check_find(const struct lc_check_options *options,
                                           struct lc_dataset *out, struct lc_error *err);

/**
 * Check a data set that lc_check_find has found.
 *
 * @param may_reuse  the index of an earlier run may be returned if none of its files
 *                   changed; images that no row names are then not looked at
 *
 * Owner, errors: as lc_check.
 */
LC_MUST_CHECK enum lc_status lc_check_dataset(const struct lc_check_options *options,
                                              const struct lc_dataset *dataset,
                                              bool may_reuse, struct lc_index **out,
                                              struct lc_error *err);

/**
 * Check rows files that belong to a data set that this process has just checked. Their
 * rows are read, but images that the data set already has are not looked at again. Unused
 * images are not searched for, and the results are not kept.
 *
 * @param dataset     the files to check, with the roots of the data set
 * @param whole       the index of the whole data set
 * @param each_alone  check each row and image by itself: there are no findings of
 *                    LC_SCOPE_SET rules, and nothing can be looked up by id or path
 *
 * Owner:   the caller, lc_index_close; independent of whole.
 * Errors:  as lc_check.
 */
LC_MUST_CHECK enum lc_status lc_check_part(const struct lc_check_options *options,
                                           const struct lc_dataset *dataset,
                                           const struct lc_index *whole, bool each_alone,
                                           struct lc_index **out, struct lc_error *err);

#endif
