/* overwrite.h - which files a program must not replace; experimental */
#ifndef LC_LLAVA_CHECK_OVERWRITE_H
#define LC_LLAVA_CHECK_OVERWRITE_H

#include "llava_check/api.h"
#include "llava_check/error.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Whether a file belongs to a data set: a rows file or a registry. A program must never
 * write to such a file, even if its user asks for it.
 *
 * @param paths, count  what is or was checked
 * @param file  links are followed, so another name of such a file counts, too
 * @param out   set on success
 *
 * Errors:  LC_ERR_IO (a folder cannot be listed), LC_ERR_MEMORY. Paths without rows have
 *          no such file: that is not an error.
 * Threads: any.
 */
LC_API enum lc_status lc_dataset_has_file(const char *const *paths, size_t count,
                                          const char *file, bool *out,
                                          struct lc_error *err);

/** The number of bytes that lc_report_is_one needs, if the file has that many. */
#define LC_REPORT_HEAD_SIZE 256

/**
 * Whether a file is a report, in any format: a program must not replace any other. An
 * empty file is one: some formats write nothing when nothing is found.
 *
 * @param begin  the first bytes of the file
 * @param size   their number
 */
LC_API bool lc_report_is_one(const char *begin, size_t size);

#ifdef __cplusplus
}
#endif

#endif
