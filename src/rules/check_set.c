#include "rules/rules.h"

void lc_check_ROW206(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char quote[80];

    lc_emit(out, rule, "id %s stands on %llu rows",
            lc_text_quote(facts->duplicate->id, quote, sizeof(quote)),
            (unsigned long long)facts->duplicate->count);
}
