#include "rules/rules.h"

/* Call the checks of a scope. The scope is a compile-time constant, so only direct calls
 * are left, in the order of the rules. */
static inline __attribute__((always_inline)) void
check_all(enum lc_scope scope, const struct lc_facts *facts, struct lc_findings *out)
{
#define LC_RULE(code, name, severity, its_scope, ...)                                    \
    if (scope == LC_SCOPE_##its_scope)                                                   \
        lc_check_##code(&lc_rules[LC_RULE_##code], facts, out);
#define LC_CASE(...)
#include "rules/rules.def"
#undef LC_RULE
#undef LC_CASE
}

enum lc_status lc_rules_check(enum lc_scope scope, const struct lc_facts *facts,
                              struct lc_findings *out, struct lc_error *err)
{
    switch (scope) {
    case LC_SCOPE_JSON:
        check_all(LC_SCOPE_JSON, facts, out);
        break;
    case LC_SCOPE_ROW:
        check_all(LC_SCOPE_ROW, facts, out);
        break;
    case LC_SCOPE_SAMPLE:
        check_all(LC_SCOPE_SAMPLE, facts, out);
        break;
    case LC_SCOPE_FILE:
        check_all(LC_SCOPE_FILE, facts, out);
        break;
    case LC_SCOPE_IMAGE:
        check_all(LC_SCOPE_IMAGE, facts, out);
        break;
    case LC_SCOPE_SET:
        check_all(LC_SCOPE_SET, facts, out);
        break;
    case LC_SCOPE_AGAIN:
        check_all(LC_SCOPE_AGAIN, facts, out);
        break;
    case LC_SCOPE_DOWNLOAD:
        check_all(LC_SCOPE_DOWNLOAD, facts, out);
        break;
    }
    return out->failed ? lc_fail_memory(err) : LC_OK;
}
