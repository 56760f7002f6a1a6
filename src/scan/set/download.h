/* download.h - compares the records of a download with the files, at a glance */
#ifndef LC_SCAN_SET_DOWNLOAD_H
#define LC_SCAN_SET_DOWNLOAD_H

#include "scan/set/stage.h"

/**
 * Compare the records that huggingface_hub or ModelScope keep beside the data with a stat
 * of each file, and report differences. No bytes are compared. For data without such
 * records this costs a few system calls.
 *
 * Errors: those of lc_set_report; LC_ERR_MEMORY, LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_set_check_download(struct lc_set_stage *stage,
                                                   struct lc_error *err);

#endif
