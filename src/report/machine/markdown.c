/* Markdown, as GitHub's job summaries take it: at most 1 MiB of a step is shown. Totals,
 * a table of rules, and of each the folders and files of most findings with examples. */
#include "report/model/digest.h"
#include "print/out.h"
#include "report/model/plan.h"

#include <string.h>

#define MOST_BYTES ((1 << 20) - 4096) /* some are left for what ends the report */
#define FOLDERS 6
#define MOST_TICKS 8

struct writer {
    const struct lc_report *report;
    struct lc_plan plan;
    struct lc_out out; /* a part of the report, which is written when it fits */
    struct lc_buffer room;
    size_t written;
    size_t withheld; /* rules whose parts did not fit */
};

/* Text of ours: nothing in it is markup but code in backquotes. */
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

/* Foreign text, as code: what stands between more backquotes than it has in a row is no
 * markup. Long rows of them are escaped: not every reader takes them. */
static void put_code(struct writer *w, struct lc_span text)
{
    static const char ticks[] = "`````````";
    size_t most = 0, row = 0;

    w->room.size = 0;
    w->out.failed |= lc_format_text(text, &w->room, NULL) != LC_OK;
    for (size_t i = 0; i < w->room.size; i++) {
        row = w->room.data[i] == '`' ? row + 1 : 0;
        most = row > most ? row : most;
    }
    most = most < MOST_TICKS ? most : MOST_TICKS;
    lc_out_bytes(&w->out, ticks, most + 1);
    lc_out_text(&w->out, most ? " " : "");
    for (size_t i = row = 0; i < w->room.size; i++) {
        row = w->room.data[i] == '`' ? row + 1 : 0;
        if (row > MOST_TICKS)
            lc_out_text(&w->out, "\\x60");
        else
            lc_out_bytes(&w->out, w->room.data + i, 1);
    }
    lc_out_text(&w->out, most ? " " : "");
    lc_out_bytes(&w->out, ticks, most + 1);
}

static void put_count(struct writer *w, uint64_t count)
{
    char text[LC_COUNT_SIZE];

    lc_out_text(&w->out, lc_format_count(count, text));
}

/* Write a part, unless it does not fit any more. */
static enum lc_status end_part(struct writer *w, struct lc_error *err)
{
    if (w->written + w->out.bytes.size > MOST_BYTES) {
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

static void put_table(struct writer *w)
{
    if (!w->plan.strand_count)
        return;
    lc_out_text(&w->out, "| Level | Rule | What it finds | Findings |\n"
                         "|---|---|---|--:|\n");
    for (size_t i = 0; i < w->plan.strand_count; i++) {
        const struct lc_strand *strand = &w->plan.strands[i];

        lc_out_text(&w->out, "| ");
        lc_out_text(&w->out, lc_severity_name(strand->severity));
        lc_out_text(&w->out, " | ");
        put_own(w, strand->rule->code);
        lc_out_text(&w->out, " ");
        put_own(w, strand->rule->name);
        lc_out_text(&w->out, " | ");
        put_own(w, strand->rule->summary);
        lc_out_text(&w->out, " | ");
        put_count(w, strand->count);
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

static enum lc_status put_strand(struct writer *w, const struct lc_strand *strand,
                                 struct lc_error *err)
{
    const struct lc_rule_effect effect = lc_rule_effect_on(
        strand->rule->code, strand->severity, w->report->effects->trainer);
    uint64_t left = strand->count;

    lc_out_text(&w->out, "## ");
    put_own(w, strand->rule->code);
    lc_out_text(&w->out, " ");
    put_own(w, strand->rule->name);
    lc_out_text(&w->out, "\n\n");
    put_own(w, strand->rule->summary);
    lc_out_text(&w->out, ". ");
    put_own(w, strand->rule->fix);
    lc_out_text(&w->out, "\n\n");
    put_own(w, lc_trainer_at(w->report->effects->trainer)->name);
    lc_out_text(&w->out, ": ");
    lc_out_text(&w->out, lc_effect_name(effect.effect));
    lc_out_text(&w->out, effect.what ? "; " : "");
    put_own(w, effect.what ? effect.what : "");
    lc_out_text(&w->out, "\n\n");
    for (size_t i = 0; i < strand->folder_count && i < FOLDERS; i++) {
        put_folder(w, &strand->folders[i]);
        left -= strand->folders[i].count;
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

    put_table(w);
    if (status == LC_OK)
        status = end_part(w, err);
    for (size_t i = 0; i < w->plan.strand_count && status == LC_OK; i++)
        status = put_strand(w, &w->plan.strands[i], err);
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
    lc_buffer_clear(&w.room);
    return lc_out_end(&w.out, status, err);
}
