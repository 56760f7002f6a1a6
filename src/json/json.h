/* json.h - one JSON value (a row) from text to a tape, as Python's json reads it */
#ifndef LC_JSON_JSON_H
#define LC_JSON_JSON_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Bytes past the end of a text to parse that must be readable; any content, need not be
 * owned. */
#define LC_JSON_PADDING 64

/** Deeper nesting is refused, by every parser here at the same depth. */
#define LC_JSON_MAX_DEPTH 1024

/** Maximum size of a row, so that sizes and offsets within it fit 32 bits. */
#define LC_JSON_MAX_SIZE UINT32_C(0xFFFFFF00)

/** The kinds of values, which are also the letters on a tape. */
enum lc_json_type {
    LC_JSON_NULL = 'n',
    LC_JSON_FALSE = 'f',
    LC_JSON_TRUE = 't',
    LC_JSON_INTEGER = 'l',  /* fits into int64 */
    LC_JSON_UNSIGNED = 'u', /* exceeds int64, fits into uint64; not in exact tapes */
    LC_JSON_BIG = 'b',      /* exceeds int64; kept as digits with their sign; only in
                               exact tapes */
    LC_JSON_FLOAT = 'd',    /* value not kept; includes NaN and Infinity */
    LC_JSON_STRING = '"',
    LC_JSON_ARRAY = '[',
    LC_JSON_OBJECT = '{',
};

/** Index of the root value in every tape. */
#define LC_JSON_ROOT 1

/** Kinds of numbers that do not fit into 64 bits. */
enum lc_json_range {
    LC_JSON_BIG_INTEGER,   /* below -2^63, or at least 2^64 */
    LC_JSON_HUGE_INTEGER,  /* an integer that even exceeds a double */
    LC_JSON_HUGE_FLOAT,    /* has an exponent and exceeds a double: infinity */
    LC_JSON_HUGE_FRACTION, /* has a fraction and exceeds a double: infinity */
    LC_JSON_RANGES
};

/**
 * A parsed value, as a tape of 64-bit words in document order. An array is followed by
 * its elements, an object by its members as key (a string), value, key, value …; then
 * comes a word that closes it. The functions below read the tape. Valid until the parser
 * parses again.
 *
 * Source: simdjson doc/tape.md; the exact parser writes the same tape, except that
 *         strings without escapes point into the text.
 */
struct lc_json_doc {
    const uint64_t *tape;
    const char *strings;     /* decoded strings */
    const char *text;        /* the parsed text; contains the strings without escapes */
    const uint32_t *offsets; /* by tape index: bytes from the start of the text */
    uint32_t used;           /* bytes of the text up to the end of the value */
    bool exact;              /* whether the exact parser read it */
    /* what Python accepts beyond RFC 8259; offsets in the text, or -1 if there is none */
    int64_t nan_offset;       /* of the first NaN, Infinity or -Infinity */
    int64_t surrogate_offset; /* of the first escape of a lone surrogate */
    unsigned ranges;          /* bits by lc_json_range: set if a number is in that
                                 range */
    uint32_t range_offsets[LC_JSON_RANGES]; /* of the first such number, if the bit is
                                               set */
};

/* A word of a tape: a letter in the highest byte, a payload below it. */
#define LC_JSON_LETTER_SHIFT 56
#define LC_JSON_PAYLOAD ((UINT64_C(1) << LC_JSON_LETTER_SHIFT) - 1)
#define LC_JSON_IN_TEXT                                                                  \
    's' /* a string without escapes: offset in the text, then size                       \
         */

/** Return the kind of the value at an index. */
static inline enum lc_json_type lc_json_type(const struct lc_json_doc *doc, uint32_t at)
{
    unsigned letter = (unsigned)(doc->tape[at] >> LC_JSON_LETTER_SHIFT);

    return letter == LC_JSON_IN_TEXT ? LC_JSON_STRING : (enum lc_json_type)letter;
}

/** Return the index after the value at an index. */
static inline uint32_t lc_json_next(const struct lc_json_doc *doc, uint32_t at)
{
    switch (doc->tape[at] >> LC_JSON_LETTER_SHIFT) {
    case LC_JSON_OBJECT:
    case LC_JSON_ARRAY:
        return (uint32_t)doc->tape[at];
    case LC_JSON_INTEGER:
    case LC_JSON_UNSIGNED:
    case LC_JSON_BIG:
    case LC_JSON_FLOAT:
    case LC_JSON_IN_TEXT:
        return at + 2;
    default:
        return at + 1;
    }
}

/** Return the index of the word that closes the container at an index. Its children, if
 * any, are from at + 1 up to there. */
static inline uint32_t lc_json_close(const struct lc_json_doc *doc, uint32_t at)
{
    return (uint32_t)doc->tape[at] - 1;
}

/** Return the decoded UTF-8 of a string (without a NUL), or the digits of a BIG.
 * LC_JSON_PADDING bytes past its end are readable if that is true of the text. */
static inline struct lc_span lc_json_string(const struct lc_json_doc *doc, uint32_t at)
{
    uint64_t payload = doc->tape[at] & LC_JSON_PAYLOAD;
    struct lc_span out;
    uint32_t size;

    if (doc->tape[at] >> LC_JSON_LETTER_SHIFT != LC_JSON_STRING) {
        out.text = doc->text + payload;
        out.size = doc->tape[at + 1];
        return out;
    }
    memcpy(&size, doc->strings + payload, sizeof(size));
    out.text = doc->strings + payload + sizeof(size);
    out.size = size;
    return out;
}

/** Return the value of an INTEGER, or the bits of an UNSIGNED. */
static inline int64_t lc_json_integer(const struct lc_json_doc *doc, uint32_t at)
{
    return (int64_t)doc->tape[at + 1];
}

/** Return the offset in the text of a value, or of the end of a container. */
static inline uint32_t lc_json_offset(const struct lc_json_doc *doc, uint32_t at)
{
    return doc->offsets[at];
}

/** Whether a FLOAT is NaN, which pandas and Arrow read as null. */
static inline bool lc_json_is_nan(const struct lc_json_doc *doc, uint32_t at)
{
    return doc->nan_offset >= 0 && doc->text[lc_json_offset(doc, at)] == 'N';
}

enum lc_json_fault {
    LC_JSON_FINE,
    LC_JSON_SYNTAX,   /* json.loads raises */
    LC_JSON_CUT_OFF,  /* json.loads raises because the text ends too early */
    LC_JSON_NOT_UTF8, /* decoding raises, before any other problem */
    LC_JSON_TOO_DEEP, /* nested more deeply than LC_JSON_MAX_DEPTH */
    /* only from the splitter, about a row */
    LC_JSON_SPLIT_ROW, /* a row of a JSONL spans several lines */
    LC_JSON_TOO_LONG,  /* a row exceeds LC_JSON_MAX_SIZE; Python may be able to read it */
    /* only from the splitter, about a whole file */
    LC_JSON_BOM,         /* begins with a byte order mark */
    LC_JSON_LFS_POINTER, /* the file is a git-LFS pointer */
    LC_JSON_NOT_ROWS,    /* neither an array nor JSONL, or text follows the array */
    LC_JSON_NO_ROWS,     /* contains no row */
    LC_JSON_BLANK_LINE,  /* a JSONL has a blank line */
    LC_JSON_RETURN,      /* a line of a JSONL ends in a lone carriage return */
};

/** More exact kind of a problem, where programs differ in how they treat it. */
enum lc_json_detail {
    LC_JSON_NO_DETAIL,
    LC_JSON_CONTROL,        /* SYNTAX: a raw control character in a string */
    LC_JSON_COMMA,          /* SYNTAX: a comma before a closing bracket or brace */
    LC_JSON_COMMA_OBJECT,   /* SYNTAX: such commas only before closing braces */
    LC_JSON_DIGITS,         /* SYNTAX: 007, or 7. */
    LC_JSON_LINES_IN_JSON,  /* NOT_ROWS: lines in a file not named .jsonl */
    LC_JSON_ARRAY_IN_JSONL, /* NOT_ROWS: an array in a file named .jsonl */
    LC_JSON_SINGLE_OBJECT,  /* NOT_ROWS: a single object */
    LC_JSON_SINGLE_TEXT,    /* NOT_ROWS: a single string */
    LC_JSON_TEXT_AFTER,     /* NOT_ROWS: text after the array */
    LC_JSON_NOTHING,        /* NO_ROWS: not even an empty array */
};

/** Why a text is not a JSON value, and where. */
struct lc_json_problem {
    enum lc_json_fault fault;
    uint32_t offset;     /* bytes from the start of the text, as reported by Python */
    const char *message; /* static text: one line, lower case */
    enum lc_json_detail detail; /* for SYNTAX: the only thing wrong with the text */
};

/**
 * White space around the text of a JSON line that str.strip removes but json.loads
 * refuses: NBSP, U+001C to U+001F, a form feed … All zero if there is none.
 */
struct lc_line_space {
    uint32_t point;  /* the first such character */
    uint32_t offset; /* bytes from the start of the text; 0 if it is before the text */
};

/**
 * Reclassify an LC_JSON_CUT_OFF problem if the text does not end where its file ends: it
 * is then bad syntax, or a character that is not UTF-8.
 */
void lc_json_reclassify_cut_off(struct lc_json_problem *problem, const char *text,
                                size_t size);

/** Whether bytes are UTF-8 that Python's decoder accepts. Fast; use lc_text_invalid_utf8
 * to find the offset. Source: simdjson::validate_utf8. */
#ifdef __cplusplus
extern "C"
#endif
    bool
    lc_json_valid_utf8(const char *text, size_t size);

/** Return the version of simdjson; static. */
#ifdef __cplusplus
extern "C"
#endif
    const char *
    lc_json_simdjson(void);

struct lc_json_parser; /* a parser and its memory, for one thread */

/**
 * Make a parser.
 *
 * Owner:   the caller, until lc_json_parser_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one parser per thread.
 */
LC_MUST_CHECK enum lc_status lc_json_parser_new(struct lc_json_parser **out,
                                                struct lc_error *err);
void lc_json_parser_free(struct lc_json_parser *parser);

/**
 * Parse a text that consists of one value, fast.
 *
 * simdjson reads it first. If simdjson refuses it, lc_json_parse_exact reads it again and
 * decides. So the verdict is the same as that of json.loads, and problems have an offset.
 *
 * @param text     followed by LC_JSON_PADDING readable bytes
 * @param size     bytes, at most LC_JSON_MAX_SIZE
 * @param doc      set if problem->fault is LC_JSON_FINE; not exact if simdjson read it
 * @param problem  always set on success
 *
 * Owner:   doc points into the parser (and may point into text).
 * Errors:  LC_ERR_MEMORY. A text that is not JSON is a problem, not an error.
 * Threads: any, with its own parser.
 */
LC_MUST_CHECK enum lc_status lc_json_parse(struct lc_json_parser *parser,
                                           const char *text, size_t size,
                                           struct lc_json_doc *doc,
                                           struct lc_json_problem *problem,
                                           struct lc_error *err);

/**
 * Parse the value at the beginning of a text exactly like Python's json, with offsets.
 *
 * @param whole  true: anything but white space after the value is a syntax problem;
 *               false: anything may follow the value; doc->used is where it ends
 *
 * The other parameters, owner, errors and threads are the same as for lc_json_parse, but
 * no padding is needed.
 * Source: CPython 3.11 Modules/_json.c and Lib/json/decoder.py (strict), and Python's
 *         limit of 4,300 digits per integer (sys.set_int_max_str_digits).
 */
LC_MUST_CHECK enum lc_status lc_json_parse_exact(struct lc_json_parser *parser,
                                                 const char *text, size_t size,
                                                 bool whole, struct lc_json_doc *doc,
                                                 struct lc_json_problem *problem,
                                                 struct lc_error *err);

/**
 * Find the end of the value at the beginning of a text, or its problem, like
 * lc_json_parse_exact but without keeping the value: needs no memory, whatever the size
 * of the text.
 *
 * @param whole    as in lc_json_parse_exact
 * @param used     set to the size of the value if problem->fault is LC_JSON_FINE
 * @param problem  always set
 */
void lc_json_skip_exact(struct lc_json_parser *parser, const char *text, size_t size,
                        bool whole, size_t *used, struct lc_json_problem *problem);

#endif
