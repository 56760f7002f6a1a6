/* The JSON report: docs/report-format.md */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "report/machine/json_finding.h"
#include "print/json_print.h"

#define REPORT_SCHEMA 1

struct writer {
    const struct lc_report *report;
    struct lc_buffer text; /* foreign text on its way to a string */
    struct lc_out out;     /* what is not put together by json-c */
    bool any;              /* the present list has a line */
};

/* Add a member; takes the value. A NULL value is memory that was lacking. */
static enum lc_status set(struct json_object *object, const char *key,
                          struct json_object *value, struct lc_error *err)
{
    if (value && json_object_object_add(object, key, value) == 0)
        return LC_OK;
    json_object_put(value);
    return lc_fail_memory(err);
}

static enum lc_status set_count(struct json_object *object, const char *key,
                                uint64_t value, struct lc_error *err)
{
    return set(object, key, json_object_new_uint64(value), err);
}

/* Make a string of foreign text: valid UTF-8 whatever it is. NULL without memory. */
static struct json_object *new_text(struct writer *w, struct lc_span text)
{
    w->text.size = 0;
    if (lc_printable_add(&w->text, text, LC_UNPRINTABLE_BYTE, NULL) != LC_OK)
        return NULL;
    return json_object_new_string_len(w->text.size ? w->text.data : "",
                                      (int)w->text.size);
}

static enum lc_status set_text(struct writer *w, struct json_object *object,
                               const char *key, struct lc_span text, struct lc_error *err)
{
    return set(object, key, new_text(w, text), err);
}

/* Print `"key": value` as a member of the report; frees the value. */
static enum lc_status print_member(struct writer *w, const char *key,
                                   struct json_object *value, struct lc_error *err)
{
    struct lc_out out = {.to = w->report->to};

    if (!value)
        return lc_fail_memory(err);
    lc_out_text(&out, "  \"");
    lc_out_text(&out, key);
    lc_out_text(&out, "\": ");
    lc_json_print(&out, value);
    lc_out_text(&out, ",\n");
    json_object_put(value);
    return lc_out_end(&out, LC_OK, err);
}

static enum lc_status print_tool(struct writer *w, struct lc_error *err)
{
    struct json_object *tool = json_object_new_object();
    enum lc_status status = LC_OK;

    if (!tool)
        return lc_fail_memory(err);
    status = set(tool, "name", json_object_new_string("llava-check"), err);
    if (status == LC_OK)
        status = set_text(w, tool, "version", lc_index_info(w->report->index)->tool, err);
    if (status == LC_OK)
        return print_member(w, "tool", tool, err);
    json_object_put(tool);
    return status;
}

static enum lc_status add_files(struct writer *w, struct json_object *files,
                                struct lc_error *err)
{
    const struct lc_index *index = w->report->index;
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < lc_index_summary(index)->rows_files && status == LC_OK;
         i++) {
        struct lc_file_record file;
        struct json_object *name;

        status = lc_index_get_file(index, i, &file, err);
        if (status != LC_OK)
            break;
        name = new_text(w, file.name);
        if (!name || json_object_array_add(files, name) != 0) {
            json_object_put(name);
            status = lc_fail_memory(err);
        }
    }
    return status;
}

/* The numbers of one rows file. */
static enum lc_status set_file(struct writer *w, struct json_object *object,
                               const struct lc_file_record *file, struct lc_error *err)
{
    enum lc_status status = set_text(w, object, "name", file->name, err);

    if (status == LC_OK)
        status = set_count(object, "rows", file->rows, err);
    if (status == LC_OK && file->sampling.size)
        status = set_text(w, object, "sampling_strategy", file->sampling, err);
    return status == LC_OK ? set_count(object, "drawn", file->drawn, err) : status;
}

static enum lc_status set_files(struct writer *w, struct json_object *dataset,
                                struct lc_error *err)
{
    const struct lc_index *index = w->report->index;
    struct json_object *files = json_object_new_array();
    enum lc_status status = set(dataset, "files", files, err);

    for (uint32_t i = 0; i < lc_index_summary(index)->rows_files && status == LC_OK;
         i++) {
        struct lc_file_record file;
        struct json_object *object = json_object_new_object();

        if (!object || json_object_array_add(files, object) != 0) {
            json_object_put(object);
            return lc_fail_memory(err);
        }
        status = lc_index_get_file(index, i, &file, err);
        if (status == LC_OK)
            status = set_file(w, object, &file, err);
    }
    return status;
}

static enum lc_status print_dataset(struct writer *w, struct lc_error *err)
{
    const struct lc_index_info *info = lc_index_info(w->report->index);
    struct json_object *dataset = json_object_new_object();
    struct json_object *files = json_object_new_array();
    enum lc_status status = LC_OK;

    if (!dataset || !files) {
        json_object_put(files);
        json_object_put(dataset);
        return lc_fail_memory(err);
    }
    status = set_text(w, dataset, "path", info->name, err);
    if (status == LC_OK)
        status = add_files(w, files, err);
    if (status == LC_OK)
        status = set(dataset, "rows_files", json_object_get(files), err);
    if (status == LC_OK)
        status = set_files(w, dataset, err);
    if (status == LC_OK)
        status = set_text(w, dataset, "image_root", info->image_root, err);
    if (status == LC_OK) /* whose treatment of the rows is told */
        status =
            set(dataset, "trainer",
                json_object_new_string(lc_trainer_at(w->report->effects->trainer)->name),
                err);
    json_object_put(files);
    if (status == LC_OK)
        return print_member(w, "dataset", dataset, err);
    json_object_put(dataset);
    return status;
}

static enum lc_status set_counts(struct writer *w, struct json_object *object,
                                 struct lc_error *err)
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
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && status == LC_OK; i++)
        status = set_count(object, members[i].key, members[i].value, err);
    return status;
}

/* Findings by level, as a member. */
static enum lc_status set_levels(struct json_object *object, const char *key,
                                 const uint64_t findings[3], struct lc_error *err)
{
    struct json_object *by = json_object_new_object();
    enum lc_status status = set(object, key, by, err);

    for (int i = LC_SEVERITY_ERROR; i >= LC_SEVERITY_INFO && status == LC_OK; i--)
        status = set_count(by, lc_severity_name((enum lc_severity)i), findings[i], err);
    return status;
}

/* What a selection withholds, and what became of the baseline. */
static enum lc_status set_withheld(struct writer *w, struct json_object *summary,
                                   struct lc_error *err)
{
    const struct lc_view_counts *counts = lc_view_counts(w->report->view);
    const uint64_t(*adjusted)[3] = counts->adjusted;
    struct json_object *withheld = json_object_new_object();
    enum lc_status status = set(summary, "withheld", withheld, err);
    uint64_t selection[3];

    for (int s = LC_SEVERITY_INFO; s <= LC_SEVERITY_ERROR; s++)
        selection[s] = adjusted[LC_ADJUSTED_IGNORE][s] + adjusted[LC_ADJUSTED_SELECT][s] +
                       adjusted[LC_ADJUSTED_OFF][s];
    if (status == LC_OK)
        status = set_levels(withheld, "by_selection", selection, err);
    if (status == LC_OK)
        status = set_levels(withheld, "by_folders", adjusted[LC_ADJUSTED_FOLDERS], err);
    if (status == LC_OK)
        status = set_levels(withheld, "by_baseline", adjusted[LC_ADJUSTED_BASELINE], err);
    if (status == LC_OK)
        status = set_count(withheld, "expired", counts->expired, err);
    return status == LC_OK ? set_count(withheld, "unneeded", counts->unneeded, err)
                           : status;
}

/* How many findings the report lists. */
static enum lc_status set_listed(struct writer *w, struct json_object *summary,
                                 struct lc_error *err)
{
    const struct lc_report_options *options = w->report->options;
    const uint64_t *findings = lc_report_findings(w->report);
    uint64_t listed = 0;

    for (int i = (int)options->show; i <= LC_SEVERITY_ERROR; i++)
        listed += findings[i];
    if (options->max_findings && listed > options->max_findings)
        listed = options->max_findings;
    return set_count(summary, "listed", listed, err);
}

static enum lc_status set_by_rule(struct writer *w, struct json_object *summary,
                                  struct lc_error *err)
{
    struct json_object *by = json_object_new_object();
    enum lc_status status = set(summary, "by_rule", by, err);
    size_t count;
    const struct lc_rule_count *counts = lc_view_rule_counts(w->report->view, &count);

    for (size_t i = 0; i < count && status == LC_OK; i++)
        status = set_count(
            by, counts[i].code,
            counts[i].counts[0] + counts[i].counts[1] + counts[i].counts[2], err);
    return status;
}

/* How many rows the trainer crashes on, replaces … */
static enum lc_status set_trainer(struct writer *w, struct json_object *summary,
                                  struct lc_error *err)
{
    const struct lc_effects *effects = w->report->effects;
    struct json_object *trainer = json_object_new_object();
    enum lc_status status = set(summary, "trainer", trainer, err);

    if (status == LC_OK)
        status = set(trainer, "name",
                     json_object_new_string(lc_trainer_at(effects->trainer)->name), err);
    for (int i = LC_EFFECT_CRASH; i >= LC_EFFECT_FINE && status == LC_OK; i--)
        status = set_count(trainer, lc_effect_name((enum lc_effect)i), effects->counts[i],
                           err);
    if (status == LC_OK)
        status = set_count(trainer, "files", effects->files, err);
    return status == LC_OK ? set_count(trainer, "unloaded", effects->unloaded, err)
                           : status;
}

static enum lc_status print_summary(struct writer *w, struct lc_error *err)
{
    struct json_object *summary = json_object_new_object();
    enum lc_status status;

    if (!summary)
        return lc_fail_memory(err);
    status = set_counts(w, summary, err);
    if (status == LC_OK)
        status = set_levels(summary, "by_severity", lc_report_findings(w->report), err);
    if (status == LC_OK)
        status = set_by_rule(w, summary, err);
    if (status == LC_OK)
        status = set_withheld(w, summary, err);
    if (status == LC_OK)
        status = set_listed(w, summary, err);
    if (status == LC_OK)
        status = set_trainer(w, summary, err);
    if (status == LC_OK) /* only finished runs are in an index */
        status = set(summary, "complete", json_object_new_boolean(true), err);
    if (status == LC_OK)
        return print_member(w, "summary", summary, err);
    json_object_put(summary);
    return status;
}

/* The verdict, in one sentence and in numbers. */
static enum lc_status print_verdict(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    struct lc_out out = {.to = w->report->to};
    enum lc_status status = lc_digest_totals(w->report, &text, err);

    lc_out_text(&out, "  \"verdict\": { \"failed\": ");
    lc_out_text(&out, lc_digest_failed(w->report) ? "true" : "false");
    lc_out_text(&out, ", \"text\": ");
    lc_out_json(&out, (struct lc_span){text.data, text.size});
    lc_out_text(&out, ", \"adjusted\": ");
    lc_adjusted_json(w->report, &out);
    lc_out_text(&out, " },\n");
    lc_buffer_clear(&text);
    return lc_out_end(&out, status, err);
}

/* Begin a line of a list. */
static void begin_line(struct writer *w)
{
    lc_out_text(&w->out, w->any ? ",\n    " : "\n    ");
    w->any = true;
}

static enum lc_status put_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct writer *w = user;
    enum lc_status status;

    begin_line(w);
    status = lc_json_finding(w->report, finding, &w->out, err);
    return status == LC_OK ? lc_out_flush(&w->out, err) : status;
}

/* The rows that are not trained as written. */
static enum lc_status put_effects(struct writer *w, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    w->any = false;
    lc_out_text(&w->out, "  \"effects\": [");
    for (uint64_t i = 0; i < lc_index_summary(w->report->index)->rows && status == LC_OK;
         i++) {
        if (w->report->effects->rows[i] == LC_EFFECT_FINE)
            continue;
        begin_line(w);
        status = lc_json_effect(w->report, i, &w->out, err);
        if (status == LC_OK)
            status = lc_out_flush(&w->out, err);
    }
    lc_out_text(&w->out, w->any ? "\n  ]\n}\n" : "]\n}\n");
    return status;
}

enum lc_status lc_report_json(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .out = {.to = report->to}};
    enum lc_status status;

    fprintf(report->to, "{\n  \"schema\": %d,\n", REPORT_SCHEMA);
    status = print_tool(&w, err);
    if (status == LC_OK)
        status = print_dataset(&w, err);
    if (status == LC_OK)
        status = print_summary(&w, err);
    if (status == LC_OK)
        status = print_verdict(&w, err);
    lc_json_verification(report);
    if (status == LC_OK)
        status = lc_json_statistics(report, err);
    lc_out_text(&w.out, "  \"findings\": [");
    if (status == LC_OK)
        status = lc_report_each_listed(report, put_finding, &w, err);
    lc_out_text(&w.out, w.any ? "\n  ],\n" : "],\n");
    if (status == LC_OK)
        status = put_effects(&w, err);
    lc_buffer_clear(&w.text);
    return lc_out_end(&w.out, status, err);
}
