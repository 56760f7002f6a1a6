/* The text report for people: the rules that found something, the worst first, each with
 * a few examples; what to do next; the verdict in the last line. */
#include "report/text/writer.h"

#define EXAMPLES 3

static void print_group(const struct lc_text_writer *w, const struct lc_group *group)
{
    char count[LC_COUNT_SIZE];

    lc_text_group_head(w, group);
    if (group->text.size) /* a damaged index may count findings that do not exist */
        fwrite(group->text.data, 1, group->text.size, w->to);
    if (group->count > group->examples)
        fprintf(w->to, "    %s… and %s more%s\n", lc_text_on(w, LC_STYLE_DIM),
                lc_format_count(group->count - group->examples, count), lc_text_off(w));
    fputc('\n', w->to);
}

enum lc_status lc_report_text(const struct lc_report *report, struct lc_error *err)
{
    uint64_t most = report->options->max_findings;
    struct lc_text_writer w;
    enum lc_status status = lc_text_begin(report, &w, err);

    w.examples = most ? most : EXAMPLES;
    if (status == LC_OK)
        status = lc_text_groups(&w, err);
    if (status == LC_OK)
        status = lc_text_head(&w, err);
    for (size_t i = 0; i < w.group_count && status == LC_OK; i++)
        print_group(&w, &w.groups[i]);
    if (status == LC_OK)
        status = lc_text_next(&w, err);
    if (status == LC_OK)
        status = lc_text_verdict(&w, err);
    return lc_text_end(&w, status, err);
}
