/* where.h - which records are listed: --where; private to src/query
 *
 *     verdict=corrupt   format=png   width<100   size>=10M   path~coco/   blank   !blank
 *
 * A condition is a field name, one of = != < <= > >= ~ !~, and a value. ~ means that the
 * field contains the value. A boolean field needs no comparison. Numbers may end with K,
 * M or G (powers of 1,024). A condition is data: it is compared, never evaluated.
 */
#ifndef LC_QUERY_WHERE_H
#define LC_QUERY_WHERE_H

#include "query/sheet.h"

enum lc_operator {
    LC_OPERATOR_EQUAL,
    LC_OPERATOR_NOT_EQUAL,
    LC_OPERATOR_LESS,
    LC_OPERATOR_LESS_EQUAL,
    LC_OPERATOR_MORE,
    LC_OPERATOR_MORE_EQUAL,
    LC_OPERATOR_HOLDS,
    LC_OPERATOR_HOLDS_NOT,
};

struct lc_condition {
    const struct lc_field *field;
    enum lc_operator op;
    struct lc_span text; /* the value as given */
    uint64_t number;     /* the value of a field that is a number or rank */
};

/** A field whose values are names; other values are rejected. */
struct lc_choice {
    const char *field;
    const char *(*at)(size_t index); /* NULL past the end; a RANK's names ascend */
    const char *command;             /* command that lists the names if there are many, or
                                        NULL */
};

/**
 * Read a condition.
 *
 * @param choices  ends with one whose name is NULL
 * @param text     must outlive the condition
 *
 * Errors: LC_ERR_USAGE; the message may suggest a name.
 */
LC_MUST_CHECK enum lc_status lc_where_read(const struct lc_field *fields, size_t count,
                                           const struct lc_choice *choices,
                                           const char *text, struct lc_condition *out,
                                           struct lc_error *err);

/** Whether the operator is != or !~. */
bool lc_where_is_negative(const struct lc_condition *condition);

/** Whether a record meets a condition. An absent value only meets != and !~. If there are
 * several texts, one must equal or contain the value; with != and !~, none may. */
bool lc_where_holds(const struct lc_condition *condition, const void *record);

#endif
