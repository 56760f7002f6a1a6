/* The number of findings of each rule, and no more: what --statistics prints */
#include "report/text/writer.h"

#include <string.h>

/* The number of a rule's findings on one level. */
static uint64_t count_of(const struct lc_report *report, const struct lc_group *group,
                         int severity)
{
    size_t count;
    const struct lc_rule_count *counts = lc_view_rule_counts(report->view, &count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(counts[i].code, group->rule->code) == 0)
            return counts[i].counts[severity];
    return 0;
}

/* The columns' widths: the longest count and the longest name. */
struct widths {
    int count;
    int name;
};

static struct widths measure(const struct lc_text_writer *w)
{
    struct widths widths = {(int)strlen("findings"), (int)strlen("rule")};
    char count[LC_COUNT_SIZE];

    for (size_t i = 0; i < w->group_count; i++) {
        int digits = (int)strlen(lc_format_count(w->groups[i].count, count));
        int name = (int)strlen(w->groups[i].rule->name);

        widths.count = digits > widths.count ? digits : widths.count;
        widths.name = name > widths.name ? name : widths.name;
    }
    return widths;
}

static void print_count(const struct lc_text_writer *w, const struct lc_group *group,
                        int severity, struct widths widths)
{
    uint64_t number = count_of(w->report, group, severity);
    char count[LC_COUNT_SIZE];

    if (number)
        fprintf(w->to, "%*s  %s%-7s%s  %s%s%s  %-*s  %s\n", widths.count,
                lc_format_count(number, count),
                lc_text_on(w, lc_text_style((enum lc_severity)severity)),
                lc_severity_name((enum lc_severity)severity), lc_text_off(w),
                lc_text_on(w, LC_STYLE_BOLD), group->rule->code, lc_text_off(w),
                widths.name, group->rule->name, lc_effect_name(group->effect.effect));
}

static void print_table(const struct lc_text_writer *w)
{
    const struct lc_report *report = w->report;
    struct widths widths = measure(w);

    if (!w->group_count)
        return;
    fprintf(w->to, "%s%*s  %-7s  %-6s  %-*s  %s%s\n", lc_text_on(w, LC_STYLE_DIM),
            widths.count, "findings", "level", "code", widths.name, "rule",
            lc_trainer_at(report->effects->trainer)->name, lc_text_off(w));
    for (int s = LC_SEVERITY_ERROR; s >= (int)report->options->show; s--)
        for (size_t i = 0; i < w->group_count; i++)
            print_count(w, &w->groups[i], s, widths);
    fputc('\n', w->to);
}

enum lc_status lc_report_counts(const struct lc_report *report, struct lc_error *err)
{
    struct lc_text_writer w;
    enum lc_status status = lc_text_begin(report, &w, err);

    if (status == LC_OK)
        status = lc_text_groups(&w, err);
    if (status == LC_OK) {
        print_table(&w);
        status = lc_text_verdict(&w, err);
    }
    return lc_text_end(&w, status, err);
}
