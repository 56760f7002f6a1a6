/* select.h - what a selection makes of each rule; private to src/view */
#ifndef LC_VIEW_SELECT_H
#define LC_VIEW_SELECT_H

#include "base/error.h"
#include "base/text.h"
#include "llava_check/selection.h"
#include "rules/rules.h"

#define LC_NOT_HIDDEN (-1)

/** What becomes of a rule's findings. */
struct lc_rule_choice {
    int hidden;   /* an enum lc_adjustment; LC_NOT_HIDDEN: they are reported */
    bool leveled; /* level is given to them */
    enum lc_severity level;
};

/**
 * Resolve the selectors of a selection.
 *
 * @param out  by enum lc_rule_index
 *
 * Errors: LC_ERR_USAGE: a selector that selects nothing.
 */
LC_MUST_CHECK enum lc_status lc_select_rules(const struct lc_selection *selection,
                                             struct lc_rule_choice out[LC_RULE_COUNT],
                                             struct lc_error *err);

/** Whether a selector, which is a good one, selects a rule. */
bool lc_selector_has(const char *selector, enum lc_rule_index rule);

/** Whether a path is what a pattern of lc_folder_choice says, or below it. */
bool lc_pattern_matches(const char *pattern, struct lc_span path);

#endif
