#include "report/json/members.h"
#include "report/model/adjusted.h"
#include "report/model/digest.h"

#define REPORT_SCHEMA 1

static void put_tool(const struct lc_report *report, struct lc_jw *json)
{
    lc_jw_key_object(json, "tool", LC_JW_PADDED);
    lc_jw_key_name(json, "name", "llava-check");
    lc_jw_key_text(json, "version", lc_index_info(report->index)->tool);
    lc_jw_end(json);
}

/* ---- the data set ---- */

static enum lc_status put_file_names(const struct lc_report *report, struct lc_jw *json,
                                     struct lc_error *err)
{
    const struct lc_index *index = report->index;
    struct lc_file_record file;

    lc_jw_key_array(json, "rows_files", LC_JW_PADDED);
    for (uint32_t i = 0; i < lc_index_summary(index)->rows_files; i++) {
        enum lc_status status = lc_index_get_file(index, i, &file, err);

        if (status != LC_OK)
            return status;
        lc_jw_text(json, file.name);
    }
    lc_jw_end(json);
    return LC_OK;
}

static enum lc_status put_files(const struct lc_report *report, struct lc_jw *json,
                                struct lc_error *err)
{
    const struct lc_index *index = report->index;
    struct lc_file_record file;

    lc_jw_key_array(json, "files", LC_JW_PADDED);
    for (uint32_t i = 0; i < lc_index_summary(index)->rows_files; i++) {
        enum lc_status status = lc_index_get_file(index, i, &file, err);

        if (status != LC_OK)
            return status;
        lc_jw_object(json, LC_JW_PADDED);
        lc_jw_key_text(json, "name", file.name);
        lc_jw_key_number(json, "rows", file.rows);
        lc_jw_key_text(json, "dialect", file.dialect);
        if (file.sampling.size)
            lc_jw_key_text(json, "sampling_strategy", file.sampling);
        lc_jw_key_number(json, "sampled", file.sampled);
        lc_jw_end(json);
    }
    lc_jw_end(json);
    return LC_OK;
}

static enum lc_status put_dataset(const struct lc_report *report, struct lc_jw *json,
                                  struct lc_error *err)
{
    const struct lc_index_info *info = lc_index_info(report->index);
    enum lc_status status;

    lc_jw_key_object(json, "dataset", LC_JW_PADDED);
    lc_jw_key_text(json, "path", info->name);
    status = put_file_names(report, json, err);
    if (status == LC_OK)
        status = put_files(report, json, err);
    if (status != LC_OK)
        return status;
    lc_jw_key_text(json, "image_root", info->image_root);
    lc_jw_key_name(json, "trainer", lc_trainer_at(report->effects->trainer)->name);
    lc_jw_end(json);
    return LC_OK;
}

/* ---- the summary ---- */

static void put_counts(const struct lc_report *report, struct lc_jw *json)
{
    const struct lc_summary *s = lc_index_summary(report->index);
    const struct {
        const char *key;
        uint64_t value;
    } members[] = {
        {"rows", s->rows},
        {"rows_ok", s->rows_ok},
        {"rows_text_only", s->rows_text_only},
        {"urls", s->urls},
        {"embedded", s->embedded},
        {"turns", s->turns},
        {"words", s->words},
        {"characters", s->characters},
        {"rows_sampled", s->rows_sampled},
        {"images_referenced", s->images_referenced},
        {"images", s->images},
        {"images_ok", s->images_ok},
        {"images_unverified", s->images_unverified},
        {"images_skipped", s->images_skipped},
        {"image_bytes", s->image_bytes},
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        lc_jw_key_number(json, members[i].key, members[i].value);
}

/* Write the number of findings by level as a member. */
static void put_levels(struct lc_jw *json, const char *key, const uint64_t findings[3])
{
    lc_jw_key_object(json, key, LC_JW_PADDED);
    for (int i = LC_SEVERITY_ERROR; i >= LC_SEVERITY_INFO; i--)
        lc_jw_key_number(json, lc_severity_name((enum lc_severity)i), findings[i]);
    lc_jw_end(json);
}

static void put_by_rule(const struct lc_report *report, struct lc_jw *json)
{
    size_t count;
    const struct lc_rule_count *rules = lc_view_rule_counts(report->view, &count);

    lc_jw_key_object(json, "by_rule", LC_JW_PADDED);
    for (size_t i = 0; i < count; i++)
        lc_jw_key_number(json, rules[i].code,
                         rules[i].counts[0] + rules[i].counts[1] + rules[i].counts[2]);
    lc_jw_end(json);
}

/* Write how many findings a selection or the baseline withholds, and which entries of the
 * baseline expired or are unneeded. */
static void put_withheld(const struct lc_report *report, struct lc_jw *json)
{
    const struct lc_view_counts *counts = lc_view_counts(report->view);
    const uint64_t(*adjusted)[3] = counts->adjusted;
    uint64_t selection[3];

    for (int s = LC_SEVERITY_INFO; s <= LC_SEVERITY_ERROR; s++)
        selection[s] = adjusted[LC_ADJUSTED_IGNORE][s] + adjusted[LC_ADJUSTED_SELECT][s] +
                       adjusted[LC_ADJUSTED_OFF][s];
    lc_jw_key_object(json, "withheld", LC_JW_PADDED);
    put_levels(json, "by_selection", selection);
    put_levels(json, "by_folders", adjusted[LC_ADJUSTED_FOLDERS]);
    put_levels(json, "by_baseline", adjusted[LC_ADJUSTED_BASELINE]);
    lc_jw_key_number(json, "expired", counts->expired);
    lc_jw_key_number(json, "unneeded", counts->unneeded);
    lc_jw_end(json);
}

/* The number of findings that the report lists. */
static uint64_t count_listed(const struct lc_report *report)
{
    const struct lc_report_options *options = report->options;
    const uint64_t *findings = lc_report_findings(report);
    uint64_t listed = 0;

    for (int i = (int)options->show; i <= LC_SEVERITY_ERROR; i++)
        listed += findings[i];
    if (options->max_findings && listed > options->max_findings)
        listed = options->max_findings;
    return listed;
}

/* Write how many rows a trainer crashes on, replaces … */
static void put_trainer(const struct lc_effects *effects, struct lc_jw *json)
{
    lc_jw_key_name(json, "name", lc_trainer_at(effects->trainer)->name);
    for (int i = LC_EFFECT_REFUSED; i >= LC_EFFECT_FINE; i--)
        lc_jw_key_number(json, lc_effect_name((enum lc_effect)i), effects->counts[i]);
    lc_jw_key_number(json, "files", effects->files);
    lc_jw_key_number(json, "unloaded", effects->unloaded);
    if (effects->shards)
        lc_jw_key_number(json, "shards_refused", effects->shards);
    if (effects->stopping)
        lc_jw_key_number(json, "shards_crash", effects->stopping);
    if (effects->limit) {
        lc_jw_key_number(json, "limit", effects->limit);
        lc_jw_key_number(json, "longer", effects->longer);
        lc_jw_key_number(json, "perhaps_longer", effects->perhaps_longer);
    }
}

/* Write the same for all trainers, if they are compared. */
static enum lc_status put_trainers(const struct lc_report *report, struct lc_jw *json,
                                   struct lc_error *err)
{
    struct lc_buffer note = {0};
    enum lc_status status = LC_OK;

    if (!report->all_count)
        return LC_OK;
    lc_jw_key_array(json, "trainers", LC_JW_LINES);
    for (size_t i = 0; i < report->all_count && status == LC_OK; i++) {
        lc_jw_object(json, LC_JW_PADDED);
        put_trainer(&report->all[i], json);
        lc_jw_key_bool(json, "starts", lc_effects_start(&report->all[i]));
        status = lc_digest_unread(&report->all[i], &note, err);
        if (note.size)
            lc_jw_key_text(json, "note", (struct lc_span){note.data, note.size});
        note.size = 0;
        lc_jw_end(json);
    }
    lc_jw_end(json);
    lc_buffer_clear(&note);
    return status;
}

static void put_summary(const struct lc_report *report, struct lc_jw *json)
{
    lc_jw_key_object(json, "summary", LC_JW_PADDED);
    put_counts(report, json);
    put_levels(json, "by_severity", lc_report_findings(report));
    put_by_rule(report, json);
    put_withheld(report, json);
    lc_jw_key_number(json, "listed", count_listed(report));
    lc_jw_key_object(json, "trainer", LC_JW_PADDED);
    put_trainer(report->effects, json);
    lc_jw_end(json);
    lc_jw_key_bool(json, "complete", true); /* only finished runs are in an index */
    lc_jw_end(json);
}

/* Write the verdict, as a sentence and in numbers. */
static enum lc_status put_verdict(const struct lc_report *report, struct lc_jw *json,
                                  struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_totals(report, &text, err);

    if (status == LC_OK) {
        lc_jw_key_object(json, "verdict", LC_JW_PADDED);
        lc_jw_key_bool(json, "failed", lc_digest_failed(report));
        lc_jw_key_text(json, "text", (struct lc_span){text.data, text.size});
        lc_jw_key(json, "adjusted");
        lc_adjusted_json(report, json);
        lc_jw_end(json);
    }
    lc_buffer_clear(&text);
    return status;
}

enum lc_status lc_json_facts(const struct lc_report *report, struct lc_jw *json,
                             struct lc_error *err)
{
    enum lc_status status;

    lc_jw_key_number(json, "schema", REPORT_SCHEMA);
    put_tool(report, json);
    status = put_dataset(report, json, err);
    if (status != LC_OK)
        return status;
    put_summary(report, json);
    status = put_trainers(report, json, err);
    if (status == LC_OK)
        status = put_verdict(report, json, err);
    if (status != LC_OK)
        return status;
    lc_json_verification(report, json);
    return lc_json_statistics(report, json, err);
}
