/* measure.h - measures a text in one pass: words, characters, scripts, marks */
#ifndef LC_BASE_MEASURE_H
#define LC_BASE_MEASURE_H

#include "base/isa.h"
#include "llava_check/types.h"

#include <stddef.h>
#include <stdint.h>

/** Bytes past the end of a text to measure that must be readable; any content, need not
 * be owned. */
#define LC_MEASURE_PADDING 64

#define LC_SCRIPT_COUNT 3 /* not counting LC_SCRIPT_NONE */

/** What a text contains or may contain. If a mark is not set, the text does not contain
 * it. */
enum lc_mark {
    LC_MARK_TAG = 1,         /* a < */
    LC_MARK_SQUARE = 2,      /* a [ */
    LC_MARK_ROLE = 4,        /* possibly "T:" or "R:", as in "ASSISTANT:" and "USER:" */
    LC_MARK_DAMAGED = 8,     /* certainly damaged: see lc_text_measure */
    LC_MARK_WIDE = 16,       /* bytes beyond ASCII; if not set, letters are 0 */
    LC_MARK_UNDERSCORE = 64, /* a _ */
    LC_MARK_SS = 32,         /* "ss", as in "assistant"; not by lc_text_measure_string */
};

struct lc_measure {
    uint64_t words;      /* len(text.split()) in Python; 0 if the text is blank */
    uint64_t characters; /* code points */
    uint64_t letters[LC_SCRIPT_COUNT]; /* letters beyond ASCII */
    unsigned marks;                    /* bits of enum lc_mark */
};

/**
 * Measure a text.
 *
 * LC_MARK_DAMAGED is set by U+FFFD; by control characters (U+0000-001F, U+0080-009F)
 * except tab, line feed and carriage return; and by sequences that arise when UTF-8 is
 * read as Latin-1 or Windows-1252: U+00C2 or U+00C3 before U+00A0-00BF, "â€", "ðŸ",
 * "ï¿½", "ï»¿".
 *
 * @param text  valid UTF-8 (lone surrogates as three bytes are allowed), followed by
 *              LC_MEASURE_PADDING readable bytes
 *
 * Threads: any.
 * Source:  CPython Objects/unicodetype_db.h, _PyUnicode_IsWhitespace: U+0009-000D,
 *          001C-0020, 0085, 00A0, 1680, 2000-200A, 2028, 2029, 202F, 205F, 3000.
 */
void lc_text_measure(const char *text, size_t size, struct lc_measure *out);

/**
 * Measure a text up to the first quote, backslash or control character (below U+0020): a
 * JSON string, or the part of one before an escape.
 *
 * @param text  any bytes; the result is meaningful only if they are valid UTF-8
 * @param size  maximum number of bytes to read
 * @return the offset of that character; size if there is none
 */
size_t lc_text_measure_string(const char *text, size_t size, struct lc_measure *out);

/** The same, but also detects LC_MARK_SS. */
size_t lc_text_measure_question(const char *text, size_t size, struct lc_measure *out);

/** The same functions for each instruction set, for tests. Only those up to lc_isa_best
 * may be called. */
typedef void lc_measure_fn(const char *text, size_t size, struct lc_measure *out);
typedef size_t lc_measure_string_fn(const char *text, size_t size,
                                    struct lc_measure *out);
extern lc_measure_fn *const lc_measure_kernels[LC_ISA_COUNT];
extern lc_measure_string_fn *const lc_measure_string_kernels[LC_ISA_COUNT];
extern lc_measure_string_fn *const lc_measure_question_kernels[LC_ISA_COUNT];

#endif
