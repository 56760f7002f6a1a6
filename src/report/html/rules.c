/* The rules that found something, each explained, with what the trainer does and
 * examples.
 */
#include "print/example.h"
#include "report/html/page.h"
#include "report/model/worst.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- counting ---- */

/* An example as HTML text: written to memory by the function that writes to the page. */
static enum lc_status add_example(struct lc_html *w, struct lc_html_rule *rule,
                                  const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct lc_buffer line = {0};
    FILE *page = w->to;
    char *text = NULL;
    size_t size = 0;
    enum lc_status status = lc_text_finding(w->report->index, NULL, finding, &line, err);

    rule->examples++;
    if (status == LC_OK) {
        w->to = open_memstream(&text, &size);
        if (!w->to)
            status = lc_fail_memory(err);
    }
    if (status == LC_OK) {
        fputs("<li><bdi>", w->to);
        status = lc_html_foreign(w, (struct lc_span){line.data, line.size}, err);
        fputs("</bdi></li>\n", w->to);
        if (fclose(w->to) != 0 && status == LC_OK)
            status = lc_fail_memory(err);
    }
    if (status == LC_OK)
        status = lc_buffer_add(&rule->text, text, size, err);
    w->to = page;
    free(text);
    lc_buffer_clear(&line);
    return status;
}

static enum lc_status count_finding(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct lc_html *w = user;
    size_t index = lc_html_rule_of(finding);
    enum lc_status status;

    if (finding->severity < w->report->options->show || finding->severity > 2 ||
        index == LC_RULE_COUNT)
        return LC_OK;
    w->shown++;
    w->rules[index].count++;
    if (finding->found > (int)w->rules[index].found)
        w->rules[index].found = (enum lc_severity)finding->found;
    if (finding->severity > w->rules[index].severity)
        w->rules[index].severity = (enum lc_severity)finding->severity;
    status = lc_html_count_place(w, finding, index, err);
    if (status != LC_OK || w->rules[index].examples == LC_HTML_EXAMPLES)
        return status;
    return add_example(w, &w->rules[index], finding, err);
}

/* How many findings are listed when at most so many are of each rule. */
static uint64_t listed_of(const struct lc_html *w, uint64_t most)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        sum += w->rules[i].count < most ? w->rules[i].count : most;
    return sum;
}

/* Too many findings for the table: the first of each rule, so that a rule that finds
 * something everywhere does not hide the others. */
static void share_out(struct lc_html *w)
{
    uint64_t most = w->report->options->max_findings, low = 0, high;

    if (!most || most > LC_HTML_LISTED_MOST)
        most = LC_HTML_LISTED_MOST;
    high = most;
    if (w->shown <= most) {
        low = w->shown;
    } else {
        while (low < high) {
            uint64_t middle = low + (high - low + 1) / 2;

            if (listed_of(w, middle) <= most)
                low = middle;
            else
                high = middle - 1;
        }
        low = low ? low : 1; /* one of each, however few are wanted */
        w->of_each = low;
    }
    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        w->rules[i].quota = w->rules[i].count < low ? w->rules[i].count : low;
    w->listed = listed_of(w, low);
}

enum lc_status lc_html_count(struct lc_html *w, struct lc_error *err)
{
    enum lc_status status;

    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        w->rules[i].info = &lc_rules[i].info;
    status = lc_view_each_finding(w->report->view, count_finding, w, err);
    share_out(w);
    return status;
}

/* ---- writing ---- */

/* A rule on its way to its place on the page. */
struct ranked {
    const struct lc_html_rule *rule;
    struct lc_weight weight;
};

static int worst_first(const void *a, const void *b)
{
    return lc_worst_first(&((const struct ranked *)a)->weight,
                          &((const struct ranked *)b)->weight);
}

/* The rules that found something, the worst first; returns how many. */
static size_t rank(const struct lc_html *w, struct ranked *sorted)
{
    size_t count = 0;

    for (size_t i = 0; i < LC_RULE_COUNT; i++) {
        const struct lc_html_rule *rule = &w->rules[i];
        size_t trainer = w->report->effects->trainer;

        if (!rule->count)
            continue;
        sorted[count++] = (struct ranked){
            rule,
            {rule->info, rule->severity,
             lc_rule_effect_on(rule->info->code, rule->found, trainer).effect,
             rule->count}};
    }
    if (count)
        qsort(sorted, count, sizeof(sorted[0]), worst_first);
    return count;
}

static enum lc_status write_explanation(struct lc_html *w,
                                        const struct lc_html_rule *rule,
                                        struct lc_error *err)
{
    size_t trainer = w->report->effects->trainer;
    struct lc_rule_effect effect =
        lc_rule_effect_on(rule->info->code, rule->found, trainer);
    enum lc_status status;
    char count[LC_COUNT_SIZE];

    fputs("<dl class='facts'>\n<div><dt>Why it matters</dt><dd>", w->to);
    lc_html_prose(w->to, rule->info->why);
    fprintf(w->to, "</dd></div>\n<div><dt>%s</dt><dd>", lc_trainer_at(trainer)->name);
    lc_html_prose(w->to, effect.what ? effect.what : "not derived from its source");
    if (effect.source) {
        fputs(" <span class='dim'>", w->to);
        lc_html_own(w->to, effect.source);
        fputs("</span>", w->to);
    }
    fputs("</dd></div>\n<div><dt>How to fix it</dt><dd>", w->to);
    lc_html_prose(w->to, rule->info->fix);
    fputs("</dd></div>\n<div><dt>Source</dt><dd class='dim'>", w->to);
    lc_html_own(w->to, rule->info->source);
    fputs("</dd></div>\n</dl>\n<ul class='examples'>\n", w->to);
    fwrite(rule->text.data, 1, rule->text.size, w->to);
    if (rule->count > rule->examples)
        fprintf(w->to, "<li class='dim'>and %s more</li>\n",
                lc_format_count(rule->count - rule->examples, count));
    fputs("</ul>\n", w->to);
    status = lc_html_thumbs(w, (size_t)(rule - w->rules), err);
    fprintf(w->to,
            "<p class='script-only'><a href='#findings' class='show-rule'>Show %s in the "
            "table</a></p>\n",
            rule->info->code);
    return status;
}

static enum lc_status write_rule(struct lc_html *w, const struct lc_html_rule *rule,
                                 struct lc_error *err)
{
    const char *level = lc_html_level(rule->severity);
    enum lc_effect effect =
        lc_rule_effect_on(rule->info->code, rule->found, w->report->effects->trainer)
            .effect;
    enum lc_status status;
    char count[LC_COUNT_SIZE];

    fprintf(
        w->to,
        "<details class='rule' id='rule-%s'>\n<summary><span class='level %s'>%s</span>"
        "<span class='code'>%s</span><span class='what'>",
        rule->info->code, level, level, rule->info->code);
    lc_html_prose(w->to, rule->info->summary);
    fprintf(w->to,
            " <span class='dim'>%s</span></span><span class='effect'><i "
            "class='effect-%s'></i>%s</span><span class='number'>%s</span></summary>\n",
            rule->info->name, lc_effect_name(effect), lc_effect_name(effect),
            lc_format_count(rule->count, count));
    fputs("<div class='inside'>\n", w->to);
    status = write_explanation(w, rule, err);
    fputs("</div>\n</details>\n", w->to);
    return status;
}

enum lc_status lc_html_rules(struct lc_html *w, struct lc_error *err)
{
    struct ranked sorted[LC_RULE_COUNT];
    const uint64_t *findings = lc_report_findings(w->report);
    uint64_t all = findings[0] + findings[1] + findings[2];
    enum lc_status status = LC_OK;
    size_t count = rank(w, sorted);
    char hidden[LC_COUNT_SIZE];

    fputs("<section id='rules'>\n<h2>Findings by rule</h2>\n", w->to);
    if (!count)
        fputs("<p>No rule found anything.</p>\n", w->to);
    else
        fprintf(w->to,
                "<p class='dim'>The worst first. Each rule opens to tell why it matters, "
                "what "
                "%s does, and how to fix it.</p>\n",
                lc_trainer_at(w->report->effects->trainer)->name);
    for (size_t i = 0; i < count && status == LC_OK; i++)
        status = write_rule(w, sorted[i].rule, err);
    if (all > w->shown)
        fprintf(w->to,
                "<p class='dim'>%s finding%s of lower levels %s counted above, but not "
                "listed: <code>--show info</code> lists all.</p>\n",
                lc_format_count(all - w->shown, hidden), lc_html_plural(all - w->shown),
                all - w->shown == 1 ? "is" : "are");
    fputs("</section>\n", w->to);
    return status;
}
