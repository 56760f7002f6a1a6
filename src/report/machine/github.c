/* Workflow commands, which GitHub Actions shows as annotations: at most ten errors, ten
 * warnings and ten notices per step. */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "print/out.h"
#include "report/model/plan.h"

#include <string.h>

#define CAPACITY 10

struct writer {
    const struct lc_report *report;
    struct lc_out out;
    struct lc_buffer scratch;
};

/* Write a value of a command, with percent signs escaped, and in a property also the
 * characters that would end it. The runner decodes %3A to a colon, but has no escape for
 * a bracket. */
static void put_value(struct writer *w, struct lc_span text, bool property)
{
    struct lc_printable value = {.enclosed = property};

    w->scratch.size = 0;
    w->out.failed |=
        lc_printable_add(&w->scratch, text, LC_UNPRINTABLE_CHARACTER, NULL) != LC_OK;
    value.text = (struct lc_span){w->scratch.data, w->scratch.size};
    for (size_t i = 0; i < w->scratch.size; i++) {
        unsigned char c = (unsigned char)w->scratch.data[i];
        bool percent = c == '%' || (property && (c == ':' || c == ','));
        char escape[5];

        snprintf(escape, sizeof(escape), percent ? "%%%02X" : "\\x%02x", c);
        if (percent || lc_printable_is_command(&value, i))
            lc_out_text(&w->out, escape);
        else
            lc_out_bytes(&w->out, &c, 1);
    }
}

static enum lc_status put_command(void *user, const struct lc_item *item,
                                  struct lc_error *err)
{
    static const char *const commands[] = {"::notice ", "::warning ", "::error "};
    struct writer *w = user;

    lc_out_text(&w->out, commands[item->severity]);
    if (item->path.size) {
        lc_out_text(&w->out, "file=");
        put_value(w, item->path, true);
        lc_out_text(&w->out, ",line=");
        lc_out_number(&w->out, item->line ? item->line : 1);
        if (item->column) {
            lc_out_text(&w->out, ",col=");
            lc_out_number(&w->out, item->column);
        }
        lc_out_text(&w->out, ",");
    }
    lc_out_text(&w->out, "title=");
    if (item->rule) {
        lc_out_text(&w->out, item->rule->code);
        lc_out_text(&w->out, " ");
        lc_out_text(&w->out, item->rule->name);
    } else {
        lc_out_text(&w->out, "more rules");
    }
    lc_out_text(&w->out, "::");
    put_value(w, item->text, false);
    lc_out_text(&w->out, "\n");
    return lc_out_flush(&w->out, err);
}

/* Write the totals, and the number of findings without an annotation of their own. */
static enum lc_status put_totals(struct writer *w, const struct lc_plan plans[3],
                                 struct lc_error *err)
{
    struct lc_plan all = {.capacity = 0};
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_totals(w->report, &text, err);
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];

    for (int s = LC_SEVERITY_INFO; s <= LC_SEVERITY_ERROR; s++) {
        all.findings += plans[s].findings;
        all.grouped += plans[s].grouped;
    }
    if (status == LC_OK && all.grouped)
        status = lc_buffer_printf(
            &text, err,
            ". %s of %s findings are only counted by rule and folder, because GitHub "
            "shows ten annotations per level; the JSON report lists every finding",
            lc_format_count(all.grouped, a), lc_format_count(all.findings, b));
    if (status == LC_OK)
        status = lc_buffer_printf(&text, err, ". ");
    if (status == LC_OK)
        status = lc_digest_effects(w->report, &text, err);
    lc_out_text(&w->out, "::notice title=llava-check::");
    put_value(w, (struct lc_span){text.data, text.size}, false);
    lc_out_text(&w->out, "\n");
    lc_buffer_clear(&text);
    return status;
}

enum lc_status lc_report_github(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .out = {.to = report->to}};
    struct lc_plan plans[3] = {{0}};
    enum lc_status status = LC_OK;
    size_t entries = 0;

    for (int s = (int)report->options->show; s <= LC_SEVERITY_ERROR && status == LC_OK;
         s++) {
        /* one notice is reserved for the totals */
        size_t capacity = s == LC_SEVERITY_INFO ? CAPACITY - 1 : CAPACITY;

        status = lc_plan_make(report, (enum lc_severity)s, (enum lc_severity)s, capacity,
                              &plans[s], err);
        entries += plans[s].entries;
    }
    if (status == LC_OK && (entries || lc_adjusted_needs_verdict(report)))
        status = put_totals(&w, plans, err);
    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO && status == LC_OK; s--)
        if (plans[s].entries)
            status = lc_plan_each(&plans[s], put_command, &w, err);
    for (int s = LC_SEVERITY_INFO; s <= LC_SEVERITY_ERROR; s++)
        lc_plan_clear(&plans[s]);
    lc_buffer_clear(&w.scratch);
    return lc_out_end(&w.out, status, err);
}
