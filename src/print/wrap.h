/* wrap.h - breaks lines to fit a terminal */
#ifndef LC_PRINT_WRAP_H
#define LC_PRINT_WRAP_H

#include <stddef.h>
#include <stdio.h>

/**
 * Open a stream that breaks the lines it is given between words, so that they fit, and
 * hands them on. What follows a break is indented: two columns more than the line, or to
 * the column after its leading cells, which are words followed by two or more blanks.
 * Colour codes have no width. A line is cut with an ellipsis after some 800 columns.
 *
 * @param to     where they go; it stays open
 * @param width  columns, at least 1; those of a terminal under 40 count as 40
 *
 * Owner:  the caller, fclose. NULL: allocation failed.
 */
FILE *lc_wrap_open(FILE *to, unsigned width);

#endif
