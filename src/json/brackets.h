/* brackets.h - where a JSON object or array ends, found without parsing it */
#ifndef LC_JSON_BRACKETS_H
#define LC_JSON_BRACKETS_H

#include <stdbool.h>
#include "base/isa.h"

#include <stddef.h>
#include <stdint.h>

/** What a look at the brackets alone can tell. */
enum lc_brackets {
    LC_BRACKETS_CLOSED,  /* the bracket that closes the first one was found */
    LC_BRACKETS_OPEN,    /* the text ended before it */
    LC_BRACKETS_UNCLEAR, /* closed by the other kind of bracket, a control character in a
                          string: only a parser can tell */
};

/** How far a place moves over a text: lc_place_advance without looking at it again. */
struct lc_extent {
    size_t size;         /* bytes */
    uint64_t lines;      /* newlines */
    uint64_t characters; /* behind the last newline, or of all */
};

/**
 * Find the end of the object or array that a text begins with.
 *
 * Strings are skipped with their escapes; brackets are counted, of whatever kind, and
 * nothing else is looked at, so a value that is "closed" is not thereby valid. A value
 * that is valid is always "closed", at its true end.
 *
 * @param text  begins with { or [
 * @param size  bytes; LC_JSON_PADDING more must be readable behind them
 * @param out   set when closed: up to behind the closing bracket
 *
 * Threads: any.
 * Source:  the bit-parallel search for quotes is Langdale & Lemire, "Parsing Gigabytes of
 *          JSON per Second" (2019), section 3.1.
 */
enum lc_brackets lc_brackets_find(const char *text, size_t size, struct lc_extent *out);

/** The same in each instruction set, for tests: those up to lc_isa_best may be called. */
typedef enum lc_brackets lc_brackets_fn(const char *text, size_t size,
                                        struct lc_extent *out);
extern lc_brackets_fn *const lc_brackets_kernels[LC_ISA_COUNT];

#endif
