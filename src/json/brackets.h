/* brackets.h - finds the end of a JSON object or array without parsing it */
#ifndef LC_JSON_BRACKETS_H
#define LC_JSON_BRACKETS_H

#include "base/isa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the brackets alone can tell. */
enum lc_brackets {
    LC_BRACKETS_CLOSED,  /* the bracket that closes the first one was found */
    LC_BRACKETS_OPEN,    /* the text ended before that bracket */
    LC_BRACKETS_UNCLEAR, /* closed by the other kind of bracket, or a string contains a
                            control character: only a parser can decide */
};

/** How far a place moves over a text; spares lc_place_advance a second pass. */
struct lc_extent {
    size_t size;         /* bytes */
    uint64_t lines;      /* newlines */
    uint64_t characters; /* after the last newline; all of them if there is none */
};

/**
 * Find the end of the object or array at the beginning of a text.
 *
 * Strings are skipped with their escapes, brackets of both kinds are counted together,
 * and nothing else is checked. So a valid value is always "closed", at its true end; a
 * value that is "closed" need not be valid.
 *
 * @param text  starts with { or [
 * @param size  bytes; LC_JSON_PADDING more bytes after them must be readable
 * @param out   set if closed: from the first bracket through the closing one
 *
 * Threads: any.
 * Source:  the bit-parallel search for quotes is Langdale & Lemire, "Parsing Gigabytes of
 *          JSON per Second" (2019), section 3.1.
 */
enum lc_brackets lc_brackets_find(const char *text, size_t size, struct lc_extent *out);

/** The same function for each instruction set, for tests. Only those up to lc_isa_best
 * may be called. */
typedef enum lc_brackets lc_brackets_fn(const char *text, size_t size,
                                        struct lc_extent *out);
extern lc_brackets_fn *const lc_brackets_kernels[LC_ISA_COUNT];

#endif
