/* options.h - accepts option structs from callers compiled with another version
 *
 * The first member of each public option struct is its size, as the caller's compiler saw
 * it. Later versions only add members, at the end, and a new member of zero means the
 * behaviour of the version before. So a smaller struct comes from an older caller: its
 * missing members are zero. A larger one comes from a newer caller, who may have asked
 * for something that this library does not know: that is an error, unless all additional
 * bytes are zero. */
#ifndef LC_BASE_OPTIONS_H
#define LC_BASE_OPTIONS_H

#include "base/error.h"

#include <stddef.h>

/**
 * Copy an option struct of any version into one of this version.
 *
 * @param to        filled on success
 * @param to_size   its size in this version
 * @param from      starts with its own size, a size_t
 * @param required  bytes that every caller must have: up to the last member without which
 *                  there is nothing to do
 *
 * Errors:  LC_ERR_USAGE (the size is not set or too small, or bytes beyond this version's
 *          struct are not zero).
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_options_copy(void *to, size_t to_size, const void *from,
                                             size_t required, struct lc_error *err);

/** Call lc_options_copy for a struct: to and from point to it, member is the last
 * required one. */
#define LC_OPTIONS_COPY(to, from, member, err)                                           \
    lc_options_copy((to), sizeof(*(to)), (from),                                         \
                    offsetof(__typeof__(*(to)), member) + sizeof((to)->member), (err))

#endif
