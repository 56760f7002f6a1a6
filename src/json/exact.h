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
    enum lc_status status; /* out of memory, seen where no error can be returned */
    bool skip;             /* find the value's end only: nothing is kept */
    bool lenient;      /* accept control characters in strings, and a comma too many */
    bool strict_lists; /* lenient, but for a comma before a bracket */
    bool odd_digits;   /* accept numbers such as 007 and 7., too */
    size_t depth;
    uint32_t open[LC_JSON_MAX_DEPTH]; /* in the tape: the containers being read */
    bool object[LC_JSON_MAX_DEPTH];   /* whether each is an object */
};

/** Note the problem; always false, so that a failure is one statement. */
bool lc_reader_refuse(struct lc_reader *r, enum lc_json_fault fault, size_t offset,
                      const char *message);

/** Note that allocation failed; always false. */
bool lc_reader_no_memory(struct lc_reader *r);

/** Append a word to the tape, for what begins at an offset of the text. Returns false,
 * and notes it, when out of memory. */
bool lc_reader_put(struct lc_reader *r, int letter, uint64_t payload, size_t offset);

/** The same for what takes two words: the second has no letter. */
bool lc_reader_put2(struct lc_reader *r, int letter, uint64_t payload, uint64_t second,
                    size_t offset);

/* Read a scalar at the current place, whose first byte was checked. Return false when it
 * was refused. */
bool lc_reader_string(struct lc_reader *r);
bool lc_reader_number(struct lc_reader *r);
bool lc_reader_word(struct lc_reader *r); /* null, true, NaN …, and numbers with a sign */

#endif
