/* error.h - failures of this program; faults of the data are findings, not errors */
#ifndef LC_BASE_ERROR_H
#define LC_BASE_ERROR_H

#include "llava_check/error.h"

#define LC_MUST_CHECK __attribute__((warn_unused_result))

/**
 * Fill an error and return its status, so that callers can return it in one statement.
 *
 * @param err       filled if not NULL; if it already contains an error, that one is kept
 * @param status    the status to return; never LC_OK
 * @param os_errno  errno of the failed call; 0 if there is none
 * @param format    one line, lower case, no full stop, no path of the data
 *
 * Owner:   the caller keeps err; nothing is retained.
 * Threads: any; err must not be shared.
 */
__attribute__((format(printf, 4, 5))) enum lc_status lc_fail(struct lc_error *err,
                                                             enum lc_status status,
                                                             int os_errno,
                                                             const char *format, ...);

/**
 * Call lc_fail for a failed system call: the message is "what: strerror(errno)".
 *
 * @param err   as for lc_fail
 * @param what  the call and its object, for example "open the index folder"
 *
 * Errors:  returns LC_ERR_IO, or LC_ERR_MEMORY if errno is ENOMEM.
 * Threads: any; reads the thread's errno.
 */
enum lc_status lc_fail_errno(struct lc_error *err, const char *what);

/** Call lc_fail with LC_ERR_MEMORY and its standard message. */
enum lc_status lc_fail_memory(struct lc_error *err);

#endif
