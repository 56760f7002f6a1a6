/* printable.h - makes foreign text safe for terminals and for the logs of CI systems
 *
 * All text from the data, an index, settings or the command line goes through
 * lc_printable_next before it is printed: output formats copy the text that it skips, and
 * write an escape of their own for each character at which it stops. It stops at
 *
 * - bytes that are not UTF-8;
 * - characters that a terminal interprets or hides: ASCII controls, lc_text_is_hidden;
 * - the character that completes what a CI system recognizes as the start of a command:
 *   the second colon of "::", which GitHub's runner executes at the start of a line (its
 *   ActionCommand.TryParseV2), and the bracket of "##[", which it executes anywhere in a
 *   line (.TryParse), of "##vso[" (Azure Pipelines, Command.TryParse) and of
 *   "##teamcity[", in any case.
 *
 * The section commands of GitLab and Travis need a carriage return, which is a
 * control. */
#ifndef LC_BASE_PRINTABLE_H
#define LC_BASE_PRINTABLE_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdio.h>

/** Foreign text, and the text next to which it is printed. */
struct lc_printable {
    struct lc_span text;
    struct lc_span before; /* text already on the line; empty if unknown */
    bool enclosed; /* in quotes or cell borders, so that adjacent text cannot continue
                      it */
};

/** Why a character must not be printed as it is. */
enum lc_unprintable {
    LC_UNPRINTABLE_BYTE, /* not part of a UTF-8 character */
    LC_UNPRINTABLE_CHARACTER,
    LC_UNPRINTABLE_COMMAND, /* a colon or a bracket */
};

/** A character that must not be printed as it is. */
struct lc_escape {
    enum lc_unprintable why;
    size_t at;   /* offset in the text */
    size_t size; /* size in bytes */
    uint32_t point;
};

/**
 * Whether the character at an offset completes what a CI system recognizes as the start
 * of a command: a colon after a colon, or a bracket after ## and at most letters in
 * between.
 *
 * A colon at the edge of a text that is not enclosed counts too: the text may be printed
 * next to a colon of ours.
 */
bool lc_printable_is_command(const struct lc_printable *text, size_t at);

/**
 * Find the first character at or after an offset that must not be printed as it is.
 *
 * @param from  offset of the start of a character
 * @param out   set if such a character exists
 * @return whether such a character exists
 */
bool lc_printable_next(const struct lc_printable *text, size_t from,
                       struct lc_escape *out);

/** Maximum size of an escape in bytes, including its NUL. */
#define LC_ESCAPE_SIZE 16

/** Write a visible escape: \xNN, or \u{NNNN} beyond ASCII. Returns its length. */
size_t lc_escape_visible(const struct lc_escape *escape, char out[LC_ESCAPE_SIZE]);

/** Write a JSON escape: \n, \t, \uNNNN, a pair of them beyond U+FFFF, and \\xNN for a
 * byte. Returns its length. */
size_t lc_escape_json(const struct lc_escape *escape, char out[LC_ESCAPE_SIZE]);

/**
 * Append text with visible escapes.
 *
 * @param most  escape for this reason and the reasons before it in the enum: BYTE makes
 *              the text valid UTF-8, COMMAND makes it safe for a line of a log; CHARACTER
 *              is for formats with their own escapes for commands
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_printable_add(struct lc_buffer *out, struct lc_span text,
                                              enum lc_unprintable most,
                                              struct lc_error *err);

/** Print text from any source, as a line or a part of one, with visible escapes. Errors
 * are left to ferror. */
void lc_print_text(const char *text, FILE *to);

/** Print text as a JSON string, quotes included. Bytes that are not UTF-8 become a
 * backslash and xNN. Errors are left to ferror. */
void lc_print_json(const char *text, FILE *to);

#endif
