/* Findings grouped by rule, with examples, for the text reports */
#include "report/text/writer.h"

#include "print/example.h"
#include "report/model/worst.h"
#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

static struct lc_group *find_group(struct lc_text_writer *w, struct lc_span code)
{
    for (size_t i = 0; i < w->group_count; i++)
        if (lc_span_is(code, w->groups[i].rule->code))
            return &w->groups[i];
    return NULL;
}

/* ---- examples ---- */

/* One example of a missing folder is enough; its other images are only counted. Sets
 * *repeated if the last example has the same cause; otherwise remembers the cause. */
static enum lc_status is_repeated_cause(struct lc_group *group, struct lc_span message,
                                        bool *repeated, struct lc_error *err)
{
    static const char begin[] = LC_FOLDER_MISSING, end[] = LC_FOLDER_MISSING_END;
    struct lc_buffer *cause = &group->cause;
    const char *at;

    *repeated = false;
    if (message.size < sizeof(begin) ||
        memcmp(message.text, begin, sizeof(begin) - 1) != 0)
        return LC_OK;
    at = memmem(message.text, message.size, end, sizeof(end) - 1);
    if (at)
        message.size = (size_t)(at - message.text);
    *repeated = cause->size == message.size &&
                memcmp(cause->data, message.text, message.size) == 0;
    if (*repeated)
        return LC_OK;
    cause->size = 0;
    return lc_buffer_add(cause, message.text, message.size, err);
}

enum lc_status lc_text_line(const struct lc_text_writer *w,
                            const struct lc_finding_record *finding,
                            struct lc_buffer *out, struct lc_error *err)
{
    const struct lc_index *index = w->report->index;
    const char *prefix = w->report->options->prefix;
    enum lc_status status = LC_OK;

    if (finding->kind != LC_FINDING_SET) {
        status = lc_buffer_printf(out, err, "%s", lc_text_on(w, LC_STYLE_PLACE));
        if (status == LC_OK)
            status = lc_text_place(index, prefix, finding, out, err);
        if (status == LC_OK)
            status = lc_buffer_printf(out, err, "%s: ", lc_text_off(w));
    }
    return status == LC_OK ? lc_text_matter(index, prefix, finding, out, err) : status;
}

static enum lc_status add_example(struct lc_text_writer *w, struct lc_group *group,
                                  const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    bool repeated;
    enum lc_status status = is_repeated_cause(group, finding->message, &repeated, err);

    if (status != LC_OK || repeated)
        return status;
    group->examples++;
    status = lc_buffer_printf(&group->text, err, "    ");
    if (status == LC_OK)
        status = lc_text_line(w, finding, &group->text, err);
    return status == LC_OK ? lc_buffer_add(&group->text, "\n", 1, err) : status;
}

/* ---- groups ---- */

/* Keep the worst effect of its findings. */
static void update_effect(const struct lc_text_writer *w, struct lc_group *group,
                          const struct lc_finding_record *finding)
{
    struct lc_rule_effect effect = lc_effects_of(w->report->effects, finding);

    if (!group->has_effect || effect.effect > group->effect.effect)
        group->effect = effect;
    group->has_effect = true;
}

static void count_fix(struct lc_text_writer *w, const struct lc_finding_record *finding)
{
    const struct lc_fix_info *fix = lc_fix_of_record(finding);

    if (fix && fix == lc_fix_at(LC_FIX_relative_path))
        w->perhaps++;
    else
        w->fixable += fix && fix->is_safe;
    w->unsafe += fix && !fix->is_safe;
}

static enum lc_status add_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct lc_text_writer *w = user;
    struct lc_group *group = find_group(w, finding->rule);

    if (!group || finding->severity < w->report->options->show)
        return LC_OK;
    update_effect(w, group, finding);
    count_fix(w, finding);
    return group->examples < w->examples ? add_example(w, group, finding, err) : LC_OK;
}

static int worst_first(const void *a, const void *b)
{
    const struct lc_group *x = a, *y = b;

    return lc_worst_first(
        &(struct lc_weight){x->rule, x->severity, x->effect.effect, x->count},
        &(struct lc_weight){y->rule, y->severity, y->effect.effect, y->count});
}

enum lc_status lc_text_groups(struct lc_text_writer *w, struct lc_error *err)
{
    size_t count;
    const struct lc_rule_count *counts = lc_view_rule_counts(w->report->view, &count);
    enum lc_status status;

    w->groups = calloc(count + 1, sizeof(*w->groups));
    if (!w->groups)
        return lc_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct lc_group group = {.rule = lc_rule_find(counts[i].code)};

        for (int s = (int)w->report->options->show; s <= LC_SEVERITY_ERROR; s++) {
            group.count += counts[i].counts[s];
            if (counts[i].counts[s])
                group.severity = (enum lc_severity)s;
        }
        if (group.rule && group.count)
            w->groups[w->group_count++] = group;
    }
    status = lc_view_each_finding(w->report->view, add_finding, w, err);
    if (w->group_count)
        qsort(w->groups, w->group_count, sizeof(*w->groups), worst_first);
    return status;
}

void lc_text_group_head(const struct lc_text_writer *w, const struct lc_group *group)
{
    char count[LC_COUNT_SIZE];

    fprintf(w->to, "%s%s%s %s%s%s %s: %s finding%s",
            lc_text_on(w, lc_text_style(group->severity)),
            lc_severity_name(group->severity), lc_text_off(w),
            lc_text_on(w, LC_STYLE_BOLD), group->rule->code, lc_text_off(w),
            group->rule->name, lc_format_count(group->count, count),
            lc_text_plural(group->count));
    if (!lc_index_verification(w->report->index))
        fprintf(w->to, " %s(%s: %s)%s", lc_text_on(w, LC_STYLE_DIM),
                lc_trainer_at(w->report->effects->trainer)->name,
                lc_effect_name(group->effect.effect), lc_text_off(w));
    fprintf(w->to, "\n  %s\n", group->rule->summary);
}
