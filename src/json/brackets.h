/* brackets.h - where a JSON object or array ends, found without parsing it */
#ifndef LC_JSON_BRACKETS_H
#define LC_JSON_BRACKETS_H

#include <stdbool.h>
#include <stddef.h>

/** What a look at the brackets alone can tell. */
enum lc_brackets {
    LC_BRACKETS_CLOSED, /* the bracket that closes the first one was found */
    LC_BRACKETS_OPEN,   /* the text ended before it */
    LC_BRACKETS_DOUBT,  /* a pair that does not match, a control character in a string,
                           nesting over 64: only a parser can tell */
};

/**
 * Find the end of the object or array that a text begins with.
 *
 * Strings are skipped with their escapes; nothing else is looked at, so a value that is
 * "closed" is not thereby valid. A value that is valid and nested at most 64 deep is
 * always "closed", at its true end.
 *
 * @param text  begins with { or [
 * @param size  bytes; LC_JSON_PADDING more must be readable behind them
 * @param end   set when closed: the offset behind the closing bracket
 *
 * Threads: any.
 * Source:  the bit-parallel search for quotes is Langdale & Lemire, "Parsing Gigabytes of
 *          JSON per Second" (2019), section 3.1.
 */
enum lc_brackets lc_brackets_find(const char *text, size_t size, size_t *end);

#endif
