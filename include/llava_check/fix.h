/* fix.h - which findings llava-check can fix; experimental */
/* lc_clean_new of clean.h makes the fixes. */
#ifndef LC_LLAVA_CHECK_FIX_H
#define LC_LLAVA_CHECK_FIX_H

#include "llava_check/api.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A fix; all texts are static. */
struct lc_fix_info {
    const char *name;    /* "remove-comma" */
    bool is_safe;        /* what a row means stays; others are made only on demand */
    const char *summary; /* what is done: one line, no full stop */
};

/** The fix at an index; NULL past the end. */
LC_API const struct lc_fix_info *lc_fix_at(size_t index);

/**
 * A fix for the findings of a rule.
 *
 * @param code       of the rule
 * @param rule_case  name of the finding's case; "" when it has none
 * @param index      of the fixes for it, in the order in which they are tried
 *
 * @return NULL past the end. That there is a fix does not mean that it can be made: that
 *         depends on the row
 */
LC_API const struct lc_fix_info *lc_fix_of(const char *code, const char *rule_case,
                                           size_t index);

/**
 * The fix that a finding may have, from all that the finding says.
 *
 * @param message  of the finding
 *
 * @return the first of lc_fix_of; NULL if there is none, or if the message says that what
 *         it needs is not there
 */
LC_API const struct lc_fix_info *
lc_fix_of_finding(const char *code, const char *rule_case, const char *message);

#ifdef __cplusplus
}
#endif

#endif
