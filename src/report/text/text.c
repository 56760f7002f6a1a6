/* The text report: what a person reads. Rules that found something, the worst first, each
 * with a few examples; what to do next; the verdict in the last line. */
#include "report/text/text.h"

#include "print/wrap.h"

#define EXAMPLES 3

const char *lc_text_on(const struct lc_text_writer *w, enum lc_style style)
{
    static const char *const codes[] = {
        [LC_STYLE_ERROR] = "\033[1;31m", [LC_STYLE_WARNING] = "\033[1;33m",
        [LC_STYLE_INFO] = "\033[1;34m",  [LC_STYLE_GOOD] = "\033[1;32m",
        [LC_STYLE_BOLD] = "\033[1m",     [LC_STYLE_DIM] = "\033[2m",
        [LC_STYLE_PLACE] = "\033[36m",
    };

    return w->report->options->color ? codes[style] : "";
}

const char *lc_text_off(const struct lc_text_writer *w)
{
    return w->report->options->color ? "\033[0m" : "";
}

enum lc_style lc_text_style(enum lc_severity severity)
{
    return severity == LC_SEVERITY_ERROR     ? LC_STYLE_ERROR
           : severity == LC_SEVERITY_WARNING ? LC_STYLE_WARNING
                                             : LC_STYLE_INFO;
}

const char *lc_text_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

enum lc_status lc_text_begin(const struct lc_report *report, struct lc_text_writer *out,
                             struct lc_error *err)
{
    *out = (struct lc_text_writer){.report = report, .to = report->to};
    if (report->options->width)
        out->to = lc_wrap_open(report->to, report->options->width);
    return out->to ? LC_OK : lc_fail_memory(err);
}

static void print_group(const struct lc_text_writer *w, const struct lc_group *group)
{
    char count[LC_COUNT_SIZE];

    lc_text_group_head(w, group);
    if (group->text.size) /* a damaged index counts what it does not have */
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
