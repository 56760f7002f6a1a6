/* recognise.h - how reports begin, and which files are reports; private to src/report */
#ifndef LC_REPORT_RECOGNISE_H
#define LC_REPORT_RECOGNISE_H

#include "base/error.h"

#include <stdio.h>

/**
 * Write the line by which a report in a file is recognised, unless the format itself
 * begins with something that no other file does.
 *
 * @param format  of formats.def
 * @param to      its errors are checked once, by the caller
 */
void lc_report_mark(const char *format, FILE *to);

#endif
