#include "report/text/writer.h"

#include "print/wrap.h"
#include "rules/rules.h"

#include <stdlib.h>

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

enum lc_status lc_text_end(struct lc_text_writer *w, enum lc_status status,
                           struct lc_error *err)
{
    for (size_t i = 0; i < w->group_count; i++) {
        lc_buffer_clear(&w->groups[i].text);
        lc_buffer_clear(&w->groups[i].cause);
    }
    free(w->groups);
    if (w->to && w->to != w->report->to && fclose(w->to) != 0 && status == LC_OK)
        status = lc_fail_errno(err, "write the report");
    return status;
}

void lc_text_counts(const struct lc_text_writer *w, int high, int low)
{
    const uint64_t *findings = lc_report_findings(w->report);
    const char *join = "";
    char count[LC_COUNT_SIZE];

    for (int s = high; s >= low; s--) {
        if (!findings[s])
            continue;
        fprintf(w->to, "%s%s%s %s%s%s", join,
                lc_text_on(w, lc_text_style((enum lc_severity)s)),
                lc_format_count(findings[s], count),
                s == LC_SEVERITY_INFO ? "note" : lc_severity_name((enum lc_severity)s),
                lc_text_plural(findings[s]), lc_text_off(w));
        join = ", ";
    }
}
