/* earlier.h - the rows files of an earlier run, and which of them are unchanged; private
 * to src/scan
 *
 * The results of a rows file depend on its bytes, on whether its name says JSONL, and on
 * the options in the fingerprint of the index; if a row names videos, also on which video
 * files exist.
 */
#ifndef LC_SCAN_ROWS_EARLIER_H
#define LC_SCAN_ROWS_EARLIER_H

#include "base/map.h"
#include "dataset/dataset.h"
#include "index/index.h"
#include "llava_check/check.h"

struct lc_earlier;

/**
 * List the rows files of an earlier run.
 *
 * @param index    of a run with the same options; it must outlive *out
 * @param options  whether file times are trusted, and whether videos are looked for
 * @param out      set to NULL when the index is damaged and nothing can be reused
 *
 * Owner:   the caller, lc_earlier_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_earlier_new(const struct lc_index *index,
                                            const struct lc_check_options *options,
                                            struct lc_earlier **out,
                                            struct lc_error *err);
void lc_earlier_free(struct lc_earlier *earlier); /* NULL-safe */

/** The index of the earlier run. */
const struct lc_index *lc_earlier_index(const struct lc_earlier *earlier);

/** A file of the earlier run, by its number in that run. */
const struct lc_file_record *lc_earlier_file(const struct lc_earlier *earlier,
                                             uint32_t number);

/* The functions below look for a file among those of the earlier run. Each returns false
 * if earlier is NULL; on a match, *number is set to the file's number in the earlier
 * run. */

/** Find it by its name, size, times and inode, if its times can be trusted. */
bool lc_earlier_find_by_times(struct lc_earlier *earlier, const struct lc_rows_file *file,
                              const struct lc_map *map, uint32_t *number);

/** Whether a file of the earlier run has the same size, so that hashing the file is
 * worthwhile. */
bool lc_earlier_has_candidate(const struct lc_earlier *earlier,
                              const struct lc_rows_file *file, const struct lc_map *map);

/** Find it by the hash of its bytes, under any name. */
bool lc_earlier_find_by_content(const struct lc_earlier *earlier,
                                const struct lc_rows_file *file, const struct lc_map *map,
                                const struct lc_hash *content, uint32_t *number);

#endif
