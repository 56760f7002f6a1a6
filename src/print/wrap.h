/* wrap.h - wraps lines to fit a terminal */
#ifndef LC_PRINT_WRAP_H
#define LC_PRINT_WRAP_H

#include <stddef.h>
#include <stdio.h>

/**
 * Open a stream that breaks lines between words, so that they fit the width, and passes
 * them on. The text after a break is indented: two columns more than the line, or to the
 * column after the line's leading cells, which are words followed by two or more blanks.
 * Colour codes have no width. A line is cut with an ellipsis after about 800 columns.
 *
 * @param to     receives the lines; it stays open
 * @param width  columns, at least 1; a terminal with fewer than 40 is treated as having
 *               40
 *
 * Owner:  the caller, fclose. NULL: allocation failed.
 */
FILE *lc_wrap_open(FILE *to, unsigned width);

#endif
