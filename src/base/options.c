#include "base/options.h"

#include <string.h>

enum lc_status lc_options_copy(void *to, size_t to_size, const void *from,
                               size_t required, struct lc_error *err)
{
    const unsigned char *bytes = from;
    size_t size;

    memcpy(&size, from, sizeof(size));
    if (size < required)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "an option struct of %zu bytes is too small: set size", size);
    for (size_t i = to_size; i < size; i++)
        if (bytes[i])
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "an option struct of %zu bytes sets options that this version "
                           "does not have",
                           size);
    memset(to, 0, to_size);
    memcpy(to, from, size < to_size ? size : to_size);
    memcpy(to, &to_size, sizeof(to_size));
    return LC_OK;
}
