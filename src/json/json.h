/* json.h - one JSON value (a row) from text to a tape, as Python's json reads it */
#ifndef LC_JSON_JSON_H
#define LC_JSON_JSON_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Bytes that must be readable (not owned, any content) past the end of a text to parse.
 */
#define LC_JSON_PADDING 64

/** Deeper nesting is refused, at the same depth by every parser here. */
#define LC_JSON_MAX_DEPTH 1024

/** Rows are at most this long, so that sizes and offsets within one fit 32 bits. */
#define LC_JSON_MAX_SIZE UINT32_C(0xFFFFFF00)

/** The kinds of values, as letters of a tape. */
enum lc_json_type {
    LC_JSON_NULL = 'n',
    LC_JSON_FALSE = 'f',
    LC_JSON_TRUE = 't',
    LC_JSON_INTEGER = 'l',  /* fits int64 */
    LC_JSON_UNSIGNED = 'u', /* beyond int64, fits uint64; not in exact tapes */
    LC_JSON_BIG = 'b',      /* beyond int64, as digits with sign; only in exact tapes */
    LC_JSON_FLOAT = 'd',    /* value not kept; NaN and Infinity are floats too */
    LC_JSON_STRING = '"',
    LC_JSON_ARRAY = '[',
    LC_JSON_OBJECT = '{',
};

/** Index of the root value in every tape. */
#define LC_JSON_ROOT 1

/** A number that 64 bits do not hold. */
enum lc_json_range {
    LC_JSON_BIG_INTEGER,   /* below -2^63, or 2^64 and above */
    LC_JSON_HUGE_INTEGER,  /* one that is beyond a double, too */
    LC_JSON_HUGE_FLOAT,    /* with an exponent; beyond a double: infinity */
    LC_JSON_HUGE_FRACTION, /* a fraction, the same */
    LC_JSON_RANGES
};

/**
 * A parsed value, as a tape of 64-bit words in document order: an array's elements follow
 * it, an object's members follow it as key (a string), value, key, value …, then a word
 * that closes it. The functions below read it. Valid until the parser parses again.
 *
 * Source: simdjson doc/tape.md; the exact parser writes the same except for strings
 *         without escapes, whose words point into the text.
 */
struct lc_json_doc {
    const uint64_t *tape;
    const char *strings;     /* decoded strings */
    const char *text;        /* what was parsed; strings without escapes */
    const uint32_t *offsets; /* by tape index: bytes from the start of the text */
    uint32_t used;           /* bytes of the text up to the end of the value */
    bool exact;              /* read by the exact parser */
    /* what Python accepts beyond RFC 8259; offsets in the text, or -1 */
    int64_t nan_offset;       /* the first NaN, Infinity or -Infinity */
    int64_t surrogate_offset; /* the first escape of a lone surrogate */
    unsigned ranges;          /* a bit for each lc_json_range that a number has */
    uint32_t range_offsets[LC_JSON_RANGES]; /* the first of each, where its bit is set */
};

/* A word of a tape: a letter in the highest byte, a payload below it. */
#define LC_JSON_LETTER_SHIFT 56
#define LC_JSON_PAYLOAD ((UINT64_C(1) << LC_JSON_LETTER_SHIFT) - 1)
#define LC_JSON_IN_TEXT                                                                  \
    's' /* a string without escapes: offset in the text, then size                       \
         */

/** The kind of the value at an index. */
static inline enum lc_json_type lc_json_type(const struct lc_json_doc *doc, uint32_t at)
{
    unsigned letter = (unsigned)(doc->tape[at] >> LC_JSON_LETTER_SHIFT);

    return letter == LC_JSON_IN_TEXT ? LC_JSON_STRING : (enum lc_json_type)letter;
}

/** The index after the value at an index. */
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

/** The index of the word that closes the container at an index: its children, if any, are
 * from at + 1 up to it. */
static inline uint32_t lc_json_close(const struct lc_json_doc *doc, uint32_t at)
{
    return (uint32_t)doc->tape[at] - 1;
}

/** The decoded UTF-8 of a string (without a NUL), or the digits of a BIG. It has
 * LC_JSON_PADDING readable bytes past its end if the text has. */
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

/** The value of an INTEGER, the bits of an UNSIGNED. */
static inline int64_t lc_json_integer(const struct lc_json_doc *doc, uint32_t at)
{
    return (int64_t)doc->tape[at + 1];
}

/** The offset of a value, or of a container's end, in the text. */
static inline uint32_t lc_json_offset(const struct lc_json_doc *doc, uint32_t at)
{
    return doc->offsets[at];
}

/** Whether a FLOAT is NaN, which pandas and Arrow take for null. */
static inline bool lc_json_is_nan(const struct lc_json_doc *doc, uint32_t at)
{
    return doc->nan_offset >= 0 && doc->text[lc_json_offset(doc, at)] == 'N';
}

enum lc_json_fault {
    LC_JSON_FINE,
    LC_JSON_SYNTAX,   /* json.loads raises */
    LC_JSON_CUT_OFF,  /* json.loads raises because the text ends too early */
    LC_JSON_NOT_UTF8, /* decoding raises, before any other problem */
    LC_JSON_TOO_DEEP, /* nested beyond LC_JSON_MAX_DEPTH */
    /* of a row, from the splitter only */
    LC_JSON_SPLIT_ROW, /* a row of a JSONL that spans several lines */
    LC_JSON_TOO_LONG,  /* a row larger than LC_JSON_MAX_SIZE: Python may well read it */
    /* of a whole file, from the splitter only */
    LC_JSON_BOM,         /* begins with a byte order mark */
    LC_JSON_LFS_POINTER, /* is a git-LFS pointer */
    LC_JSON_NOT_ROWS,    /* neither an array nor JSONL, or text follows the array */
    LC_JSON_NO_ROWS,     /* contains no row */
    LC_JSON_BLANK_LINE,  /* a JSONL has a blank line */
    LC_JSON_RETURN,      /* a line of a JSONL ends in a carriage return alone */
};

/** What a problem is more exactly, where programs treat it differently. */
enum lc_json_detail {
    LC_JSON_NO_DETAIL,
    LC_JSON_CONTROL,        /* SYNTAX: a raw control character in a string */
    LC_JSON_COMMA,          /* SYNTAX: a comma before a closing bracket or brace */
    LC_JSON_COMMA_OBJECT,   /* SYNTAX: only before closing braces */
    LC_JSON_DIGITS,         /* SYNTAX: 007, or 7. */
    LC_JSON_LINES_IN_JSON,  /* NOT_ROWS: lines in a file that is not named .jsonl */
    LC_JSON_ARRAY_IN_JSONL, /* NOT_ROWS: the reverse */
    LC_JSON_SINGLE_OBJECT,  /* NOT_ROWS */
    LC_JSON_SINGLE_TEXT,    /* NOT_ROWS: a string */
    LC_JSON_TEXT_AFTER,     /* NOT_ROWS: text after the array */
    LC_JSON_NOTHING,        /* NO_ROWS: not even an empty array */
};

/** Why a text is not a JSON value, and where. */
struct lc_json_problem {
    enum lc_json_fault fault;
    uint32_t offset;     /* bytes from the start of the text, as Python reports it */
    const char *message; /* static text: one line, lower case */
    enum lc_json_detail detail; /* of SYNTAX: all that is wrong with the text */
};

/**
 * White space around the text of a JSON line that str.strip removes and json.loads
 * refuses: NBSP, U+001C to U+001F, a form feed … All zero when there is none.
 */
struct lc_line_space {
    uint32_t point;  /* the first such character */
    uint32_t offset; /* bytes from the start of the text; 0 when it is before the text */
};

/**
 * Reclassify a LC_JSON_CUT_OFF problem of a text that does not end its file: it is bad
 * syntax, or a character that is not UTF-8.
 */
void lc_json_reclassify_cut_off(struct lc_json_problem *problem, const char *text,
                                size_t size);

/** Whether bytes are UTF-8 that Python's decoder accepts. Fast; lc_text_invalid_utf8
 * finds the offset. Source: simdjson::validate_utf8. */
#ifdef __cplusplus
extern "C"
#endif
    bool
    lc_json_valid_utf8(const char *text, size_t size);

/** The version of simdjson; static. */
#ifdef __cplusplus
extern "C"
#endif
    const char *
    lc_json_simdjson(void);

struct lc_json_parser; /* one thread's parser and its memory */

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
 * Parse a text that is one value and nothing else, fast.
 *
 * simdjson reads it. What simdjson refuses is read again by lc_json_parse_exact, which
 * decides; so the verdict is that of json.loads, and problems have an offset.
 *
 * @param text     followed by LC_JSON_PADDING readable bytes
 * @param size     bytes, at most LC_JSON_MAX_SIZE
 * @param doc      set when problem->fault is LC_JSON_FINE; not exact when simdjson read
 * it
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
 * Parse the value that a text begins with, exactly as Python's json does, with offsets.
 *
 * @param whole  true: anything but white space after the value is a syntax problem;
 *               false: anything may follow the value; doc->used is its end
 *
 * The other parameters, owner, errors and threads are those of lc_json_parse, but no
 * padding is needed.
 * Source: CPython 3.11 Modules/_json.c and Lib/json/decoder.py (strict), and
 *         Python's limit of 4,300 digits for integers (sys.set_int_max_str_digits).
 */
LC_MUST_CHECK enum lc_status lc_json_parse_exact(struct lc_json_parser *parser,
                                                 const char *text, size_t size,
                                                 bool whole, struct lc_json_doc *doc,
                                                 struct lc_json_problem *problem,
                                                 struct lc_error *err);

/**
 * Find the end of the value that a text begins with, or its problem, as
 * lc_json_parse_exact does, without keeping the value: no memory for a text of any size.
 *
 * @param whole    as there
 * @param used     set to the value's bytes when problem->fault is LC_JSON_FINE
 * @param problem  always set
 */
void lc_json_skip_exact(struct lc_json_parser *parser, const char *text, size_t size,
                        bool whole, size_t *used, struct lc_json_problem *problem);

#endif
