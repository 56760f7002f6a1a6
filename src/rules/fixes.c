#include "llava_check/fix.h"
#include "rules/rules.h"

#include <string.h>

#define SAFE true
#define UNSAFE false

const struct lc_fix lc_fixes[LC_FIX_COUNT] = {
#define LC_FIX(identifier, name, safety, kind, summary)                                  \
    [LC_FIX_##identifier] = {{name, safety, summary}, LC_FIX_OF_##kind},
#define LC_FIXES(code, which)
#define LC_FIXES_ALL(code)
#include "rules/fixes.def"
#undef LC_FIX
#undef LC_FIXES
#undef LC_FIXES_ALL
};

/* Either a fix, or findings to which the preceding fix applies. */
struct entry {
    enum lc_fix_index fix; /* LC_FIX_COUNT: the preceding fix */
    enum lc_case_index which;
    bool all; /* all cases of the rule */
};

static const struct entry entries[] = {
#define LC_FIX(identifier, ...) {LC_FIX_##identifier, LC_CASE_COUNT, false},
#define LC_FIXES(code, which) {LC_FIX_COUNT, LC_CASE_##code##_##which, false},
#define LC_FIXES_ALL(code) {LC_FIX_COUNT, LC_CASE_##code##_ANY, true},
#include "rules/fixes.def"
#undef LC_FIX
#undef LC_FIXES
#undef LC_FIXES_ALL
};

enum lc_fix_index lc_case_fix(enum lc_case_index which, size_t index)
{
    enum lc_fix_index fix = LC_FIX_COUNT;

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        const struct entry *entry = &entries[i];

        if (entry->fix != LC_FIX_COUNT)
            fix = entry->fix;
        else if (which < LC_CASE_COUNT &&
                 (entry->which == which ||
                  (entry->all && lc_cases[entry->which].rule == lc_cases[which].rule)) &&
                 index-- == 0)
            return fix;
    }
    return LC_FIX_COUNT;
}

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

const struct lc_fix_info *lc_fix_at(size_t index)
{
    return index < LC_FIX_COUNT ? &lc_fixes[index].info : NULL;
}

const struct lc_fix_info *lc_fix_of(const char *code, const char *rule_case, size_t index)
{
    return lc_fix_at(
        lc_case_fix(lc_case_index_of(span_of(code), span_of(rule_case)), index));
}

/* The condition under which a fix may be made: a text in the finding's message; NULL:
 * none. */
static const char *condition_of(enum lc_fix_index fix)
{
    switch (fix) {
    case LC_FIX_correct_path:
        return "there is '";
    case LC_FIX_unify_ids:
        return "'id'";
    default:
        return NULL;
    }
}

enum lc_fix_index lc_finding_fix(struct lc_span code, struct lc_span rule_case,
                                 struct lc_span message)
{
    enum lc_fix_index fix = lc_case_fix(lc_case_index_of(code, rule_case), 0);
    const char *condition = condition_of(fix);

    if (condition && (!message.size ||
                      !memmem(message.text, message.size, condition, strlen(condition))))
        return LC_FIX_COUNT;
    return fix;
}

const struct lc_fix_info *lc_fix_of_finding(const char *code, const char *rule_case,
                                            const char *message)
{
    return lc_fix_at(lc_finding_fix(span_of(code), span_of(rule_case), span_of(message)));
}

static bool case_has_fix(enum lc_case_index which, enum lc_fix_index fix)
{
    enum lc_fix_index other;

    for (size_t i = 0; (other = lc_case_fix(which, i)) != LC_FIX_COUNT; i++)
        if (other == fix)
            return true;
    return false;
}

bool lc_rule_has_fix(enum lc_rule_index rule, enum lc_fix_index fix)
{
    for (size_t which = 0; which < LC_CASE_COUNT; which++)
        if (lc_cases[which].rule == rule && case_has_fix((enum lc_case_index)which, fix))
            return true;
    return false;
}

enum lc_status lc_rule_name_fixes(enum lc_rule_index rule, struct lc_buffer *out,
                                  struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t named = 0;

    for (int safe = 1; safe >= 0; safe--) {
        bool is_first = true;

        for (size_t i = 0; i < LC_FIX_COUNT && status == LC_OK; i++) {
            if (lc_fixes[i].info.is_safe != safe ||
                !lc_rule_has_fix(rule, (enum lc_fix_index)i))
                continue;
            status = lc_buffer_printf(out, err, "%s%s%s",
                                      !named     ? "llava-check fix: "
                                      : is_first ? "; "
                                                 : ", ",
                                      is_first && !safe ? "with --unsafe " : "",
                                      lc_fixes[i].info.name);
            is_first = false;
            named++;
        }
    }
    return status;
}
