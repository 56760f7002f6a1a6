/* Rules about the whole set */
#include "rules/rules.h"

void lc_check_ROW206(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char quote[80];

    if (facts->duplicate)
        lc_emit(out, rule, "id %s stands on %llu rows",
                lc_text_quote(facts->duplicate->id, quote, sizeof(quote)),
                (unsigned long long)facts->duplicate->count);
}

void lc_check_ROW207(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char quote[80];

    if (facts->duplicate && facts->duplicate->images_differ)
        lc_emit(out, rule, "the rows of id %s name different images",
                lc_text_quote(facts->duplicate->id, quote, sizeof(quote)));
}

void lc_check_ROW210(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_twin_facts *twin = facts->twin;
    char quote[80];

    if (!twin)
        return;
    if (twin->file.size)
        lc_emit(out, rule, "the same as row %llu of %s, line %llu",
                (unsigned long long)twin->row,
                lc_text_quote(twin->file, quote, sizeof(quote)),
                (unsigned long long)twin->line);
    else
        lc_emit(out, rule, "the same as row %llu, line %llu",
                (unsigned long long)twin->row, (unsigned long long)twin->line);
}
