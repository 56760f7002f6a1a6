/* clean_summary.h - what clean and fix print about their results */
#ifndef LC_CLI_CLEAN_SUMMARY_H
#define LC_CLI_CLEAN_SUMMARY_H

#include "llava_check/clean.h"

/** Format a number with commas. Returns out. */
const char *lc_count_text(uint64_t value, char out[32]);

/** "s", unless the number is 1. */
const char *lc_plural(uint64_t value);

/** Print what became of the rows, and why. */
void lc_print_clean_rows(const struct lc_clean *clean);

/** Print the outcome of checking the result. */
void lc_print_clean_checked(const struct lc_clean *clean);

#endif
