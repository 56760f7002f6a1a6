/* exact.h - the state of the exact parser; private to src/json */
#ifndef LC_JSON_EXACT_H
#define LC_JSON_EXACT_H

#include "json/parser.h"

/** A text being read by the exact parser. */
struct lc_reader {
    struct lc_json_parser *parser;
    const char *text;
    size_t size;
    size_t at;
    int64_t nan_offset;
    int64_t surrogate_offset;
    unsigned ranges;
    uint32_t range_offsets[LC_JSON_RANGES];
    struct lc_json_problem problem;
    enum lc_status status; /* out of memory, recorded where no error can be returned */
    bool skip;             /* only find the end of the value; keep nothing */
    bool lenient;          /* accept control characters in strings, and trailing commas */
    bool strict_lists;     /* even if lenient, refuse a comma before a ] */
    bool odd_digits;       /* also accept numbers such as 007 and 7. */
    size_t depth;
    uint32_t open[LC_JSON_MAX_DEPTH]; /* tape indexes of the open containers */
    bool object[LC_JSON_MAX_DEPTH];   /* whether each is an object */
};

/** Record the problem. Always returns false, so that callers can return it. */
bool lc_reader_refuse(struct lc_reader *r, enum lc_json_fault fault, size_t offset,
                      const char *message);

/** Record that an allocation failed. Always returns false. */
bool lc_reader_no_memory(struct lc_reader *r);

/** Append a word to the tape for the value that begins at an offset of the text. If out
 * of memory, record it and return false. */
bool lc_reader_put(struct lc_reader *r, int letter, uint64_t payload, size_t offset);

/** The same for a value of two words; the second has no letter. */
bool lc_reader_put2(struct lc_reader *r, int letter, uint64_t payload, uint64_t second,
                    size_t offset);

/* Read a scalar at the current place; the caller has checked its first byte. Return false
 * if it is refused. */
bool lc_reader_string(struct lc_reader *r);
bool lc_reader_number(struct lc_reader *r);
bool lc_reader_word(struct lc_reader *r); /* null, true, NaN …, and numbers with a sign */

#endif
