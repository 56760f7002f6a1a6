/* earlier.h - the rows files of an earlier run, and which of them are as they were;
 * private to src/scan
 *
 * What the rows stage finds in a file depends on its bytes, on whether its name says
 * JSONL, and on the options that the index has a fingerprint of; and where a row names
 * videos, on what else is on the disk.
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
 * @param options  how far file times are trusted, and whether videos are looked for
 * @param out      set to NULL when nothing can be reused: the index is damaged
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

/** The index that has them. */
const struct lc_index *lc_earlier_index(const struct lc_earlier *earlier);

/** A file of the earlier run by its number there. */
const struct lc_file_record *lc_earlier_file(const struct lc_earlier *earlier,
                                             uint32_t number);

/* Look for a file among those of the earlier run. Each returns false for NULL; *number is
 * set to the file's number then. */

/** By its name and what the file system knows of it, if that can be trusted. */
bool lc_earlier_find(struct lc_earlier *earlier, const struct lc_rows_file *file,
                     const struct lc_map *map, uint32_t *number);

/** Whether it is worth to look for it by its content: there is one of its size. */
bool lc_earlier_may_find(const struct lc_earlier *earlier,
                         const struct lc_rows_file *file, const struct lc_map *map);

/** By the hash of its bytes, under any name. */
bool lc_earlier_find_content(const struct lc_earlier *earlier,
                             const struct lc_rows_file *file, const struct lc_map *map,
                             const struct lc_hash *content, uint32_t *number);

#endif
