#include "query/pick.h"

#include "iterate/entries.h"
#include "llava_check/dialects.h"

#include <stdlib.h>
#include <string.h>

static const char *effect_at(size_t index)
{
    return index <= LC_EFFECT_REFUSED ? lc_effect_name((enum lc_effect)index) : NULL;
}

static const char *level_at(size_t index)
{
    return index <= LC_SEVERITY_ERROR ? lc_severity_name((enum lc_severity)index) : NULL;
}

static const char *dialect_at(size_t index)
{
    struct lc_dialect_info dialect = {0};

    return lc_dialect_at(index, &dialect) ? dialect.name : NULL;
}

/* Codes and names of rules, alternating. */
static const char *rule_at(size_t index)
{
    const struct lc_rule_info *rule = lc_rule_at(index / 2);

    return !rule ? NULL : index % 2 ? rule->name : rule->code;
}

static const struct lc_choice choices[] = {
    {"effect", effect_at, NULL},
    {"level", level_at, NULL},
    {"script", lc_row_script_name, NULL},
    {"dialect", dialect_at, NULL},
    {"rule", rule_at, "llava-check rules"},
    {NULL, NULL, NULL},
};

static bool is_of_effect(const struct lc_condition *condition)
{
    return strcmp(condition->field->name, "effect") == 0;
}

/* Add a condition to the list of its kind. */
static void add_condition(struct lc_pick *pick, struct lc_condition condition)
{
    const struct lc_rule_info *rule;
    char name[64];

    if (is_of_effect(&condition)) {
        pick->of_effect[pick->effect_count++] = condition;
        return;
    }
    if (condition.field < lc_row_fields + lc_row_own_count) {
        pick->of_row[pick->row_count++] = condition;
        return;
    }
    if (strcmp(condition.field->name, "rule") == 0 &&
        condition.text.size < sizeof(name)) {
        memcpy(name, condition.text.text, condition.text.size);
        name[condition.text.size] = '\0';
        rule = lc_rule_find(name);
        if (rule)
            condition.text = (struct lc_span){rule->code, strlen(rule->code)};
    }
    if (!lc_where_is_negative(&condition)) {
        pick->of_finding[pick->finding_count++] = condition;
        return;
    }
    condition.op =
        condition.op == LC_OPERATOR_NOT_EQUAL ? LC_OPERATOR_EQUAL : LC_OPERATOR_HOLDS;
    pick->denied[pick->denied_count++] = condition;
}

/* A walk over findings that sets the bit of each row that a finding is about. */
struct marking {
    const struct lc_index *index;
    struct lc_pick *pick;
    uint8_t *bits;
    struct lc_entry_cache cache;
};

static void mark_row(void *user, uint64_t row)
{
    struct marking *marking = user;

    if (row < marking->pick->rows)
        marking->bits[row / 8] |= (uint8_t)(1U << row % 8);
}

static enum lc_status mark_rows(struct marking *marking,
                                const struct lc_finding_record *finding,
                                struct lc_error *err)
{
    const struct lc_file_record *file;
    enum lc_status status;

    switch (finding->kind) {
    case LC_FINDING_ROW:
        if (finding->row < 0)
            return LC_OK;
        status = lc_entry_cache_file(&marking->cache, marking->index, finding->file,
                                     &file, err);
        if (status == LC_OK && (uint64_t)finding->row < file->rows)
            mark_row(marking, file->first_row + (uint64_t)finding->row);
        return status;
    case LC_FINDING_IMAGE:
        return lc_index_each_row_of_image(marking->index, finding->image, mark_row,
                                          marking, err);
    case LC_FINDING_SET:
    default:
        return finding->id.size ? lc_index_each_row_of_id(marking->index, finding->id,
                                                          mark_row, marking, err)
                                : LC_OK;
    }
}

static enum lc_status mark_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct marking *marking = user;
    const struct lc_pick *pick = marking->pick;
    bool found = pick->finding_count > 0, refused = false;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < pick->finding_count; i++)
        found = found && lc_where_holds(&pick->of_finding[i], finding);
    for (size_t i = 0; i < pick->denied_count; i++)
        refused |= lc_where_holds(&pick->denied[i], finding);
    marking->bits = pick->found;
    if (found)
        status = mark_rows(marking, finding, err);
    marking->bits = pick->refused;
    if (status == LC_OK && refused)
        status = mark_rows(marking, finding, err);
    return status;
}

static enum lc_status mark_findings(const struct lc_index *index, struct lc_pick *pick,
                                    struct lc_error *err)
{
    struct marking marking = {.index = index, .pick = pick};
    size_t bytes = (size_t)(pick->rows / 8) + 1;

    if (pick->finding_count && !(pick->found = calloc(bytes, 1)))
        return lc_fail_memory(err);
    if (pick->denied_count && !(pick->refused = calloc(bytes, 1)))
        return lc_fail_memory(err);
    if (!pick->found && !pick->refused)
        return LC_OK;
    return lc_index_each_finding(index, mark_finding, &marking, err);
}

enum lc_status lc_pick_read(const struct lc_query_run *run, bool needs_effects,
                            struct lc_pick *out, struct lc_error *err)
{
    const struct lc_query *query = run->query;
    size_t size = sizeof(*out->of_row), count = query->where_count + 1;
    enum lc_status status = LC_OK;

    *out = (struct lc_pick){.of_row = calloc(count, size),
                            .of_effect = calloc(count, size),
                            .of_finding = calloc(count, size),
                            .denied = calloc(count, size),
                            .rows = lc_index_summary(run->index)->rows};
    if (!out->of_row || !out->of_effect || !out->of_finding || !out->denied)
        return lc_fail_memory(err);
    for (size_t i = 0; i < query->where_count && status == LC_OK; i++) {
        struct lc_condition condition;

        status = lc_where_read(lc_row_fields, lc_row_condition_count, choices,
                               query->where[i], &condition, err);
        if (status != LC_OK)
            break;
        needs_effects |= is_of_effect(&condition);
        add_condition(out, condition);
    }
    if (status == LC_OK && needs_effects)
        status = lc_effects_find(run->index, query->trainer, &out->effects, err);
    if (status == LC_OK)
        status = mark_findings(run->index, out, err);
    return status;
}

void lc_pick_clear(struct lc_pick *pick)
{
    free(pick->of_row);
    free(pick->of_effect);
    free(pick->of_finding);
    free(pick->denied);
    free(pick->found);
    free(pick->refused);
    lc_effects_clear(&pick->effects);
}

bool lc_pick_may_have(void *user, uint64_t row)
{
    const struct lc_pick *pick = user;
    struct lc_row_line line;

    if (row >= pick->rows)
        return true;
    for (size_t i = 0; i < pick->effect_count; i++) {
        line.effect = pick->effects.rows[row];
        if (!lc_where_holds(&pick->of_effect[i], &line))
            return false;
    }
    return (!pick->found || pick->found[row / 8] >> row % 8 & 1) &&
           !(pick->refused && pick->refused[row / 8] >> row % 8 & 1);
}

bool lc_pick_has(const struct lc_pick *pick, const struct lc_row_line *line)
{
    for (size_t i = 0; i < pick->row_count; i++)
        if (!lc_where_holds(&pick->of_row[i], line))
            return false;
    return true;
}
