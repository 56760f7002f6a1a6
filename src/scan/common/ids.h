/* ids.h - hashes with the rows they belong to, and a fast sort for them */
#ifndef LC_SCAN_COMMON_IDS_H
#define LC_SCAN_COMMON_IDS_H

#include "base/error.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

/** A hash of an id or of a content, and the row or image that has it. */
struct lc_row_id {
    struct lc_hash hash;
    uint64_t row; /* or another number, such as lc_content_number */
};

/** Compare ids by hash, then row: <0, 0 or >0. For qsort. */
int lc_row_id_compare(const void *a, const void *b);

/**
 * Sort by hash, and by row within one hash.
 *
 * @param ids    in the order of rows; *ids is replaced by a new array
 * @param count  their number
 *
 * Errors:  LC_ERR_MEMORY; *ids is unchanged then.
 */
LC_MUST_CHECK enum lc_status lc_row_ids_sort(struct lc_row_id **ids, size_t count,
                                             struct lc_error *err);

#endif
