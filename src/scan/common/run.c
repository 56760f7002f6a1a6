#include "scan/common/run.h"

#include "base/clock.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#define MAX_WORKERS 512
#define PROGRESS_NS INT64_C(100000000)

unsigned lc_run_workers(unsigned requested)
{
    cpu_set_t available; /* to this process, which in a container may not get all */

    if (!requested && sched_getaffinity(0, sizeof(available), &available) == 0)
        requested = (unsigned)CPU_COUNT(&available);
    if (!requested)
        requested = 1;
    return requested < MAX_WORKERS ? requested : MAX_WORKERS;
}

bool lc_run_has_image(const struct lc_run *run, struct lc_span path)
{
    struct lc_hash hash;

    if (!run->part.count || run->shares_shards)
        return true;
    hash = lc_hash_bytes(path.text, path.size);
    return lc_part_of_path(&hash, run->part.count) == run->part.number;
}

enum lc_case_index lc_run_stored_case(enum lc_rule_index rule,
                                      const struct lc_finding_record *record)
{
    enum lc_case_index which = lc_case_index_of(record->rule, record->rule_case);

    return which < LC_CASE_COUNT && lc_cases[which].rule == rule ? which : LC_CASE_COUNT;
}

/* Whether findings of a rule need parts that this run does not cover. */
static bool needs_all_parts(const struct lc_run *run, enum lc_rule_index rule)
{
    return run->covered.count && lc_rules[rule].scope == LC_SCOPE_SET &&
           rule != LC_RULE_SET602;
}

enum lc_status lc_run_add_finding(struct lc_run *run, const struct lc_findings *findings,
                                  const struct lc_finding *finding,
                                  struct lc_finding_record *record, struct lc_error *err)
{
    const char *code = lc_rules[finding->rule].info.code;
    const char *message = findings->text.data + finding->message;
    const char *name = lc_cases[finding->which].info.name;

    if (needs_all_parts(run, finding->rule))
        return LC_OK;
    record->severity = (uint8_t)finding->severity;
    record->order = (uint16_t)finding->rule;
    record->rule = (struct lc_span){code, strlen(code)};
    record->rule_case = (struct lc_span){name, strlen(name)};
    record->message = (struct lc_span){message, strlen(message)};
    run->summary.findings[finding->severity]++;
    run->counts[finding->rule][finding->severity]++;
    return lc_index_add_finding(run->writer, record, err);
}

enum lc_status lc_run_store_summary(struct lc_run *run, const uint8_t *faulty,
                                    struct lc_error *err)
{
    struct lc_rule_count counts[LC_RULE_COUNT];
    size_t count = 0;

    run->summary.rows_ok = 0;
    for (uint64_t row = 0; row < run->summary.rows; row++)
        run->summary.rows_ok += !faulty[row];
    for (size_t i = 0; i < LC_RULE_COUNT; i++) {
        if (!(run->counts[i][0] + run->counts[i][1] + run->counts[i][2]))
            continue;
        counts[count] = (struct lc_rule_count){0};
        snprintf(counts[count].code, sizeof(counts[count].code), "%s",
                 lc_rules[i].info.code);
        memcpy(counts[count].counts, run->counts[i], sizeof(counts[count].counts));
        count++;
    }
    if (run->covered.count) {
        enum lc_status status = lc_index_add_part(run->writer, &run->covered, err);

        if (status != LC_OK)
            return status;
    }
    return lc_index_add_summary(run->writer, &run->summary, counts, count, err);
}

/* ---- reports to the caller ---- */

enum lc_status lc_run_check_stopped(const struct lc_run *run, struct lc_error *err)
{
    const struct lc_check_options *options = run->options;

    if (options->is_stopped && options->is_stopped(options->user))
        return lc_fail(err, LC_ERR_STOPPED, 0, "stopped");
    return LC_OK;
}

static void report_progress(const struct lc_run *run, enum lc_stage stage, uint64_t done,
                            uint64_t total)
{
    struct lc_progress progress = {
        .stage = stage,
        .done = done,
        .total = total,
        .bytes = stage == LC_STAGE_ROWS ? done : run->summary.image_bytes,
        .reused = run->reused,
        .files_at_once = stage == LC_STAGE_IMAGES ? run->files_at_once : 0,
    };

    memcpy(progress.findings, run->summary.findings, sizeof(progress.findings));
    run->options->on_progress(run->options->user, &progress);
}

void lc_run_begin_stage(const struct lc_run *run, enum lc_stage stage)
{
    if (run->options->on_progress)
        report_progress(run, stage, 0, 0);
}

enum lc_status lc_run_progress(struct lc_run *run, enum lc_stage stage, uint64_t done,
                               uint64_t total, struct lc_error *err)
{
    int64_t now = run->options->on_progress ? lc_clock_now(CLOCK_MONOTONIC) : 0;

    if (now && (done >= total || now - run->reported_ns >= PROGRESS_NS)) {
        run->reported_ns = now;
        report_progress(run, stage, done, total);
    }
    return lc_run_check_stopped(run, err);
}

void lc_run_report_choice(const struct lc_run *run, const char *what, const char *choice)
{
    if (run->options->on_choice && !run->is_retry)
        run->options->on_choice(run->options->user, what, choice);
}

void lc_run_report_workers(const struct lc_run *run)
{
    char number[16];

    snprintf(number, sizeof(number), "%u", run->workers);
    lc_run_report_choice(run, "workers", number);
}

int lc_run_bring(const struct lc_run *run, const char *folder, const char *path)
{
    const struct lc_check_options *options = run->options;

    return options->bring_file ? options->bring_file(options->user, folder, path) : 0;
}

void lc_run_return(const struct lc_run *run, const char *folder, const char *path)
{
    const struct lc_check_options *options = run->options;

    if (options->bring_file && options->return_file)
        options->return_file(options->user, folder, path);
}
