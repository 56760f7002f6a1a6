/* select.h - whether and at which level each rule is reported; private to src/view
 *
 * A selector is "all", a rule's name, a code, or the beginning of a code (IMG, IMG5). The
 * more of the code it gives, the more specific it is; "all" is the least specific, and a
 * name counts as the whole code.
 *
 *   select, ignore   the more specific of the two decides, and ignore if they are equal.
 *                    Without --select, any matching ignore hides the rule
 *   severity         the most specific entry sets the level, the last one among equals.
 *                    "off" hides the rule
 *
 * All of this depends on the rule alone and is resolved once per view. Folders and the
 * baseline depend on the finding: view.c. */
#ifndef LC_VIEW_SELECT_H
#define LC_VIEW_SELECT_H

#include "base/error.h"
#include "base/text.h"
#include "llava_check/selection.h"
#include "rules/rules.h"

#define LC_NOT_HIDDEN (-1)

/** How the findings of a rule are reported. */
struct lc_rule_choice {
    int hidden;   /* an enum lc_adjustment; LC_NOT_HIDDEN: the findings are reported */
    bool leveled; /* `level` replaces the findings' own level */
    enum lc_severity level;
};

/**
 * Resolve the selectors of a selection.
 *
 * @param out  by enum lc_rule_index
 *
 * Errors: LC_ERR_USAGE (a selector matches no rule).
 */
LC_MUST_CHECK enum lc_status lc_select_rules(const struct lc_selection *selection,
                                             struct lc_rule_choice out[LC_RULE_COUNT],
                                             struct lc_error *err);

/** Whether a valid selector matches a rule. */
bool lc_selector_has(const char *selector, enum lc_rule_index rule);

/** Whether a pattern of struct lc_folder_choice matches a path or a folder above it. */
bool lc_pattern_matches(const char *pattern, struct lc_span path);

#endif
