/* types.h - types that several headers share */
#ifndef LC_LLAVA_CHECK_TYPES_H
#define LC_LLAVA_CHECK_TYPES_H

#include <stddef.h>
#include <stdint.h>

/** A reference to bytes, which need not be UTF-8 and do not end with a NUL. */
struct lc_span {
    const char *text;
    size_t size;
};

/** An XXH3 128-bit hash, in canonical (big-endian) byte order: the same on every machine.
 */
struct lc_hash {
    uint8_t bytes[16];
};

/** The script of most letters of a text. */
enum lc_script {
    LC_SCRIPT_LATIN,
    LC_SCRIPT_HAN,
    LC_SCRIPT_OTHER,
    LC_SCRIPT_NONE, /* it has no letters: digits, punctuation, symbols … */
};

#endif
