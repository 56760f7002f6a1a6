/* download.h - what the records of a download show at a glance */
#ifndef LC_SCAN_SET_DOWNLOAD_H
#define LC_SCAN_SET_DOWNLOAD_H

#include "scan/set/stage.h"

/**
 * Look at the records that huggingface_hub or ModelScope keep beside the data, compare
 * them with what a stat of each file shows, and report what differs. No bytes are
 * compared. Data without such records cost a few system calls.
 *
 * Errors: those of lc_set_report; LC_ERR_MEMORY, LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_set_check_download(struct lc_set_stage *stage,
                                                   struct lc_error *err);

#endif
