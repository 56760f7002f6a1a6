/* current.h - whether the index of an earlier run shows what a run would find now */
#ifndef LC_SCAN_CURRENT_H
#define LC_SCAN_CURRENT_H

#include "scan/start.h"

/**
 * Check whether all files that an earlier run read are unchanged, by their sizes, times
 * and inodes. This costs a third of a run that reuses everything, because no index is
 * written.
 *
 * @param start  from lc_start_open; its earlier index is read
 * @param out    set to false also if there is no index, or if times are not trusted
 *
 * Errors:  LC_ERR_INDEX, LC_ERR_IO (the image root is gone), LC_ERR_STOPPED,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_current_look(struct lc_run *run,
                                             const struct lc_dataset *dataset,
                                             const struct lc_start *start, bool *out,
                                             struct lc_error *err);

#endif
