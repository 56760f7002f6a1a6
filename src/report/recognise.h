/* recognise.h - how reports begin, and which files are reports; private to src/report */
#ifndef LC_REPORT_RECOGNISE_H
#define LC_REPORT_RECOGNISE_H

#include "base/error.h"

#include <stdio.h>

/**
 * Write the line by which a report in a file is recognised, unless every report in the
 * format begins with something that no other file does.
 *
 * @param format  a name in formats.def
 * @param to      the caller checks its errors once
 */
void lc_report_mark(const char *format, FILE *to);

#endif
