/* wrap.h - lines that fit a terminal; private to src/report */
#ifndef LC_PRINT_WRAP_H
#define LC_PRINT_WRAP_H

#include <stddef.h>
#include <stdio.h>

/**
 * Open a stream that breaks the lines it is given between words, so that they fit, and
 * hands them on. What follows a break stands below the text: two columns to the right of
 * where the line begins, or behind its first cells, which are words with two blanks or
 * more behind them. Codes of colour take no room. A line is cut with an ellipsis behind
 * some 800 columns.
 *
 * @param to     where they go; it stays open
 * @param width  columns, at least 1; those of a terminal under 40 are taken for 40
 *
 * Owner:  the caller, fclose. NULL: no memory.
 */
FILE *lc_wrap_open(FILE *to, unsigned width);

#endif
