/* The JSON report: docs/report-format.md */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "report/machine/json_finding.h"

#define REPORT_SCHEMA 1

struct writer {
    const struct lc_report *report;
    struct lc_out out;
    struct lc_jw json; /* writes to out */
};

static void put_tool(struct writer *w)
{
    lc_jw_key_object(&w->json, "tool", LC_JW_PADDED);
    lc_jw_key_name(&w->json, "name", "llava-check");
    lc_jw_key_text(&w->json, "version", lc_index_info(w->report->index)->tool);
    lc_jw_end(&w->json);
}

/* ---- the data set ---- */

static enum lc_status put_file_names(struct writer *w, struct lc_error *err)
{
    const struct lc_index *index = w->report->index;
    struct lc_file_record file;

    lc_jw_key_array(&w->json, "rows_files", LC_JW_PADDED);
    for (uint32_t i = 0; i < lc_index_summary(index)->rows_files; i++) {
        enum lc_status status = lc_index_get_file(index, i, &file, err);

        if (status != LC_OK)
            return status;
        lc_jw_text(&w->json, file.name);
    }
    lc_jw_end(&w->json);
    return LC_OK;
}

static enum lc_status put_files(struct writer *w, struct lc_error *err)
{
    const struct lc_index *index = w->report->index;
    struct lc_file_record file;

    lc_jw_key_array(&w->json, "files", LC_JW_PADDED);
    for (uint32_t i = 0; i < lc_index_summary(index)->rows_files; i++) {
        enum lc_status status = lc_index_get_file(index, i, &file, err);

        if (status != LC_OK)
            return status;
        lc_jw_object(&w->json, LC_JW_PADDED);
        lc_jw_key_text(&w->json, "name", file.name);
        lc_jw_key_number(&w->json, "rows", file.rows);
        if (file.sampling.size)
            lc_jw_key_text(&w->json, "sampling_strategy", file.sampling);
        lc_jw_key_number(&w->json, "drawn", file.drawn);
        lc_jw_end(&w->json);
    }
    lc_jw_end(&w->json);
    return LC_OK;
}

static enum lc_status put_dataset(struct writer *w, struct lc_error *err)
{
    const struct lc_index_info *info = lc_index_info(w->report->index);
    enum lc_status status;

    lc_jw_key_object(&w->json, "dataset", LC_JW_PADDED);
    lc_jw_key_text(&w->json, "path", info->name);
    status = put_file_names(w, err);
    if (status == LC_OK)
        status = put_files(w, err);
    if (status != LC_OK)
        return status;
    lc_jw_key_text(&w->json, "image_root", info->image_root);
    lc_jw_key_name(&w->json, "trainer", lc_trainer_at(w->report->effects->trainer)->name);
    lc_jw_end(&w->json);
    return LC_OK;
}

/* ---- the summary ---- */

static void put_counts(struct writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const struct {
        const char *key;
        uint64_t value;
    } members[] = {
        {"rows", s->rows},
        {"rows_ok", s->rows_ok},
        {"rows_text_only", s->rows_text_only},
        {"turns", s->turns},
        {"words", s->words},
        {"characters", s->characters},
        {"rows_drawn", s->rows_drawn},
        {"images_referenced", s->images_referenced},
        {"images", s->images},
        {"images_ok", s->images_ok},
        {"images_unverified", s->images_unverified},
        {"images_skipped", s->images_skipped},
        {"image_bytes", s->image_bytes},
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        lc_jw_key_number(&w->json, members[i].key, members[i].value);
}

/* Findings by level, as a member. */
static void put_levels(struct writer *w, const char *key, const uint64_t findings[3])
{
    lc_jw_key_object(&w->json, key, LC_JW_PADDED);
    for (int i = LC_SEVERITY_ERROR; i >= LC_SEVERITY_INFO; i--)
        lc_jw_key_number(&w->json, lc_severity_name((enum lc_severity)i), findings[i]);
    lc_jw_end(&w->json);
}

static void put_by_rule(struct writer *w)
{
    size_t count;
    const struct lc_rule_count *rules = lc_view_rule_counts(w->report->view, &count);

    lc_jw_key_object(&w->json, "by_rule", LC_JW_PADDED);
    for (size_t i = 0; i < count; i++)
        lc_jw_key_number(&w->json, rules[i].code,
                         rules[i].counts[0] + rules[i].counts[1] + rules[i].counts[2]);
    lc_jw_end(&w->json);
}

/* What a selection withholds, and what became of the baseline. */
static void put_withheld(struct writer *w)
{
    const struct lc_view_counts *counts = lc_view_counts(w->report->view);
    const uint64_t(*adjusted)[3] = counts->adjusted;
    uint64_t selection[3];

    for (int s = LC_SEVERITY_INFO; s <= LC_SEVERITY_ERROR; s++)
        selection[s] = adjusted[LC_ADJUSTED_IGNORE][s] + adjusted[LC_ADJUSTED_SELECT][s] +
                       adjusted[LC_ADJUSTED_OFF][s];
    lc_jw_key_object(&w->json, "withheld", LC_JW_PADDED);
    put_levels(w, "by_selection", selection);
    put_levels(w, "by_folders", adjusted[LC_ADJUSTED_FOLDERS]);
    put_levels(w, "by_baseline", adjusted[LC_ADJUSTED_BASELINE]);
    lc_jw_key_number(&w->json, "expired", counts->expired);
    lc_jw_key_number(&w->json, "unneeded", counts->unneeded);
    lc_jw_end(&w->json);
}

/* How many findings the report lists. */
static uint64_t count_listed(const struct writer *w)
{
    const struct lc_report_options *options = w->report->options;
    const uint64_t *findings = lc_report_findings(w->report);
    uint64_t listed = 0;

    for (int i = (int)options->show; i <= LC_SEVERITY_ERROR; i++)
        listed += findings[i];
    if (options->max_findings && listed > options->max_findings)
        listed = options->max_findings;
    return listed;
}

/* How many rows the trainer crashes on, replaces … */
static void put_trainer(struct writer *w)
{
    const struct lc_effects *effects = w->report->effects;

    lc_jw_key_object(&w->json, "trainer", LC_JW_PADDED);
    lc_jw_key_name(&w->json, "name", lc_trainer_at(effects->trainer)->name);
    for (int i = LC_EFFECT_CRASH; i >= LC_EFFECT_FINE; i--)
        lc_jw_key_number(&w->json, lc_effect_name((enum lc_effect)i), effects->counts[i]);
    lc_jw_key_number(&w->json, "files", effects->files);
    lc_jw_key_number(&w->json, "unloaded", effects->unloaded);
    lc_jw_end(&w->json);
}

static void put_summary(struct writer *w)
{
    lc_jw_key_object(&w->json, "summary", LC_JW_PADDED);
    put_counts(w);
    put_levels(w, "by_severity", lc_report_findings(w->report));
    put_by_rule(w);
    put_withheld(w);
    lc_jw_key_number(&w->json, "listed", count_listed(w));
    put_trainer(w);
    lc_jw_key_bool(&w->json, "complete", true); /* only finished runs are in an index */
    lc_jw_end(&w->json);
}

/* The verdict, in one sentence and in numbers. */
static enum lc_status put_verdict(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_totals(w->report, &text, err);

    if (status == LC_OK) {
        lc_jw_key_object(&w->json, "verdict", LC_JW_PADDED);
        lc_jw_key_bool(&w->json, "failed", lc_digest_failed(w->report));
        lc_jw_key_text(&w->json, "text", (struct lc_span){text.data, text.size});
        lc_jw_key(&w->json, "adjusted");
        lc_adjusted_json(w->report, &w->json);
        lc_jw_end(&w->json);
    }
    lc_buffer_clear(&text);
    return status;
}

/* ---- lists ---- */

static enum lc_status put_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct writer *w = user;
    enum lc_status status = lc_json_finding(w->report, finding, &w->json, err);

    return status == LC_OK ? lc_out_flush(&w->out, err) : status;
}

static enum lc_status put_findings(struct writer *w, struct lc_error *err)
{
    enum lc_status status;

    lc_jw_key_array(&w->json, "findings", LC_JW_LINES);
    status = lc_report_each_listed(w->report, put_finding, w, err);
    if (status == LC_OK)
        lc_jw_end(&w->json);
    return status;
}

/* The rows that are not trained as written. */
static enum lc_status put_effects(struct writer *w, struct lc_error *err)
{
    const uint64_t rows = lc_index_summary(w->report->index)->rows;
    enum lc_status status;

    lc_jw_key_array(&w->json, "effects", LC_JW_LINES);
    for (uint64_t i = 0; i < rows; i++) {
        if (w->report->effects->rows[i] == LC_EFFECT_FINE)
            continue;
        status = lc_json_effect(w->report, i, &w->json, err);
        if (status == LC_OK)
            status = lc_out_flush(&w->out, err);
        if (status != LC_OK)
            return status;
    }
    lc_jw_end(&w->json);
    return LC_OK;
}

static enum lc_status put_members(struct writer *w, struct lc_error *err)
{
    enum lc_status status;

    lc_jw_key_number(&w->json, "schema", REPORT_SCHEMA);
    put_tool(w);
    status = put_dataset(w, err);
    if (status != LC_OK)
        return status;
    put_summary(w);
    status = put_verdict(w, err);
    if (status != LC_OK)
        return status;
    lc_json_verification(w->report, &w->json);
    status = lc_json_statistics(w->report, &w->json, err);
    if (status == LC_OK)
        status = put_findings(w, err);
    return status == LC_OK ? put_effects(w, err) : status;
}

enum lc_status lc_report_json(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report,
                       .out = {.to = report->to},
                       .json = {.out = &w.out, .indent = 2}};
    enum lc_status status;

    lc_jw_object(&w.json, LC_JW_LINES);
    status = put_members(&w, err);
    if (status == LC_OK) {
        lc_jw_end(&w.json);
        lc_jw_line(&w.json);
    }
    return lc_jw_finish(&w.json, status, err);
}
