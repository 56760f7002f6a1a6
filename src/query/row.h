/* row.h - a row as it is written for programs; private to src/query */
#ifndef LC_QUERY_ROW_H
#define LC_QUERY_ROW_H

#include "query/question.h"

/** A row with what its numbers stand for; texts are of the index. All zero before the
 * first one; may be used again for the next. */
struct lc_row_line {
    struct lc_row_record row;
    uint64_t number;
    struct lc_span file;
    struct lc_span id;     /* NULL: none */
    struct lc_span source; /* NULL: none */
    const char *script;    /* NULL: not known */
    bool faulty;           /* it, or an image of it, has a finding of level error */
    struct lc_texts images;
    struct lc_file_record last; /* the file that was looked up last */
};

extern const struct lc_field lc_row_fields[];
extern const size_t lc_row_field_count;

/**
 * Find what a row's numbers stand for.
 *
 * @param images  numbers of the images it names, as lc_row_fn gets them
 * @param blamed  whether a finding of level error is about the row: its record does not
 *                know of those after its end
 * @param out     free its images.items at the end
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_row_line(const struct lc_index *index, uint64_t number,
                                         const struct lc_row_record *row,
                                         struct lc_span images, bool blamed,
                                         struct lc_row_line *out, struct lc_error *err);

#endif
