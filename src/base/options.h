/* options.h - option structs of callers that were compiled with another version
 *
 * The first member of each public option struct is its size, as the caller's compiler had
 * it. Later versions only add members, at the end, whose zero means what the version
 * before did. So a smaller struct is one of an older caller: what it does not have is
 * zero. A larger one is of a newer caller, who may have asked for something that this
 * library does not know: that is an error, unless all of it is zero.
 */
#ifndef LC_BASE_OPTIONS_H
#define LC_BASE_OPTIONS_H

#include "base/error.h"

#include <stddef.h>

/**
 * Copy an option struct of any version into one of this version.
 *
 * @param to        filled on success
 * @param to_size   its size in this version
 * @param from      begins with its own size, a size_t
 * @param required  bytes that every caller has: up to the last member without which there
 *                  is nothing to do
 *
 * Errors:  LC_ERR_USAGE (the size is not set or too small, or the bytes past this
 *          version's are not zero).
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_options_copy(void *to, size_t to_size, const void *from,
                                             size_t required, struct lc_error *err);

/** lc_options_copy for a struct: to and from are pointers to it, member is the last one
 * that is required. */
#define LC_OPTIONS_COPY(to, from, member, err)                                           \
    lc_options_copy((to), sizeof(*(to)), (from),                                         \
                    offsetof(__typeof__(*(to)), member) + sizeof((to)->member), (err))

#endif
