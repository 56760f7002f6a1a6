/* json.h - one JSON value (a row) from text to nodes, as Python's json reads it */
#ifndef LC_JSON_JSON_H
#define LC_JSON_JSON_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes that must be readable (not owned, any content) behind a text to parse. */
#define LC_JSON_PADDING 64

/** Nesting beyond this is refused, at the same depth by every parser here. */
#define LC_JSON_MAX_DEPTH 1024

/** Rows are at most this long, so that sizes and offsets within one fit 32 bits. */
#define LC_JSON_MAX_SIZE UINT32_C(0xFFFFFF00)

enum lc_json_type {
    LC_JSON_NULL,
    LC_JSON_FALSE,
    LC_JSON_TRUE,
    LC_JSON_INTEGER, /* fits integer; its text is not kept */
    LC_JSON_BIG,     /* an integer beyond int64: text is its decimal digits with sign */
    LC_JSON_FLOAT,   /* value not kept; NaN and Infinity are floats too */
    LC_JSON_STRING,
    LC_JSON_ARRAY,
    LC_JSON_OBJECT,
};

/**
 * A value. Nodes stand in document order: an array's elements follow it, an object's
 * members follow it as key (a string), value, key, value …
 */
struct lc_json_node {
    union {
        const char *text; /* STRING: decoded UTF-8, not ended by NUL; BIG: digits */
        int64_t integer;
    } as;
    uint32_t count;  /* STRING, BIG: bytes; ARRAY: elements; OBJECT: members */
    uint32_t next;   /* index of the first node after this value */
    uint32_t offset; /* bytes from the start of the text; 0 unless doc.exact */
    uint8_t type;    /* enum lc_json_type */
    uint8_t decoded; /* private to src/json */
};

/** A parsed value: nodes[0] is the root. Valid until the parser parses again. */
struct lc_json_doc {
    const struct lc_json_node *nodes;
    uint32_t count;
    uint32_t used; /* bytes of text that the value took, from the text's start */
    bool exact;    /* the nodes carry offsets */
    /* what Python reads and RFC 8259 does not know; offsets in the text, or -1 */
    int64_t nan_offset;       /* the first NaN, Infinity or -Infinity */
    int64_t surrogate_offset; /* the first escape of a lone surrogate */
};

enum lc_json_fault {
    LC_JSON_FINE,
    LC_JSON_SYNTAX,   /* json.loads raises */
    LC_JSON_CUT_OFF,  /* json.loads raises because the text ends too early */
    LC_JSON_NOT_UTF8, /* decoding raises, whatever else is wrong */
    LC_JSON_TOO_DEEP, /* nested beyond LC_JSON_MAX_DEPTH */
    /* of a row, from the splitter alone */
    LC_JSON_SPLIT_ROW, /* a row of a JSONL that stands over several lines */
    /* of a whole file, from the splitter alone */
    LC_JSON_BOM,         /* begins with a byte order mark */
    LC_JSON_LFS_POINTER, /* is a git-LFS pointer */
    LC_JSON_NOT_ROWS,    /* neither an array nor JSONL, or goes on after the array */
    LC_JSON_NO_ROWS,     /* holds no row */
};

/** Why a text is no JSON value, and where. */
struct lc_json_problem {
    enum lc_json_fault fault;
    uint32_t offset;     /* bytes from the start of the text: where Python says it is */
    const char *message; /* static text: one line, lower case */
};

/**
 * Name a problem anew that was taken for a cut-off text: more follows in the file, so
 * that it is bad syntax, or a character that is not UTF-8.
 */
void lc_json_not_cut_off(struct lc_json_problem *problem, const char *text, size_t size);

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
 * simdjson reads it; what simdjson refuses is read again by lc_json_parse_exact, which
 * decides. So this agrees with json.loads, and problems have a place.
 *
 * @param text     LC_JSON_PADDING readable bytes follow it
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
 *               false: the value may be followed by anything, doc->used says where it
 * ends
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
 * lc_json_parse_exact does, but keep nothing of it: a text of any size takes no memory.
 *
 * @param whole    as there
 * @param used     set to the value's bytes when problem->fault is LC_JSON_FINE
 * @param problem  always set
 */
void lc_json_skip_exact(struct lc_json_parser *parser, const char *text, size_t size,
                        bool whole, size_t *used, struct lc_json_problem *problem);

#endif
