/* resync.h - where the next row begins after a broken one; private to src/json */
#ifndef LC_JSON_RESYNC_H
#define LC_JSON_RESYNC_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/** What the rows of a file begin with, learnt from its first rows. */
struct lc_row_start {
    char key[64]; /* the first key, with its quotes */
    size_t key_size;
    char lead[64]; /* the white space before the opening brace */
    size_t lead_size;
    bool known;
    bool lead_gone; /* no row begins with that white space from lead_from on */
    size_t lead_from;
};

/**
 * Learn from a row how rows begin in this file; the last one learnt from counts.
 *
 * @param at  offset of the row's opening brace
 */
void lc_row_start_learn(struct lc_row_start *start, const char *text, size_t size,
                        size_t at);

/**
 * Find the next place that looks like the beginning of a row: in a file of one row a
 * line, or pretty-printed, an opening brace indented as the rows are; elsewhere, an
 * opening brace and a key that rows have.
 *
 * @param from  offset to search from
 * @return the offset of the brace, or size when there is none
 */
size_t lc_row_start_find(struct lc_row_start *start, const char *text, size_t size,
                         size_t from);

/**
 * Whether what follows a row fits the rows of this file: the end of the array, or a comma
 * and a row that is indented as they are. True where indentation tells nothing.
 *
 * @param end  offset behind the row
 */
bool lc_row_end_matches(const struct lc_row_start *start, const char *text, size_t size,
                        size_t end);

/** Whether the object at an offset begins with a key that rows have. */
bool lc_row_start_matches(const struct lc_row_start *start, const char *text, size_t size,
                          size_t at);

#endif
