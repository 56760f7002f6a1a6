/* against.h - what an archive contains, as records of the files that it is unpacked to */
#ifndef LC_SCAN_AGAINST_H
#define LC_SCAN_AGAINST_H

#include "proof/records.h"
#include "scan/common/run.h"
#include "store/folder.h"

/**
 * Read an archive, and add a record for each file in it: its size and XXH3-128.
 *
 * Of several members with one path, the last one counts. Leading folders that all members
 * share, but that the folder does not contain, are removed.
 *
 * @param path    the archive
 * @param folder  the folder that it was unpacked into
 *
 * Errors:  LC_ERR_USAGE (it is not an archive), LC_ERR_IO, LC_ERR_MEMORY, LC_ERR_STOPPED.
 *          Damage is recorded as an issue of the records.
 */
LC_MUST_CHECK enum lc_status lc_records_of_archive(const struct lc_run *run,
                                                   const char *path,
                                                   const struct lc_folder *folder,
                                                   struct lc_records *records,
                                                   struct lc_error *err);

#endif
