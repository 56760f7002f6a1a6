#include "report/model/worst.h"

#include <stdbool.h>
#include <string.h>

static bool is_json_rule(const struct lc_rule_info *rule)
{
    return memcmp(rule->code, "JSN", 3) == 0;
}

int lc_worst_first(const struct lc_weight *a, const struct lc_weight *b)
{
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    if (a->effect != b->effect)
        return a->effect > b->effect ? -1 : 1;
    if (is_json_rule(a->rule) != is_json_rule(b->rule))
        return is_json_rule(a->rule) ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->rule < b->rule ? -1 : 1;
}
