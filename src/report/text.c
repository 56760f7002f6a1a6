/* The text report: what a person reads. Rules that found something, the worst first, each
 * with a few examples; the verdict in the last line. */
#include "report/text.h"

#include "report/example.h"
#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_EXAMPLES 3

const char *lc_text_on(const struct lc_text_writer *w, enum lc_style style)
{
    static const char *const codes[] = {
        [LC_STYLE_ERROR] = "\033[1;31m", [LC_STYLE_WARNING] = "\033[1;33m",
        [LC_STYLE_INFO] = "\033[1;34m",  [LC_STYLE_GOOD] = "\033[1;32m",
        [LC_STYLE_BOLD] = "\033[1m",     [LC_STYLE_DIM] = "\033[2m",
    };

    return w->report->options->color ? codes[style] : "";
}

const char *lc_text_off(const struct lc_text_writer *w)
{
    return w->report->options->color ? "\033[0m" : "";
}

static enum lc_style style_of(enum lc_severity severity)
{
    return severity == LC_SEVERITY_ERROR     ? LC_STYLE_ERROR
           : severity == LC_SEVERITY_WARNING ? LC_STYLE_WARNING
                                             : LC_STYLE_INFO;
}

const char *lc_text_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static struct lc_group *find_group(struct lc_text_writer *w, struct lc_span code)
{
    for (size_t i = 0; i < w->group_count; i++)
        if (lc_span_is(code, w->groups[i].rule->code))
            return &w->groups[i];
    return NULL;
}

/* ---- examples ---- */

static bool is_json_rule(struct lc_span code)
{
    return code.size > 3 && memcmp(code.text, "JSN", 3) == 0;
}

/* Python reads a rows file whole or not at all: an error in its JSON keeps every row of
 * it out of training. Half a surrogate pair is the exception, it fails later. */
static void count_refused(struct lc_text_writer *w,
                          const struct lc_finding_record *finding)
{
    if (finding->found != LC_SEVERITY_ERROR || !is_json_rule(finding->rule) ||
        lc_span_is(finding->rule, "JSN108"))
        return;
    if (!w->refused || w->last_refused != finding->file)
        w->refused++;
    w->last_refused = finding->file;
}

/* One example of a missing folder says it all: the others of its images are counted. Sets
 * *told when it was given already. */
static enum lc_status tell_cause(struct lc_group *group, struct lc_span message,
                                 bool *told, struct lc_error *err)
{
    static const char begin[] = LC_FOLDER_MISSING, end[] = LC_FOLDER_MISSING_END;
    struct lc_buffer *cause = &group->cause;
    const char *at;

    *told = false;
    if (message.size < sizeof(begin) ||
        memcmp(message.text, begin, sizeof(begin) - 1) != 0)
        return LC_OK;
    at = memmem(message.text, message.size, end, sizeof(end) - 1);
    if (at)
        message.size = (size_t)(at - message.text);
    *told = cause->size == message.size &&
            memcmp(cause->data, message.text, message.size) == 0;
    if (*told)
        return LC_OK;
    cause->size = 0;
    return lc_buffer_add(cause, message.text, message.size, err);
}

static enum lc_status add_example(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct lc_text_writer *w = user;
    struct lc_group *group = find_group(w, finding->rule);
    enum lc_status status;
    bool told;

    count_refused(w, finding);
    if (!group || group->examples == w->examples ||
        finding->severity < w->report->options->show)
        return LC_OK;
    status = tell_cause(group, finding->message, &told, err);
    if (status != LC_OK || told)
        return status;
    group->examples++;
    status = lc_buffer_printf(&group->text, err, "    ");
    if (status != LC_OK)
        return status;
    status = lc_text_finding(w->report->index, w->report->options->prefix, finding,
                             &group->text, err);
    return status == LC_OK ? lc_buffer_add(&group->text, "\n", 1, err) : status;
}

/* ---- groups ---- */

/* By level; what keeps a whole file out first; then by number, then as in the catalogue,
 * which is one table. */
static int worst_first(const void *a, const void *b)
{
    const struct lc_group *x = a, *y = b;
    bool x_json = is_json_rule((struct lc_span){x->rule->code, strlen(x->rule->code)});
    bool y_json = is_json_rule((struct lc_span){y->rule->code, strlen(y->rule->code)});

    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x_json != y_json)
        return x_json ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->rule < y->rule ? -1 : 1;
}

static enum lc_status make_groups(struct lc_text_writer *w, struct lc_error *err)
{
    size_t count;
    const struct lc_rule_count *counts = lc_view_rule_counts(w->report->view, &count);

    w->groups = calloc(count + 1, sizeof(*w->groups));
    if (!w->groups)
        return lc_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct lc_group group = {.rule = lc_rule_find(counts[i].code)};

        for (int s = w->report->options->show ? (int)w->report->options->show : 0; s < 3;
             s++) {
            group.count += counts[i].counts[s];
            if (counts[i].counts[s])
                group.severity = (enum lc_severity)s;
        }
        if (group.rule && group.count)
            w->groups[w->group_count++] = group;
    }
    qsort(w->groups, w->group_count, sizeof(*w->groups), worst_first);
    return lc_view_each_finding(w->report->view, add_example, w, err);
}

static void print_group(const struct lc_text_writer *w, const struct lc_group *group)
{
    char count[LC_COUNT_SIZE];

    fprintf(w->to, "%s%s%s %s%s%s %s: %s finding%s\n",
            lc_text_on(w, style_of(group->severity)), lc_severity_name(group->severity),
            lc_text_off(w), lc_text_on(w, LC_STYLE_BOLD), group->rule->code,
            lc_text_off(w), group->rule->name, lc_format_count(group->count, count),
            lc_text_plural(group->count));
    fprintf(w->to, "  %s%s%s\n", lc_text_on(w, LC_STYLE_DIM), group->rule->summary,
            lc_text_off(w));
    if (group->text.size) /* a damaged index counts what it does not have */
        fwrite(group->text.data, 1, group->text.size, w->to);
    if (group->count > group->examples)
        fprintf(w->to, "    %s… and %s more%s\n", lc_text_on(w, LC_STYLE_DIM),
                lc_format_count(group->count - group->examples, count), lc_text_off(w));
    fputc('\n', w->to);
}

enum lc_status lc_report_text(const struct lc_report *report, struct lc_error *err)
{
    const struct lc_report_options *options = report->options;
    struct lc_text_writer w = {
        .report = report,
        .to = report->to,
        .examples = options->max_findings ? options->max_findings : DEFAULT_EXAMPLES,
    };
    bool verified = lc_index_verification(report->index);
    enum lc_status status = make_groups(&w, err);

    if (status == LC_OK)
        status = verified ? lc_text_verify_head(&w, err) : lc_text_head(&w, err);
    for (size_t i = 0; i < w.group_count && status == LC_OK; i++)
        print_group(&w, &w.groups[i]);
    if (status == LC_OK) {
        lc_text_hints(&w);
        status = lc_text_withheld(&w, err);
    }
    if (status == LC_OK) {
        if (verified)
            lc_text_verify_verdict(&w);
        else
            status = lc_text_verdict(&w, err);
    }
    for (size_t i = 0; i < w.group_count; i++) {
        lc_buffer_clear(&w.groups[i].text);
        lc_buffer_clear(&w.groups[i].cause);
    }
    free(w.groups);
    return status;
}
