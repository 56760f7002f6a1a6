/* ids.h - the ids of a data set's rows, to be sorted by their hashes */
#ifndef LC_SCAN_COMMON_IDS_H
#define LC_SCAN_COMMON_IDS_H

#include "base/error.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

/** An id and a row that has it. */
struct lc_row_id {
    struct lc_hash hash; /* of its text */
    uint64_t row;
};

/**
 * Sort ids by hash, and those of one hash by row.
 *
 * @param ids    in the order of rows; moved to new memory
 * @param count  how many
 *
 * Errors:  LC_ERR_MEMORY; the ids are as they were.
 */
LC_MUST_CHECK enum lc_status lc_row_ids_sort(struct lc_row_id **ids, size_t count,
                                             struct lc_error *err);

#endif
