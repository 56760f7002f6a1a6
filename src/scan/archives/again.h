/* again.h - hashes the images of an index that are members of archives, again */
#ifndef LC_SCAN_ARCHIVES_AGAIN_H
#define LC_SCAN_ARCHIVES_AGAIN_H

#include "scan/common/run.h"
#include "store/folder.h"

/** Called for each such image, with its facts before and now. */
typedef enum lc_status lc_member_again_fn(void *user, uint32_t image,
                                          const struct lc_again_facts *facts,
                                          struct lc_error *err);

/**
 * Hash the images of an index that are in archives. Each archive is read once, by several
 * threads if it has points.
 *
 * @param data  the data folder
 * @param each  called in the caller's thread: by archive, then by offset
 *
 * Errors: LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY, those of each. A missing or damaged
 *         archive is not an error: its images are then missing.
 */
LC_MUST_CHECK enum lc_status lc_archives_hash(struct lc_run *run,
                                              const struct lc_index *index,
                                              const struct lc_folder *data,
                                              lc_member_again_fn *each, void *user,
                                              struct lc_error *err);

#endif
