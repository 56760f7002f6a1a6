/* detach.h - copying an index into memory; experimental */
#ifndef LC_LLAVA_CHECK_DETACH_H
#define LC_LLAVA_CHECK_DETACH_H

#include "llava_check/api.h"
#include "llava_check/error.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;

/**
 * Copy an index into memory. Before, its file is mapped: if another process truncates the
 * file, the next access to it raises SIGBUS, which ends the process. Renaming or removing
 * the file is always safe.
 *
 * @param most  an index of more bytes is not copied, and remains mapped
 *
 * Errors:  LC_ERR_INDEX (the file was truncated), LC_ERR_MEMORY. The index remains as it
 *          was, and is closed as always.
 * Threads: no other thread may use the index.
 */
LC_API enum lc_status lc_index_detach(struct lc_index *index, size_t most,
                                      struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
