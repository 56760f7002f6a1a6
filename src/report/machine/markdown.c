/* Markdown for GitHub's job summaries, which show at most 1 MiB per step: totals, a table
 * of rules, and for each rule the folders and files with the most findings, with
 * examples. */
#include "report/model/digest.h"
#include "print/out.h"
#include "report/model/plan.h"

#include <string.h>

#define MAX_BYTES ((1 << 20) - 4096) /* the rest is for the end of the report */
#define FOLDERS 6
#define MAX_TICKS 8

struct writer {
    const struct lc_report *report;
    struct lc_plan plan;
    struct lc_out out; /* the current part of the report, written if it fits */
    struct lc_buffer scratch;
    size_t written;
    size_t withheld; /* number of rules whose parts did not fit */
};

/* Write our own text, in which code between backquotes is the only markup. */
static void put_own(struct writer *w, const char *text)
{
    bool code = false;

    for (; *text; text++) {
        code ^= *text == '`';
        if (!code && strchr("\\*_[]<>|~&$#", *text))
            lc_out_bytes(&w->out, "\\", 1);
        lc_out_bytes(&w->out, text, 1);
    }
}

static void put_sentence(struct writer *w, struct lc_buffer *text)
{
    if (text->size) {
        w->out.failed |= lc_buffer_add(text, "", 1, NULL) != LC_OK;
        put_own(w, text->data);
        lc_out_text(&w->out, ".\n\n");
    }
    text->size = 0;
}

/* Write text from the data as a code span. Its delimiter has one backquote more than the
 * longest run in the text, so nothing in the text can end it. Runs longer than MAX_TICKS
 * are escaped, because some renderers reject long delimiters. */
static void put_code(struct writer *w, struct lc_span text)
{
    static const char ticks[] = "`````````";
    size_t most = 0, row = 0;

    w->scratch.size = 0;
    w->out.failed |= lc_format_text(text, &w->scratch, NULL) != LC_OK;
    for (size_t i = 0; i < w->scratch.size; i++) {
        row = w->scratch.data[i] == '`' ? row + 1 : 0;
        most = row > most ? row : most;
    }
    most = most < MAX_TICKS ? most : MAX_TICKS;
    lc_out_bytes(&w->out, ticks, most + 1);
    lc_out_text(&w->out, most ? " " : "");
    for (size_t i = row = 0; i < w->scratch.size; i++) {
        row = w->scratch.data[i] == '`' ? row + 1 : 0;
        if (row > MAX_TICKS)
            lc_out_text(&w->out, "\\x60");
        else
            lc_out_bytes(&w->out, w->scratch.data + i, 1);
    }
    lc_out_text(&w->out, most ? " " : "");
    lc_out_bytes(&w->out, ticks, most + 1);
}

static void put_count(struct writer *w, uint64_t count)
{
    char text[LC_COUNT_SIZE];

    lc_out_text(&w->out, lc_format_count(count, text));
}

/* Write the current part if it fits. */
static enum lc_status end_part(struct writer *w, struct lc_error *err)
{
    if (w->written + w->out.bytes.size > MAX_BYTES) {
        w->out.bytes.size = 0;
        w->withheld++;
    }
    w->written += w->out.bytes.size;
    return lc_out_end(&w->out, LC_OK, err);
}

static enum lc_status put_head(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_totals(w->report, &text, err);

    lc_out_text(&w->out, "# llava-check: ");
    put_code(w, lc_index_info(w->report->index)->name);
    lc_out_text(&w->out, "\n\n");
    put_sentence(w, &text);
    if (status == LC_OK)
        status = lc_digest_effects(w->report, &text, err);
    put_sentence(w, &text);
    if (status == LC_OK)
        status = lc_digest_hidden(w->report, &text, err);
    put_sentence(w, &text);
    lc_buffer_clear(&text);
    return status;
}

/* Write what each trainer would do, if trainers are compared. */
static enum lc_status put_trainers(struct writer *w, struct lc_error *err)
{
    const struct lc_report *report = w->report;
    struct lc_buffer note = {0};
    enum lc_status status = LC_OK;

    if (!report->all_count)
        return LC_OK;
    lc_out_text(&w->out, "| Trainer | Starts |");
    for (int i = LC_EFFECT_REFUSED; i >= LC_EFFECT_FINE; i--) {
        lc_out_text(&w->out, " ");
        lc_out_text(&w->out, lc_effect_name((enum lc_effect)i));
        lc_out_text(&w->out, " |");
    }
    lc_out_text(&w->out, "\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
    for (size_t t = 0; t < report->all_count && status == LC_OK; t++) {
        const struct lc_effects *effects = &report->all[t];

        lc_out_text(&w->out, "| ");
        put_own(w, lc_trainer_at(effects->trainer)->name);
        status = lc_digest_unread(effects, &note, err);
        lc_out_text(&w->out, lc_effects_start(effects) ? " | yes" : " | no");
        if (note.size) {
            lc_out_text(&w->out, ": ");
            w->out.failed |= lc_buffer_add(&note, "", 1, NULL) != LC_OK;
            put_own(w, w->out.failed ? "" : note.data);
            note.size = 0;
        }
        for (int i = LC_EFFECT_REFUSED; i >= LC_EFFECT_FINE; i--) {
            lc_out_text(&w->out, " | ");
            put_count(w, effects->counts[i]);
        }
        lc_out_text(&w->out, " |\n");
    }
    lc_out_text(&w->out, "\n");
    lc_buffer_clear(&note);
    return status;
}

static void put_table(struct writer *w)
{
    if (!w->plan.rule_group_count)
        return;
    lc_out_text(&w->out, "| Level | Rule | What it finds | Findings |\n"
                         "|---|---|---|--:|\n");
    for (size_t i = 0; i < w->plan.rule_group_count; i++) {
        const struct lc_rule_group *rule_group = &w->plan.rule_groups[i];

        lc_out_text(&w->out, "| ");
        lc_out_text(&w->out, lc_severity_name(rule_group->severity));
        lc_out_text(&w->out, " | ");
        put_own(w, rule_group->rule->code);
        lc_out_text(&w->out, " ");
        put_own(w, rule_group->rule->name);
        lc_out_text(&w->out, " | ");
        put_own(w, rule_group->rule->summary);
        lc_out_text(&w->out, " | ");
        put_count(w, rule_group->count);
        lc_out_text(&w->out, " |\n");
    }
    lc_out_text(&w->out, "\n");
}

static void put_folder(struct writer *w, const struct lc_plan_folder *folder)
{
    size_t size;

    lc_out_text(&w->out, "- ");
    put_count(w, folder->count);
    if (!folder->name.text) {
        lc_out_text(&w->out, " in other folders");
    } else if (folder->name.size) {
        size = folder->name.size < 256 ? folder->name.size : 256;
        lc_out_text(&w->out, " in ");
        put_code(w, (struct lc_span){folder->name.text, size});
    }
    lc_out_text(&w->out, "\n");
    for (size_t i = 0; i < folder->examples.size; i += size + 1) {
        struct lc_span line = lc_plan_example(folder, i);

        size = line.size;
        lc_out_text(&w->out, "  - ");
        put_code(w, line);
        lc_out_text(&w->out, "\n");
    }
}

static enum lc_status put_rule_group(struct writer *w,
                                     const struct lc_rule_group *rule_group,
                                     struct lc_error *err)
{
    const struct lc_rule_effect effect = rule_group->effect;
    uint64_t left = rule_group->count;
    struct lc_buffer names = {0};
    enum lc_status status;

    lc_out_text(&w->out, "## ");
    put_own(w, rule_group->rule->code);
    lc_out_text(&w->out, " ");
    put_own(w, rule_group->rule->name);
    lc_out_text(&w->out, "\n\n");
    put_own(w, rule_group->rule->summary);
    lc_out_text(&w->out, ". ");
    put_own(w, rule_group->rule->fix);
    lc_out_text(&w->out, "\n\n");
    status =
        lc_rule_name_fixes(lc_rule_index_of((struct lc_span){
                               rule_group->rule->code, strlen(rule_group->rule->code)}),
                           &names, err);
    if (names.size) {
        lc_out_text(&w->out, "`");
        lc_out_bytes(&w->out, names.data, names.size);
        lc_out_text(&w->out, "`\n\n");
    }
    lc_buffer_clear(&names);
    if (status != LC_OK)
        return status;
    put_own(w, lc_trainer_at(w->report->effects->trainer)->name);
    lc_out_text(&w->out, ": ");
    lc_out_text(&w->out, lc_effect_name(effect.effect));
    lc_out_text(&w->out, effect.what ? "; " : "");
    put_own(w, effect.what ? effect.what : "");
    lc_out_text(&w->out, "\n\n");
    for (size_t i = 0; i < rule_group->folder_count && i < FOLDERS; i++) {
        put_folder(w, &rule_group->folders[i]);
        left -= rule_group->folders[i].count;
    }
    if (left) {
        lc_out_text(&w->out, "- ");
        put_count(w, left);
        lc_out_text(&w->out, " in others\n");
    }
    lc_out_text(&w->out, "\n");
    return end_part(w, err);
}

static enum lc_status write(struct writer *w, struct lc_error *err)
{
    enum lc_status status = put_head(w, err);

    if (status == LC_OK)
        status = put_trainers(w, err);
    put_table(w);
    if (status == LC_OK)
        status = end_part(w, err);
    for (size_t i = 0; i < w->plan.rule_group_count && status == LC_OK; i++)
        status = put_rule_group(w, &w->plan.rule_groups[i], err);
    if (w->withheld) {
        put_count(w, w->withheld);
        lc_out_text(&w->out, " more rules are left out because the report is full. The "
                             "JSON report lists every finding.\n\n");
    }
    lc_out_text(&w->out, "llava-check ");
    put_code(w, lc_index_info(w->report->index)->tool);
    lc_out_text(&w->out, "\n");
    return status;
}

enum lc_status lc_report_markdown(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .out = {.to = report->to}};
    enum lc_status status =
        lc_plan_make(report, report->options->show, LC_SEVERITY_ERROR, 1, &w.plan, err);

    if (status == LC_OK)
        status = write(&w, err);
    lc_plan_clear(&w.plan);
    lc_buffer_clear(&w.scratch);
    return lc_out_end(&w.out, status, err);
}
