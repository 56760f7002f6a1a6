/* near.h - suggests the name that a mistyped word may have meant */
#ifndef LC_BASE_NEAR_H
#define LC_BASE_NEAR_H

#include <stddef.h>

/** A list of names: the one at an index; NULL past the end. */
typedef const char *lc_name_at(const void *names, size_t index);

/**
 * Find the name that a word of size bytes may be a misspelling of: the one with the
 * fewest letters wrong, missing, added or swapped, one in a short word and two in a
 * longer one; otherwise the only one that begins with the word. NULL when none is near.
 *
 * Owner: the list. Threads: any.
 */
const char *lc_nearest_name(const char *word, size_t size, lc_name_at *at,
                            const void *names);

#endif
