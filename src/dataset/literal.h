/* literal.h - Python literals, such as {'a': True}; private to src/dataset */
#ifndef LC_DATASET_LITERAL_H
#define LC_DATASET_LITERAL_H

#include "base/text.h"

#include <stdbool.h>

/** Whether ast.literal_eval reads a text. */
enum lc_literal {
    LC_LITERAL_NO,     /* it raises */
    LC_LITERAL_YES,    /* it returns a value that json.dumps writes */
    LC_LITERAL_UNSURE, /* this cannot be said: triple quotes, sets, comments … */
};

/** The kind of a value in a literal. */
enum lc_literal_kind {
    LC_LITERAL_MISSING, /* the key is missing */
    LC_LITERAL_NONE,    /* None */
    LC_LITERAL_TEXT,    /* a string without escapes */
    LC_LITERAL_ESCAPED, /* another string */
    LC_LITERAL_DICT,
    LC_LITERAL_OTHER,
};

/** A value in a literal. */
struct lc_literal_value {
    enum lc_literal_kind kind;
    struct lc_span text; /* TEXT: the string without its quotes */
};

/** What a literal is; its members if it is a dict. */
struct lc_literal_facts {
    struct lc_literal_value whole;
    struct lc_literal_value name, arguments, parameters; /* the last of each */
    bool has_others;                                     /* it has other members */
};

/**
 * Find out whether a text is a Python literal. It is read in one pass, without memory.
 *
 * @param facts  set if it is one; whole is also set if that is unsure, but its kind is
 * not
 *
 * Threads: any.
 * Source:  CPython 3.11 Lib/ast.py, literal_eval; the Python Language Reference,
 *          Lexical analysis.
 */
enum lc_literal lc_literal_read(struct lc_span text, struct lc_literal_facts *facts);

#endif
