/* resync.h - where the next row begins after a broken one; private to src/json */
#ifndef LC_JSON_RESYNC_H
#define LC_JSON_RESYNC_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/** What the rows of a file begin with, learnt from its first sound row. */
struct lc_row_start {
    char key[64]; /* the first key, with its quotes */
    size_t key_size;
    char lead[64]; /* the white space before the opening brace */
    size_t lead_size;
    bool known;
};

/**
 * Learn from a sound row how rows begin in this file.
 *
 * @param at  offset of the row's opening brace
 */
void lc_row_start_learn(struct lc_row_start *start, const char *text, size_t size,
                        size_t at);

/**
 * Find the next place that looks like the beginning of a row: an opening brace and a key
 * that rows have, indented as the rows of this file are.
 *
 * @param from  offset to search from
 * @return the offset of the brace, or size when there is none
 */
size_t lc_row_start_find(const struct lc_row_start *start, const char *text, size_t size,
                         size_t from);

/** Whether the object at an offset begins with a key that rows have. */
bool lc_row_start_looks(const struct lc_row_start *start, const char *text, size_t size,
                        size_t at);

#endif
