/* near.h - suggests the name that a mistyped word was probably meant to be */
#ifndef LC_BASE_NEAR_H
#define LC_BASE_NEAR_H

#include <stddef.h>

/** Return the name at an index of a list; NULL past the end. */
typedef const char *lc_name_at(const void *names, size_t index);

/**
 * Find the name that was probably meant by a word of size bytes: the one with the fewest
 * letters wrong, missing, added or swapped, at most one in a short word and two in a
 * longer one; otherwise the only name that begins with the word. NULL if there is none.
 *
 * Owner: the list owns the name. Threads: any.
 */
const char *lc_nearest_name(const char *word, size_t size, lc_name_at *at,
                            const void *names);

#endif
