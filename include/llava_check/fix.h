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
    bool is_safe;        /* it keeps the meaning of the row; others must be requested */
    const char *summary; /* what is done: one line, no full stop */
};

/** The fix at an index; NULL past the end. */
LC_API const struct lc_fix_info *lc_fix_at(size_t index);

/**
 * A fix for the findings of a rule.
 *
 * @param code       of the rule
 * @param rule_case  name of the finding's case; "" if it has none
 * @param index      counts the fixes for it, in the order in which they are tried
 *
 * @return NULL past the end. Whether a fix can be made depends on the row, so there may
 *         be a fix that cannot be made
 */
LC_API const struct lc_fix_info *lc_fix_of(const char *code, const char *rule_case,
                                           size_t index);

/**
 * The fix that may apply to a finding, judging by its rule, case and message.
 *
 * @param message  of the finding
 *
 * @return the first of lc_fix_of; NULL if there is none, or if the message shows that it
 *         cannot be made
 */
LC_API const struct lc_fix_info *
lc_fix_of_finding(const char *code, const char *rule_case, const char *message);

#ifdef __cplusplus
}
#endif

#endif
