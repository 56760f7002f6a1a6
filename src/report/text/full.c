/* The full report: every finding, grouped by rule, worst first; for each rule why it
 * matters, how to fix it, and what the trainer does. */
#include "report/text/writer.h"

/* The state of printing a group. */
struct listing {
    struct lc_text_writer *w;
    struct lc_group *group;
    struct lc_buffer line;
};

static enum lc_status print_finding(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct listing *listing = user;
    struct lc_group *group = listing->group;
    const struct lc_report_options *options = listing->w->report->options;
    uint64_t most = options->max_findings;
    enum lc_status status;

    if (finding->severity < options->show ||
        !lc_span_is(finding->rule, group->rule->code) ||
        (most && group->examples == most))
        return LC_OK;
    group->examples++;
    listing->line.size = 0;
    status = lc_text_line(listing->w, finding, &listing->line, err);
    if (status == LC_OK)
        fprintf(listing->w->to, "    %.*s\n", (int)listing->line.size,
                listing->line.data);
    return status;
}

static void print_explanation(const struct lc_text_writer *w,
                              const struct lc_group *group, const struct lc_buffer *names)
{
    const struct lc_rule_effect *effect = &group->effect;

    fprintf(w->to, "  %-10s%s\n  %-10s%s\n", "why", group->rule->why, "fix",
            group->rule->fix);
    if (names->size)
        fprintf(w->to, "  %-10s%.*s\n", "", (int)names->size, names->data);
    if (effect->what)
        fprintf(w->to, "  %-10s%s: %s\n", "trainer",
                lc_trainer_at(w->report->effects->trainer)->name, effect->what);
}

static enum lc_status print_group(struct listing *listing, struct lc_error *err)
{
    struct lc_text_writer *w = listing->w;
    struct lc_group *group = listing->group;
    struct lc_buffer names = {0};
    char count[LC_COUNT_SIZE];
    enum lc_status status;

    lc_text_group_head(w, group);
    status = lc_rule_name_fixes(
        lc_rule_index_of((struct lc_span){group->rule->code, strlen(group->rule->code)}),
        &names, err);
    print_explanation(w, group, &names);
    lc_buffer_clear(&names);
    if (status == LC_OK)
        status = lc_view_each_finding(w->report->view, print_finding, listing, err);
    if (group->count > group->examples)
        fprintf(w->to, "    %s… and %s more%s\n", lc_text_on(w, LC_STYLE_DIM),
                lc_format_count(group->count - group->examples, count), lc_text_off(w));
    fputc('\n', w->to);
    return status;
}

enum lc_status lc_report_full(const struct lc_report *report, struct lc_error *err)
{
    struct lc_text_writer w;
    struct listing listing = {.w = &w};
    enum lc_status status = lc_text_begin(report, &w, err);

    if (status == LC_OK)
        status = lc_text_groups(&w, err);
    if (status == LC_OK)
        status = lc_text_head(&w, err);
    for (size_t i = 0; i < w.group_count && status == LC_OK; i++) {
        listing.group = &w.groups[i];
        status = print_group(&listing, err);
    }
    if (status == LC_OK)
        status = lc_text_next(&w, err);
    if (status == LC_OK)
        status = lc_text_verdict(&w, err);
    lc_buffer_clear(&listing.line);
    return lc_text_end(&w, status, err);
}
