/* How findings are fitted into a report that accepts a limited number of entries.
 *
 * The first walk counts findings by rule and level (a rule group), and within it by
 * folder, keeping a few examples of each. assign_details then spends the capacity in four
 * steps:
 *
 *   1. One entry per rule group, the worst first (worst.h). If there are more groups than
 *      entries, the last entry names all groups that did not fit.
 *   2. Groups are listed in full, those with the fewest findings first, while spare
 *      entries last. This order lists the largest possible number of groups in full, and
 *      a million missing images cannot displace one broken row.
 *   3. In the same order, the remaining groups are split by folder. If the entries run
 *      out within a group, its last entry covers its remaining folders.
 *   4. Groups that get nothing from steps 2 and 3 keep the single entry of step 1.
 *
 * Every finding is thus either listed or counted in exactly one entry. The plan is
 * deterministic: it depends only on counts, names and the order of the findings, which is
 * fixed, and comparisons break ties by position among the sorted groups or by folder
 * name. Memory does not grow with the findings: at most LC_PLAN_FOLDERS folders per rule
 * group are kept apart. The second walk, lc_plan_each, lists the entries.
 */
#include "report/model/plan.h"

#include "print/example.h"
#include "report/model/worst.h"
#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

#define EXAMPLES 3
#define EXAMPLE_SIZE 300

/* ---- counting ---- */

static struct lc_rule_group *find_rule_group(struct lc_plan *plan,
                                             const struct lc_finding_record *finding)
{
    for (size_t i = 0; i < plan->rule_group_count; i++)
        if (plan->rule_groups[i].severity == (enum lc_severity)finding->severity &&
            lc_span_is(finding->rule, plan->rule_groups[i].rule->code))
            return &plan->rule_groups[i];
    return NULL;
}

static int worst_first(const void *a, const void *b)
{
    const struct lc_rule_group *x = a, *y = b;

    return lc_worst_first(
        &(struct lc_weight){x->rule, x->severity, x->effect.effect, x->count},
        &(struct lc_weight){y->rule, y->severity, y->effect.effect, y->count});
}

static enum lc_status add_rule_groups(struct lc_plan *plan, enum lc_severity low,
                                      enum lc_severity high, struct lc_error *err)
{
    size_t count;
    const struct lc_rule_count *counts = lc_view_rule_counts(plan->report->view, &count);

    plan->rule_groups = calloc(3 * count + 1, sizeof(*plan->rule_groups));
    if (!plan->rule_groups)
        return lc_fail_memory(err);
    for (int s = (int)high; s >= (int)low; s--) {
        for (size_t i = 0; i < count; i++) {
            const struct lc_rule_info *rule = lc_rule_find(counts[i].code);

            if (!counts[i].counts[s] || !rule)
                continue;
            plan->rule_groups[plan->rule_group_count++] =
                (struct lc_rule_group){.rule = rule, .severity = (enum lc_severity)s};
        }
    }
    return LC_OK;
}

/* Search from the end: findings arrive by folder, so the last one usually matches. */
static struct lc_plan_folder *find_folder(struct lc_rule_group *rule_group,
                                          struct lc_span name)
{
    for (size_t i = rule_group->folder_count; i-- > 0;)
        if (lc_span_equal(rule_group->folders[i].name, name))
            return &rule_group->folders[i];
    return NULL;
}

static enum lc_status get_folder(struct lc_rule_group *rule_group, struct lc_span name,
                                 struct lc_plan_folder **out, struct lc_error *err)
{
    void *items;

    *out = find_folder(rule_group, name);
    if (*out)
        return LC_OK;
    if (rule_group->folder_count == LC_PLAN_FOLDERS) {
        /* the last entry holds all other folders */
        *out = &rule_group->folders[LC_PLAN_FOLDERS - 1];
        (*out)->name = (struct lc_span){0};
        return LC_OK;
    }
    items = lc_array_grow(rule_group->folders, rule_group->folder_count,
                          &rule_group->folder_capacity, sizeof(*rule_group->folders));
    if (!items)
        return lc_fail_memory(err);
    rule_group->folders = items;
    *out = &rule_group->folders[rule_group->folder_count++];
    **out = (struct lc_plan_folder){.name = name};
    return LC_OK;
}

static bool is_cause(struct lc_span message)
{
    size_t size = strlen(LC_FOLDER_MISSING);

    return message.size > size && memcmp(message.text, LC_FOLDER_MISSING, size) == 0;
}

static enum lc_status add_example(struct lc_plan *plan, struct lc_plan_folder *folder,
                                  const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct lc_buffer *text = &folder->examples;
    struct lc_item item;
    enum lc_status status = LC_OK;
    size_t from;

    if (is_cause(finding->message)) /* one example is enough for the whole folder */
        folder->example_count = EXAMPLES;
    if (!text->size) {
        status = lc_item_of(plan->report, finding, &plan->item, &item, err);
        if (status != LC_OK)
            return status;
        folder->line = item.line;
        folder->column = item.column;
        status = item.path.size
                     ? lc_buffer_add(&folder->path, item.path.text, item.path.size, err)
                     : LC_OK;
    } else {
        status = lc_buffer_add(text, "\n", 1, err);
    }
    folder->example_count++;
    from = text->size;
    if (status == LC_OK)
        status = lc_text_finding(plan->report->index, NULL, finding, text, err);
    return status == LC_OK ? lc_item_cut(text, from, EXAMPLE_SIZE, err) : status;
}

static enum lc_status count_finding(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct lc_plan *plan = user;
    struct lc_rule_group *rule_group = find_rule_group(plan, finding);
    struct lc_plan_folder *folder;
    struct lc_rule_effect effect;
    struct lc_span name;
    enum lc_status status;

    if (!rule_group)
        return LC_OK;
    status = lc_item_folder(plan->report, finding, &name, err);
    if (status == LC_OK)
        status = get_folder(rule_group, name, &folder, err);
    if (status != LC_OK)
        return status;
    effect = lc_effects_of(plan->report->effects, finding);
    if (!rule_group->count++ || effect.effect > rule_group->effect.effect)
        rule_group->effect = effect;
    folder->count++;
    plan->findings++;
    return folder->example_count < EXAMPLES ? add_example(plan, folder, finding, err)
                                            : LC_OK;
}

/* ---- level of detail ---- */

/* Rules with the fewest findings come first, so that most rules are listed in full. */
static int least_first(const void *a, const void *b)
{
    const struct lc_rule_group *x = *(const struct lc_rule_group *const *)a;
    const struct lc_rule_group *y = *(const struct lc_rule_group *const *)b;

    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    return x < y ? -1 : x > y;
}

static int most_first(const void *a, const void *b)
{
    const struct lc_plan_folder *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    if (x->name.size != y->name.size)
        return x->name.size < y->name.size ? -1 : 1;
    return x->name.size ? memcmp(x->name.text, y->name.text, x->name.size) : 0;
}

/* A damaged index may count findings that it does not contain. */
static void drop_empty(struct lc_plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->rule_group_count; i++)
        if (plan->rule_groups[i].count)
            plan->rule_groups[count++] = plan->rule_groups[i];
    plan->rule_group_count = count;
}

/* Sort rule groups and their folders into report order. */
static void sort(struct lc_plan *plan)
{
    drop_empty(plan);
    for (size_t i = 0; i < plan->rule_group_count; i++) {
        struct lc_rule_group *rule_group = &plan->rule_groups[i];

        qsort(rule_group->folders, rule_group->folder_count, sizeof(*rule_group->folders),
              most_first);
    }
    if (plan->rule_group_count)
        qsort(plan->rule_groups, plan->rule_group_count, sizeof(*plan->rule_groups),
              worst_first);
}

/* Spend the spare entries: list whole rule groups first, then split the others by folder.
 * Returns the number of entries that stay unused. Every group already has one entry, so
 * listing all of it costs count - 1 more. */
static size_t refine(struct lc_rule_group **order, size_t count, size_t left)
{
    for (size_t i = 0; i < count; i++) {
        if (order[i]->count - 1 > left)
            continue;
        order[i]->detail = LC_DETAIL_ALL;
        left -= (size_t)order[i]->count - 1;
    }
    for (size_t i = 0; i < count; i++) {
        size_t more = order[i]->folder_count - 1;

        more = more < left ? more : left;
        if (order[i]->detail == LC_DETAIL_ALL || !more)
            continue;
        order[i]->detail = LC_DETAIL_FOLDERS;
        order[i]->entries = more + 1;
        left -= more;
    }
    return left;
}

static enum lc_status assign_details(struct lc_plan *plan, struct lc_error *err)
{
    size_t count = plan->rule_group_count, left;
    struct lc_rule_group **order = calloc(count + 1, sizeof(struct lc_rule_group *));

    if (!order)
        return lc_fail_memory(err);
    if (count > plan->capacity)
        count = plan->capacity - 1; /* the last entry covers all other rules */
    left = plan->capacity - count - (count < plan->rule_group_count);
    for (size_t i = 0; i < count; i++) {
        plan->rule_groups[i].detail = LC_DETAIL_RULE;
        order[i] = &plan->rule_groups[i];
    }
    qsort(order, count, sizeof(struct lc_rule_group *), least_first);
    plan->entries = plan->capacity - refine(order, count, left);
    for (size_t i = 0; i < plan->rule_group_count; i++)
        if (plan->rule_groups[i].detail != LC_DETAIL_ALL)
            plan->grouped += plan->rule_groups[i].count;
    free(order);
    return LC_OK;
}

/* Apply --max-findings, but keep one entry per rule. */
static void limit_capacity(struct lc_plan *plan)
{
    uint64_t most = plan->report->options->max_findings;

    if (most && most < plan->rule_group_count)
        most = plan->rule_group_count;
    if (most && most < plan->capacity)
        plan->capacity = (size_t)most;
}

enum lc_status lc_plan_make(const struct lc_report *report, enum lc_severity low,
                            enum lc_severity high, size_t capacity, struct lc_plan *out,
                            struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_plan){.report = report, .capacity = capacity};
    status = add_rule_groups(out, low, high, err);
    limit_capacity(out);
    if (status == LC_OK)
        status = lc_view_each_finding(report->view, count_finding, out, err);
    if (status == LC_OK) {
        sort(out);
        status = assign_details(out, err);
    }
    /* a caller may count two hashes per entry */
    return status == LC_OK ? lc_seen_new(2 * out->entries, &out->seen, err) : status;
}

void lc_plan_clear(struct lc_plan *plan)
{
    for (size_t i = 0; i < plan->rule_group_count; i++) {
        for (size_t j = 0; j < plan->rule_groups[i].folder_count; j++) {
            lc_buffer_clear(&plan->rule_groups[i].folders[j].examples);
            lc_buffer_clear(&plan->rule_groups[i].folders[j].path);
        }
        free(plan->rule_groups[i].folders);
    }
    free(plan->rule_groups);
    lc_seen_free(plan->seen);
    lc_item_buffers_clear(&plan->item);
    *plan = (struct lc_plan){0};
}

/* ---- listing ---- */

uint32_t lc_plan_count_hash(struct lc_plan *plan, const struct lc_hash *identity)
{
    return lc_seen_count(plan->seen, identity);
}

struct lc_span lc_plan_example(const struct lc_plan_folder *folder, size_t from)
{
    const char *line = folder->examples.data + from;
    size_t left = folder->examples.size - from;
    const char *end = memchr(line, '\n', left);

    return (struct lc_span){line, end ? (size_t)(end - line) : left};
}

size_t lc_rule_group_entries(const struct lc_rule_group *rule_group)
{
    return rule_group->detail == LC_DETAIL_FOLDERS ? rule_group->entries
           : rule_group->detail == LC_DETAIL_RULE  ? 1
                                                   : 0;
}

/* One entry of a rule group: a folder, or all folders from `first` on. */
struct part {
    const struct lc_rule_group *rule_group;
    const struct lc_plan_folder *first;
    size_t folders;
    uint64_t count;
};

static struct part part_of(const struct lc_rule_group *rule_group, size_t entry)
{
    struct part out = {
        .rule_group = rule_group, .first = &rule_group->folders[entry], .folders = 1};
    bool last = rule_group->detail == LC_DETAIL_RULE || entry + 1 == rule_group->entries;

    if (last)
        out.folders = rule_group->folder_count - entry;
    for (size_t i = 0; i < out.folders; i++)
        out.count += out.first[i].count;
    return out;
}

/* "391,219 findings in coco, such as: " and the examples. */
static enum lc_status write_part_text(struct lc_plan *plan, const struct part *part,
                                      const struct lc_rule_effect *effect,
                                      struct lc_error *err)
{
    const struct lc_plan_folder *folder = part->first;
    struct lc_buffer *text = &plan->item.text;
    char number[LC_COUNT_SIZE];
    enum lc_status status;

    text->size = 0;
    status =
        lc_buffer_printf(text, err, "%s finding%s", lc_format_count(part->count, number),
                         part->count == 1 ? "" : "s");
    if (status == LC_OK && part->folders > 1)
        status = lc_buffer_printf(text, err, " in %zu folders or files", part->folders);
    else if (status == LC_OK && !folder->name.text)
        status = lc_buffer_printf(text, err, " in other folders");
    else if (status == LC_OK && folder->name.size) {
        status = lc_buffer_printf(text, err, " in ");
        if (status == LC_OK)
            status = lc_format_text(folder->name, text, err);
        if (status == LC_OK)
            status = lc_item_cut(text, 0, EXAMPLE_SIZE, err);
    }
    for (size_t i = 0, end; i < folder->examples.size && status == LC_OK; i = end + 1) {
        struct lc_span line = lc_plan_example(folder, i);

        end = i + line.size;
        status = lc_buffer_printf(text, err, "%s%.*s",
                                  i ? "; " : ", such as: ", (int)line.size, line.text);
    }
    return status == LC_OK ? lc_item_effect(plan->report, effect, text, err) : status;
}

static enum lc_status list_part(struct lc_plan *plan, const struct part *part,
                                lc_item_fn *each, void *user, struct lc_error *err)
{
    const struct lc_rule_group *rule_group = part->rule_group;
    struct lc_buffer *key = &plan->item.key;
    struct lc_item item = {
        .rule = rule_group->rule,
        .severity = rule_group->severity,
        .effect = rule_group->effect,
        .count = part->count,
        .path = {part->first->path.data, part->first->path.size},
        .line = part->first->line,
        .column = part->first->column,
        .ordinal = 1,
    };
    enum lc_status status = write_part_text(plan, part, &item.effect, err);

    if (part->folders == 1)
        item.folder = part->first->name;
    key->size = 0;
    if (status == LC_OK)
        status = lc_buffer_printf(key, err, "%s in ", rule_group->rule->code);
    if (status == LC_OK && item.folder.size)
        status = lc_buffer_add(key, item.folder.text, item.folder.size, err);
    if (status != LC_OK)
        return status;
    item.text = (struct lc_span){plan->item.text.data, plan->item.text.size};
    item.identity = lc_hash_bytes(key->data, key->size);
    item.ordinal = lc_plan_count_hash(plan, &item.identity);
    return each(user, &item, err);
}

/* "345 findings of 12 more rules: IMG514, IMG515 …" */
static enum lc_status list_rest(struct lc_plan *plan, size_t first, lc_item_fn *each,
                                void *user, struct lc_error *err)
{
    struct lc_buffer *text = &plan->item.text;
    struct lc_item item = {.severity = plan->rule_groups[first].severity, .ordinal = 1};
    char number[LC_COUNT_SIZE];
    enum lc_status status;

    for (size_t i = first; i < plan->rule_group_count; i++)
        item.count += plan->rule_groups[i].count;
    text->size = 0;
    status = lc_buffer_printf(
        text, err, "%s findings of %zu more rules:", lc_format_count(item.count, number),
        plan->rule_group_count - first);
    for (size_t i = first; i < plan->rule_group_count && status == LC_OK; i++)
        status = lc_buffer_printf(text, err, "%s %s %s", i > first ? "," : "",
                                  plan->rule_groups[i].rule->code,
                                  plan->rule_groups[i].rule->name);
    item.text = (struct lc_span){text->data, text->size};
    item.identity = lc_hash_bytes("more rules", 10);
    return status == LC_OK ? each(user, &item, err) : status;
}

/* A walk that lists findings one by one. */
struct listing {
    struct lc_plan *plan;
    lc_item_fn *each;
    void *user;
};

static enum lc_status list_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    const struct listing *listing = user;
    const struct lc_rule_group *rule_group = find_rule_group(listing->plan, finding);
    struct lc_item item;
    enum lc_status status;

    if (!rule_group || rule_group->detail != LC_DETAIL_ALL)
        return LC_OK;
    status = lc_item_of(listing->plan->report, finding, &listing->plan->item, &item, err);
    if (status != LC_OK)
        return status;
    item.ordinal = lc_plan_count_hash(listing->plan, &item.identity);
    return listing->each(listing->user, &item, err);
}

enum lc_status lc_plan_each(struct lc_plan *plan, lc_item_fn *each, void *user,
                            struct lc_error *err)
{
    struct listing listing = {plan, each, user};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < plan->rule_group_count && status == LC_OK; i++) {
        const struct lc_rule_group *rule_group = &plan->rule_groups[i];
        size_t count = lc_rule_group_entries(rule_group);

        for (size_t j = 0; j < count && status == LC_OK; j++) {
            const struct part part = part_of(rule_group, j);

            status = list_part(plan, &part, each, user, err);
        }
    }
    if (status == LC_OK)
        status = lc_view_each_finding(plan->report->view, list_finding, &listing, err);
    for (size_t i = 0; i < plan->rule_group_count && status == LC_OK; i++)
        if (plan->rule_groups[i].detail == LC_DETAIL_NONE)
            return list_rest(plan, i, each, user, err);
    return status;
}

enum lc_status lc_plan_note(const struct lc_plan *plan, struct lc_buffer *out,
                            struct lc_error *err)
{
    char grouped[LC_COUNT_SIZE], all[LC_COUNT_SIZE], capacity[LC_COUNT_SIZE];

    if (!plan->grouped)
        return LC_OK;
    return lc_buffer_printf(out, err,
                            "%s of %s findings are only counted by rule and folder, "
                            "because this report holds at most %s; the JSON report "
                            "lists every finding",
                            lc_format_count(plan->grouped, grouped),
                            lc_format_count(plan->findings, all),
                            lc_format_count(plan->capacity, capacity));
}
