#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum lc_status lc_fail(struct lc_error *err, enum lc_status status, int os_errno,
                       const char *format, ...)
{
    va_list args;

    if (!err || err->status != LC_OK)
        return status;
    err->status = status;
    err->os_errno = os_errno;
    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    return status;
}

enum lc_status lc_fail_errno(struct lc_error *err, const char *what)
{
    int number = errno;
    char text[128];

    if (number == ENOMEM)
        return lc_fail_memory(err);
    if (number == 0) /* a stream remembers that a write failed, but not why */
        return lc_fail(err, LC_ERR_IO, 0, "%s: incomplete write", what);
    /* glibc's strerror_r returns the text, which may or may not be in our buffer */
    return lc_fail(err, LC_ERR_IO, number, "%s: %s", what,
                   strerror_r(number, text, sizeof(text)));
}

enum lc_status lc_fail_memory(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_MEMORY, ENOMEM, "out of memory");
}
