/* resync.h - finds where the next row begins after a broken one; private to src/json
 *
 * Idea. After a syntax error nothing in the array can be trusted: the brackets do not
 * match, and braces may be inside a string or begin a turn instead of a row. But the rows
 * of a file are written by one program. In a file with one row per line, or
 * pretty-printed, the white space before a row's opening brace (a newline and the
 * indentation) occurs before no other brace, because turns are nested more deeply. So the
 * splitter learns this white space and the first key from the first rows, and searches
 * for a brace with the same white space. A file on a single line has no such white space.
 * There, the search settles for a brace followed by the learnt first key, or by a key
 * that rows usually have.
 *
 * A wrong guess misplaces the boundary of a broken row, which is reported either way; it
 * cannot make a sound file look broken, since the search only runs after an error.
 *
 * Cost. One search reads up to the next match. The splitter searches again only past the
 * last match, and once the white space no longer occurs, it is not searched for again
 * (lead_gone_from). So all searches together read the file a constant number of times. */
#ifndef LC_JSON_RESYNC_H
#define LC_JSON_RESYNC_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/** How the rows of a file begin, learnt from its first rows. */
struct lc_row_start {
    char key[64]; /* the first key, with its quotes */
    size_t key_size;
    char lead[64]; /* the white space before the opening brace */
    size_t lead_size;
    bool known;
    bool lead_gone; /* no row from lead_gone_from on begins with that white space */
    size_t lead_gone_from;
};

/**
 * Learn from a row how rows begin in this file, replacing anything learnt before.
 *
 * @param at  offset of the row's opening brace
 */
void lc_row_start_learn(struct lc_row_start *start, const char *text, size_t size,
                        size_t at);

/**
 * Find the next place that looks like the beginning of a row: an opening brace with the
 * indentation of rows if rows begin on lines of their own; otherwise an opening brace
 * followed by a key that rows have.
 *
 * @param from  offset at which to start the search
 * @return the offset of the brace, or size if there is none
 */
size_t lc_row_start_find(struct lc_row_start *start, const char *text, size_t size,
                         size_t from);

/**
 * Whether the text after a row looks right for this file: the end of the array, or a
 * comma and a row with the same indentation as the others. Always true if rows are not
 * indented.
 *
 * @param end  offset past the end of the row
 */
bool lc_row_end_matches(const struct lc_row_start *start, const char *text, size_t size,
                        size_t end);

/** Whether the object at an offset begins with a key that rows have. */
bool lc_row_start_matches(const struct lc_row_start *start, const char *text, size_t size,
                          size_t at);

#endif
