/* The findings, one per line as compilers print them, for people, grep and editors; the
 * verdict in the last line. Lines of findings are not wrapped. */
#include "print/example.h"
#include "report/text/writer.h"

struct writer {
    struct lc_text_writer text;
    struct lc_buffer line;
};

/* Append a substitute for the place of a finding that is not about a file. */
static enum lc_status add_place(struct writer *w, const struct lc_finding_record *finding,
                                struct lc_error *err)
{
    const struct lc_report *report = w->text.report;
    size_t from = w->line.size;
    enum lc_status status =
        lc_text_place(report->index, report->options->prefix, finding, &w->line, err);

    if (status == LC_OK && w->line.size == from)
        status = lc_format_text(lc_index_info(report->index)->name, &w->line, err);
    return status == LC_OK ? lc_format_start(&w->line, from, err) : status;
}

static enum lc_status print_finding(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct writer *w = user;
    const struct lc_text_writer *text = &w->text;
    const struct lc_rule_info *rule = lc_rule_of(finding);
    enum lc_severity severity = (enum lc_severity)finding->severity;
    enum lc_status status;

    if (!rule)
        return LC_OK;
    w->line.size = 0;
    status = add_place(w, finding, err);
    if (status != LC_OK)
        return status;
    fprintf(text->to, "%s%.*s%s: %s%s%s %s%s%s ", lc_text_on(text, LC_STYLE_PLACE),
            (int)w->line.size, w->line.data, lc_text_off(text),
            lc_text_on(text, lc_text_style(severity)), lc_severity_name(severity),
            lc_text_off(text), lc_text_on(text, LC_STYLE_BOLD), rule->code,
            lc_text_off(text));
    w->line.size = 0;
    status = lc_text_matter(text->report->index, text->report->options->prefix, finding,
                            &w->line, err);
    if (status == LC_OK)
        fprintf(text->to, "%.*s\n", (int)w->line.size, w->line.data);
    return status;
}

enum lc_status lc_report_concise(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.text = {.report = report, .to = report->to}};
    enum lc_status status = lc_report_each_listed(report, print_finding, &w, err);

    lc_buffer_clear(&w.line);
    if (status == LC_OK)
        status = lc_text_begin(report, &w.text, err);
    if (status == LC_OK)
        status = lc_text_verdict(&w.text, err);
    return lc_text_end(&w.text, status, err);
}
