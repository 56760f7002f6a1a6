/* Source: prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4: HELP
 *         and TYPE precede the samples of a metric; in label values \, " and newlines are
 *         escaped, and all text is UTF-8. The node exporter's textfile collector may read
 *         whole *.prom files at any time, so each version is renamed into place. */
#include "cli/metrics.h"

#include "base/text.h"
#include "cli/gauge.h"
#include "llava_check/version.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_AFTER 1.0 /* seconds: the file of a shorter run is written only once */
#define WRITE_EACH 5.0
#define MOST_RULES 256

struct rule_sample {
    char code[8];
    uint64_t counts[3];
};

struct lc_metrics {
    const struct lc_settings *settings;
    struct lc_target target;
    struct lc_gauge gauge;
    double began;     /* on the gauge's clock */
    double due;       /* when to write the file next, on the same clock */
    bool is_hopeless; /* writing failed: not tried again until the end */
    time_t started;
    unsigned workers;
    bool has_results;
    struct lc_summary summary;
    uint64_t findings[3];
    struct rule_sample rules[MOST_RULES];
    size_t rule_count;
};

static const char *const stages[LC_STAGE_COUNT] = {
    [LC_STAGE_ROWS] = "rows", [LC_STAGE_LINKS] = "links", [LC_STAGE_IMAGES] = "images",
    [LC_STAGE_SET] = "set",   [LC_STAGE_INDEX] = "index", [LC_STAGE_COPY] = "copy",
};

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool lc_metrics_new(const struct lc_settings *settings, struct lc_metrics **out)
{
    struct lc_metrics *metrics;

    *out = NULL;
    if (!settings->metrics)
        return true;
    metrics = calloc(1, sizeof(*metrics));
    if (!metrics) {
        lc_complain("out of memory");
        return false;
    }
    metrics->settings = settings;
    metrics->target = (struct lc_target){
        .path = settings->metrics, .kind = LC_TARGET_METRICS, .force = settings->force};
    if (!lc_target_check(&metrics->target, settings)) {
        free(metrics);
        return false;
    }
    metrics->began = seconds();
    metrics->due = metrics->began + FIRST_AFTER;
    metrics->started = time(NULL);
    *out = metrics;
    return true;
}

/* ---- the format ---- */

/* Print a text from the data as a label's value. Invalid UTF-8 becomes U+FFFD. */
static void put_value(FILE *to, const char *text)
{
    struct lc_span left = {text, strlen(text)};

    fputc('"', to);
    while (left.size) {
        size_t size = lc_text_utf8_length(left.text, left.size);

        if (!size)
            fputs("\xef\xbf\xbd", to);
        else if (*left.text == '\n')
            fputs("\\n", to);
        else if (*left.text == '"' || *left.text == '\\')
            fprintf(to, "\\%c", *left.text);
        else
            fwrite(left.text, 1, size, to);
        size += !size;
        left = (struct lc_span){left.text + size, left.size - size};
    }
    fputc('"', to);
}

/* Begin a metric. */
static void head(FILE *to, const char *name, const char *help)
{
    fprintf(to, "# HELP llava_check_%s %s\n# TYPE llava_check_%s gauge\n", name, help,
            name);
}

/* Print a metric with a single sample. */
static void whole(FILE *to, const char *name, const char *help, uint64_t value)
{
    head(to, name, help);
    fprintf(to, "llava_check_%s %" PRIu64 "\n", name, value);
}

static void print_info(FILE *to, const struct lc_metrics *metrics)
{
    const struct lc_settings *settings = metrics->settings;

    head(to, "info", "The version, and the first path that is checked.");
    fprintf(to, "llava_check_info{version=\"%s\",path=", lc_version());
    put_value(to, settings->word_count    ? settings->words[0]
                  : settings->parts_count ? settings->parts[0]
                                          : "");
    fputs("} 1\n", to);
}

static void print_stages(FILE *to, const struct lc_metrics *metrics)
{
    const struct lc_progress *now = &metrics->gauge.now;

    if (!metrics->gauge.started)
        return;
    head(to, "stage_seconds", "Time that each stage has taken so far.");
    for (int i = 0; i < LC_STAGE_COUNT; i++)
        if (metrics->gauge.spent[i] > 0 || i == (int)now->stage)
            fprintf(to, "llava_check_stage_seconds{stage=\"%s\"} %.3f\n", stages[i],
                    metrics->gauge.spent[i]);
    head(to, "stage_done", "Bytes of rows, or images, that the current stage has done.");
    fprintf(to, "llava_check_stage_done{stage=\"%s\"} %" PRIu64 "\n", stages[now->stage],
            now->done);
    head(to, "stage_total",
         "What the current stage has to do in all; 0 while it is unknown.");
    fprintf(to, "llava_check_stage_total{stage=\"%s\"} %" PRIu64 "\n", stages[now->stage],
            now->total);
}

static void print_findings(FILE *to, const struct lc_metrics *metrics)
{
    const uint64_t *counts =
        metrics->has_results ? metrics->findings : metrics->gauge.now.findings;

    head(to, "findings", "Findings so far; at the end those that are reported.");
    for (int s = LC_SEVERITY_ERROR; s >= 0; s--)
        fprintf(to, "llava_check_findings{level=\"%s\"} %" PRIu64 "\n",
                lc_severity_name((enum lc_severity)s), counts[s]);
    if (!metrics->has_results || !(counts[0] + counts[1] + counts[2]))
        return;
    head(to, "rule_findings", "Findings of each rule that are reported.");
    for (size_t i = 0; i < metrics->rule_count; i++)
        for (int s = LC_SEVERITY_ERROR; s >= 0; s--)
            if (metrics->rules[i].counts[s])
                fprintf(to,
                        "llava_check_rule_findings{rule=\"%s\",level=\"%s\"} %" PRIu64
                        "\n",
                        metrics->rules[i].code, lc_severity_name((enum lc_severity)s),
                        metrics->rules[i].counts[s]);
}

static void print_results(FILE *to, const struct lc_summary *summary)
{
    whole(to, "rows", "Rows.", summary->rows);
    whole(to, "rows_sound", "Rows without an error in the row or its images.",
          summary->rows_ok);
    whole(to, "images", "Images that rows name.", summary->images_referenced);
    whole(to, "images_sound", "Images that load without repairs.", summary->images_ok);
    whole(to, "image_bytes", "Size of the images that were read or reused.",
          summary->image_bytes);
}

static void print(FILE *to, const struct lc_metrics *metrics, const enum lc_exit *code)
{
    const struct lc_progress *now = &metrics->gauge.now;

    print_info(to, metrics);
    whole(to, "running", "1 while the run goes on, 0 when it has ended.", !code);
    whole(to, "start_timestamp_seconds", "When the run started.",
          (uint64_t)metrics->started);
    whole(to, "update_timestamp_seconds", "When these metrics were written.",
          (uint64_t)time(NULL));
    if (code) {
        whole(to, "end_timestamp_seconds", "When the run ended.", (uint64_t)time(NULL));
        whole(to, "exit_code", "The exit code: 0 clean, 1 findings, 2 not finished.",
              (uint64_t)*code);
    }
    head(to, "run_seconds", "Time since the run started.");
    fprintf(to, "llava_check_run_seconds %.3f\n", seconds() - metrics->began);
    print_stages(to, metrics);
    print_findings(to, metrics);
    if (metrics->has_results)
        print_results(to, &metrics->summary);
    else
        whole(to, "image_bytes", "Size of the images that were read or reused.",
              now->stage == LC_STAGE_ROWS ? 0 : now->bytes);
    whole(to, "images_reused", "Images whose results were reused from the index.",
          now->reused);
    whole(to, "workers", "Threads that decode.", metrics->workers);
    whole(to, "files_at_once", "Files that are read at once.", now->files_at_once);
}

/* Write the file. code is NULL while the run goes on. */
static bool write_file(struct lc_metrics *metrics, const enum lc_exit *code)
{
    struct lc_target *target = &metrics->target;
    bool good = lc_target_open(target);

    if (good) {
        print(target->file, metrics, code);
        good = lc_target_finish(target, metrics->settings);
    }
    lc_target_drop(target);
    /* remember that the file there is now our own */
    return good && lc_look_at_link(target->path, &target->was, &target->existed);
}

/* ---- recording ---- */

void lc_metrics_progress(struct lc_metrics *metrics, const struct lc_progress *progress)
{
    struct lc_progress now;
    double time = seconds();

    if (!metrics)
        return;
    now = *progress;
    if (!now.files_at_once) /* only set while images are read */
        now.files_at_once = metrics->gauge.now.files_at_once;
    lc_gauge_update(&metrics->gauge, &now, time);
    if (metrics->is_hopeless || time < metrics->due)
        return;
    lc_bar_wipe();
    metrics->is_hopeless = !write_file(metrics, NULL);
    metrics->due = seconds() + WRITE_EACH;
}

void lc_metrics_choice(struct lc_metrics *metrics, const char *what, const char *choice)
{
    if (metrics && strcmp(what, "workers") == 0)
        metrics->workers = (unsigned)strtoul(choice, NULL, 10);
}

void lc_metrics_results(struct lc_metrics *metrics, const struct lc_results *results)
{
    const uint64_t *counts;
    const char *code;

    if (!metrics)
        return;
    metrics->has_results = true;
    metrics->summary = *lc_index_summary(results->index);
    memcpy(metrics->findings, lc_view_counts(results->view)->findings,
           sizeof(metrics->findings));
    for (size_t i = 0; i < MOST_RULES; i++) {
        counts = lc_view_counts_of_rule(results->view, i, &code);
        if (!counts)
            break;
        snprintf(metrics->rules[i].code, sizeof(metrics->rules[i].code), "%s", code);
        memcpy(metrics->rules[i].counts, counts, sizeof(metrics->rules[i].counts));
        metrics->rule_count = i + 1;
    }
}

bool lc_metrics_end(struct lc_metrics *metrics, enum lc_exit code)
{
    struct lc_progress last;
    bool good;

    if (!metrics)
        return true;
    last = metrics->gauge.now;
    if (metrics->gauge.started) /* the last stage lasted until now */
        lc_gauge_update(&metrics->gauge, &last, seconds());
    good = write_file(metrics, &code);
    free(metrics);
    return good;
}
