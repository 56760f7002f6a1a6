#include "report/model/plan.h"

#include "print/example.h"
#include "report/model/worst.h"
#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

#define EXAMPLES 3
#define EXAMPLE_SIZE 300

/* ---- what there is ---- */

static struct lc_strand *find_strand(struct lc_plan *plan,
                                     const struct lc_finding_record *finding)
{
    for (size_t i = 0; i < plan->strand_count; i++)
        if (plan->strands[i].severity == (enum lc_severity)finding->severity &&
            lc_span_is(finding->rule, plan->strands[i].rule->code))
            return &plan->strands[i];
    return NULL;
}

static int worst_first(const void *a, const void *b)
{
    const struct lc_strand *x = a, *y = b;

    return lc_worst_first(&(struct lc_weight){x->rule, x->severity, x->effect, x->count},
                          &(struct lc_weight){y->rule, y->severity, y->effect, y->count});
}

static enum lc_status add_strands(struct lc_plan *plan, enum lc_severity low,
                                  enum lc_severity high, struct lc_error *err)
{
    size_t count;
    const struct lc_rule_count *counts = lc_view_rule_counts(plan->report->view, &count);

    plan->strands = calloc(3 * count + 1, sizeof(*plan->strands));
    if (!plan->strands)
        return lc_fail_memory(err);
    for (int s = (int)high; s >= (int)low; s--) {
        for (size_t i = 0; i < count; i++) {
            const struct lc_rule_info *rule = lc_rule_find(counts[i].code);

            if (!counts[i].counts[s] || !rule)
                continue;
            plan->strands[plan->strand_count++] =
                (struct lc_strand){.rule = rule, .severity = (enum lc_severity)s};
        }
    }
    return LC_OK;
}

/* The folder of a strand; findings come by folder, so that it is mostly the last one. */
static struct lc_plan_folder *find_folder(struct lc_strand *strand, struct lc_span name)
{
    for (size_t i = strand->folder_count; i-- > 0;)
        if (lc_span_equal(strand->folders[i].name, name))
            return &strand->folders[i];
    return NULL;
}

static enum lc_status get_folder(struct lc_strand *strand, struct lc_span name,
                                 struct lc_plan_folder **out, struct lc_error *err)
{
    void *items;

    *out = find_folder(strand, name);
    if (*out)
        return LC_OK;
    if (strand->folder_count == LC_PLAN_FOLDERS) { /* the last is that of the others */
        *out = &strand->folders[LC_PLAN_FOLDERS - 1];
        (*out)->name = (struct lc_span){0};
        return LC_OK;
    }
    items = lc_array_grow(strand->folders, strand->folder_count, &strand->folder_capacity,
                          sizeof(*strand->folders));
    if (!items)
        return lc_fail_memory(err);
    strand->folders = items;
    *out = &strand->folders[strand->folder_count++];
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

    if (is_cause(finding->message)) /* that of the others, too */
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
    struct lc_strand *strand = find_strand(plan, finding);
    struct lc_plan_folder *folder;
    struct lc_span name;
    enum lc_status status;

    if (!strand)
        return LC_OK;
    status = lc_item_folder(plan->report, finding, &name, err);
    if (status == LC_OK)
        status = get_folder(strand, name, &folder, err);
    if (status != LC_OK)
        return status;
    if (!strand->count++)
        strand->found = (enum lc_severity)finding->found;
    folder->count++;
    plan->findings++;
    return folder->example_count < EXAMPLES ? add_example(plan, folder, finding, err)
                                            : LC_OK;
}

/* ---- how it is told ---- */

/* The least first, so that most rules come to their detail. */
static int least_first(const void *a, const void *b)
{
    const struct lc_strand *x = *(const struct lc_strand *const *)a;
    const struct lc_strand *y = *(const struct lc_strand *const *)b;

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

/* Leave out rules without a finding: a damaged index counts what it does not have. */
static void drop_empty(struct lc_plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->strand_count; i++)
        if (plan->strands[i].count)
            plan->strands[count++] = plan->strands[i];
    plan->strand_count = count;
}

/* Bring what there is into the order of reports. */
static void sort(struct lc_plan *plan)
{
    drop_empty(plan);
    for (size_t i = 0; i < plan->strand_count; i++) {
        struct lc_strand *strand = &plan->strands[i];

        strand->effect = lc_rule_effect_on(strand->rule->code, strand->found,
                                           plan->report->effects->trainer)
                             .effect;
        qsort(strand->folders, strand->folder_count, sizeof(*strand->folders),
              most_first);
    }
    if (plan->strand_count)
        qsort(plan->strands, plan->strand_count, sizeof(*plan->strands), worst_first);
}

/* Give strands more detail while there is room: first all of it, then some. */
static size_t refine(struct lc_strand **order, size_t count, size_t left)
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

static enum lc_status choose(struct lc_plan *plan, struct lc_error *err)
{
    size_t count = plan->strand_count, left;
    struct lc_strand **order = calloc(count + 1, sizeof(struct lc_strand *));

    if (!order)
        return lc_fail_memory(err);
    if (count > plan->room)
        count = plan->room - 1; /* the last entry is of the others */
    left = plan->room - count - (count < plan->strand_count);
    for (size_t i = 0; i < count; i++) {
        plan->strands[i].detail = LC_DETAIL_RULE;
        order[i] = &plan->strands[i];
    }
    qsort(order, count, sizeof(struct lc_strand *), least_first);
    plan->entries = plan->room - refine(order, count, left);
    for (size_t i = 0; i < plan->strand_count; i++)
        if (plan->strands[i].detail != LC_DETAIL_ALL)
            plan->together += plan->strands[i].count;
    free(order);
    return LC_OK;
}

/* As many entries as are wanted, but one for each rule. */
static void limit(struct lc_plan *plan)
{
    uint64_t most = plan->report->options->max_findings;

    if (most && most < plan->strand_count)
        most = plan->strand_count;
    if (most && most < plan->room)
        plan->room = (size_t)most;
}

enum lc_status lc_plan_make(const struct lc_report *report, enum lc_severity low,
                            enum lc_severity high, size_t room, struct lc_plan *out,
                            struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_plan){.report = report, .room = room};
    status = add_strands(out, low, high, err);
    limit(out);
    if (status == LC_OK)
        status = lc_view_each_finding(report->view, count_finding, out, err);
    if (status == LC_OK) {
        sort(out);
        status = choose(out, err);
    }
    /* two hashes of each are asked about */
    return status == LC_OK ? lc_seen_new(2 * out->entries, &out->seen, err) : status;
}

void lc_plan_clear(struct lc_plan *plan)
{
    for (size_t i = 0; i < plan->strand_count; i++) {
        for (size_t j = 0; j < plan->strands[i].folder_count; j++) {
            lc_buffer_clear(&plan->strands[i].folders[j].examples);
            lc_buffer_clear(&plan->strands[i].folders[j].path);
        }
        free(plan->strands[i].folders);
    }
    free(plan->strands);
    lc_seen_free(plan->seen);
    lc_item_room_clear(&plan->item);
    *plan = (struct lc_plan){0};
}

/* ---- telling it ---- */

uint32_t lc_plan_times(struct lc_plan *plan, const struct lc_hash *identity)
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

size_t lc_strand_parts(const struct lc_strand *strand)
{
    return strand->detail == LC_DETAIL_FOLDERS ? strand->entries
           : strand->detail == LC_DETAIL_RULE  ? 1
                                               : 0;
}

/* Where the findings of an entry are: a folder, or the folders that are left. */
struct part {
    const struct lc_strand *strand;
    const struct lc_plan_folder *first;
    size_t folders;
    uint64_t count;
};

static struct part part_of(const struct lc_strand *strand, size_t entry)
{
    struct part out = {.strand = strand, .first = &strand->folders[entry], .folders = 1};
    bool last = strand->detail == LC_DETAIL_RULE || entry + 1 == strand->entries;

    if (last)
        out.folders = strand->folder_count - entry;
    for (size_t i = 0; i < out.folders; i++)
        out.count += out.first[i].count;
    return out;
}

/* "391,219 findings in coco, such as: " and the examples. */
static enum lc_status tell_part(struct lc_plan *plan, const struct part *part,
                                const struct lc_rule_effect *effect, struct lc_error *err)
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

static enum lc_status each_part(struct lc_plan *plan, const struct part *part,
                                lc_item_fn *each, void *user, struct lc_error *err)
{
    const struct lc_strand *strand = part->strand;
    struct lc_buffer *key = &plan->item.key;
    struct lc_item item = {
        .rule = strand->rule,
        .severity = strand->severity,
        .effect = lc_rule_effect_on(strand->rule->code, strand->found,
                                    plan->report->effects->trainer),
        .count = part->count,
        .path = {part->first->path.data, part->first->path.size},
        .line = part->first->line,
        .column = part->first->column,
        .ordinal = 1,
    };
    enum lc_status status = tell_part(plan, part, &item.effect, err);

    if (part->folders == 1)
        item.folder = part->first->name;
    key->size = 0;
    if (status == LC_OK)
        status = lc_buffer_printf(key, err, "%s in ", strand->rule->code);
    if (status == LC_OK && item.folder.size)
        status = lc_buffer_add(key, item.folder.text, item.folder.size, err);
    if (status != LC_OK)
        return status;
    item.text = (struct lc_span){plan->item.text.data, plan->item.text.size};
    item.identity = lc_hash_bytes(key->data, key->size);
    item.ordinal = lc_plan_times(plan, &item.identity);
    return each(user, &item, err);
}

/* "345 findings of 12 more rules: IMG514, IMG515 …" */
static enum lc_status each_rest(struct lc_plan *plan, size_t first, lc_item_fn *each,
                                void *user, struct lc_error *err)
{
    struct lc_buffer *text = &plan->item.text;
    struct lc_item item = {.severity = plan->strands[first].severity, .ordinal = 1};
    char number[LC_COUNT_SIZE];
    enum lc_status status;

    for (size_t i = first; i < plan->strand_count; i++)
        item.count += plan->strands[i].count;
    text->size = 0;
    status = lc_buffer_printf(
        text, err, "%s findings of %zu more rules:", lc_format_count(item.count, number),
        plan->strand_count - first);
    for (size_t i = first; i < plan->strand_count && status == LC_OK; i++)
        status =
            lc_buffer_printf(text, err, "%s %s %s", i > first ? "," : "",
                             plan->strands[i].rule->code, plan->strands[i].rule->name);
    item.text = (struct lc_span){text->data, text->size};
    item.identity = lc_hash_bytes("more rules", 10);
    return status == LC_OK ? each(user, &item, err) : status;
}

/* A walk over the findings that are listed one by one. */
struct listing {
    struct lc_plan *plan;
    lc_item_fn *each;
    void *user;
};

static enum lc_status list_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    const struct listing *listing = user;
    const struct lc_strand *strand = find_strand(listing->plan, finding);
    struct lc_item item;
    enum lc_status status;

    if (!strand || strand->detail != LC_DETAIL_ALL)
        return LC_OK;
    status = lc_item_of(listing->plan->report, finding, &listing->plan->item, &item, err);
    if (status != LC_OK)
        return status;
    item.ordinal = lc_plan_times(listing->plan, &item.identity);
    return listing->each(listing->user, &item, err);
}

enum lc_status lc_plan_each(struct lc_plan *plan, lc_item_fn *each, void *user,
                            struct lc_error *err)
{
    struct listing listing = {plan, each, user};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < plan->strand_count && status == LC_OK; i++) {
        const struct lc_strand *strand = &plan->strands[i];
        size_t count = lc_strand_parts(strand);

        for (size_t j = 0; j < count && status == LC_OK; j++) {
            const struct part part = part_of(strand, j);

            status = each_part(plan, &part, each, user, err);
        }
    }
    if (status == LC_OK)
        status = lc_view_each_finding(plan->report->view, list_finding, &listing, err);
    for (size_t i = 0; i < plan->strand_count && status == LC_OK; i++)
        if (plan->strands[i].detail == LC_DETAIL_NONE)
            return each_rest(plan, i, each, user, err);
    return status;
}

enum lc_status lc_plan_note(const struct lc_plan *plan, struct lc_buffer *out,
                            struct lc_error *err)
{
    char together[LC_COUNT_SIZE], all[LC_COUNT_SIZE], room[LC_COUNT_SIZE];

    if (!plan->together)
        return LC_OK;
    return lc_buffer_printf(out, err,
                            "%s of %s findings are only counted by rule and folder, "
                            "because this report holds at most %s; the JSON report "
                            "lists every finding",
                            lc_format_count(plan->together, together),
                            lc_format_count(plan->findings, all),
                            lc_format_count(plan->room, room));
}
