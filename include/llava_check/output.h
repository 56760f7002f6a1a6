/* output.h - writing reports to a function instead of a stdio stream */
#ifndef LC_LLAVA_CHECK_OUTPUT_H
#define LC_LLAVA_CHECK_OUTPUT_H

#include <stddef.h>

/**
 * Receives a report in consecutive pieces.
 *
 * @param context  what the caller passed with the function
 * @param data     at least one byte, at most 64 KiB; valid during the call. A piece may
 *                 end anywhere, even inside a line or a character
 *
 * @return 0 on success. A positive value is an errno: the call that writes returns
 *         LC_ERR_IO with it. A negative value stops the call, which returns
 *         LC_ERR_STOPPED. In both cases the function is not called again.
 *
 * Threads: called in the thread of the call that writes.
 */
typedef int lc_write_fn(void *context, const void *data, size_t size);

#endif
