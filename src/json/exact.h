/* exact.h - the state of the exact parser; private to src/json */
#ifndef LC_JSON_EXACT_H
#define LC_JSON_EXACT_H

#include "json/parser.h"

/** Where a text is being read, and what became of it so far. */
struct lc_reader {
    struct lc_json_parser *parser;
    const char *text;
    size_t size;
    size_t at;
    int64_t nan_offset;
    int64_t surrogate_offset;
    struct lc_json_problem problem;
    enum lc_status status;    /* out of memory, seen where no error can be returned */
    bool skip;                /* only the value's end is wanted: nothing is kept */
    struct lc_json_node none; /* stands for every node that is not kept */
    size_t depth;
    uint32_t open[LC_JSON_MAX_DEPTH]; /* nodes of the containers being read */
    bool object[LC_JSON_MAX_DEPTH];   /* whether each is an object */
};

/** Note the problem; always false, so that a failure is one statement. */
bool lc_reader_refuse(struct lc_reader *r, enum lc_json_fault fault, size_t offset,
                      const char *message);

/** Note that memory was lacking; always false. */
bool lc_reader_no_memory(struct lc_reader *r);

/** Add a node that begins at the present place; NULL (and noted) when out of memory. */
struct lc_json_node *lc_reader_add(struct lc_reader *r, enum lc_json_type type);

/* Read a scalar at the present place, of which the first byte was looked at. Return false
 * when it was refused. */
bool lc_reader_string(struct lc_reader *r);
bool lc_reader_number(struct lc_reader *r);
bool lc_reader_word(struct lc_reader *r); /* null, true, NaN …, and numbers with a sign */

#endif
