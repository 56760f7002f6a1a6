/* row.h - a row as it is written for programs; private to src/query */
#ifndef LC_QUERY_ROW_H
#define LC_QUERY_ROW_H

#include "llava_check/rows.h"
#include "query/question.h"

/** A row with the names that the answer has for it; its texts are of the index. */
struct lc_row_line {
    struct lc_row_entry entry;
    struct lc_span id;     /* of the entry; NULL when it is empty, as the next */
    struct lc_span source; /* data_source */
    const char *script;    /* NULL: not known */
    bool faulty;           /* it, or an image of it, has a finding of level error */
    struct lc_texts images;
};

extern const struct lc_field lc_row_fields[];
extern const size_t lc_row_field_count;

/** Set the names of a line whose entry is set. */
void lc_row_line(struct lc_row_line *line);

#endif
