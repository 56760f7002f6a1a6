/* text.h - names that were mistyped, and text from anywhere made safe to print */
#ifndef LC_LLAVA_CHECK_TEXT_H
#define LC_LLAVA_CHECK_TEXT_H

#include "llava_check/api.h"

#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A list of names: the one at an index; NULL past the end. */
typedef const char *lc_name_at(const void *names, size_t index);

/**
 * Find the name that a word of size bytes may be a misspelling of: the one with the
 * fewest letters wrong, missing, added or swapped, one in a short word and two in a
 * longer one; otherwise the only one that begins with the word. NULL when none is near.
 *
 * Owner: the list. Threads: any.
 */
LC_API const char *lc_nearest_name(const char *word, size_t size, lc_name_at *at,
                                   const void *names);

/**
 * Print text that may come from anywhere, as a line or a part of one. Bytes that are not
 * UTF-8, what a terminal obeys or hides, and what CI systems take for the start of a
 * command in a log become \xNN and \u{NNNN}.
 *
 * Threads: any. Errors are left to ferror.
 */
LC_API void lc_print_text(const char *text, FILE *to);

/** Print text as a JSON string, quotes included. Bytes that are not UTF-8 become a
 * backslash and xNN. */
LC_API void lc_print_json(const char *text, FILE *to);

#ifdef __cplusplus
}
#endif

#endif
