/* What every stage tells: its findings to the index, how far it is to the caller. */
#include "scan/scan.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define PROGRESS_NS INT64_C(100000000)

enum lc_status lc_scan_go_on(const struct lc_scan *scan, struct lc_error *err)
{
    const struct lc_check_options *options = scan->options;

    if (options->is_stopped && options->is_stopped(options->user))
        return lc_fail(err, LC_ERR_STOPPED, 0, "stopped");
    return LC_OK;
}

/* Call the caller. */
static void tell(const struct lc_scan *scan, enum lc_stage stage, uint64_t done,
                 uint64_t total)
{
    struct lc_progress progress = {
        .stage = stage,
        .done = done,
        .total = total,
        .bytes = stage == LC_STAGE_ROWS ? done : scan->summary.image_bytes,
    };

    memcpy(progress.findings, scan->summary.findings, sizeof(progress.findings));
    scan->options->on_progress(scan->options->user, &progress);
}

enum lc_status lc_scan_progress(struct lc_scan *scan, enum lc_stage stage, uint64_t done,
                                uint64_t total, struct lc_error *err)
{
    int64_t now = scan->options->on_progress ? lc_clock_now(CLOCK_MONOTONIC) : 0;

    if (now && (done >= total || now - scan->reported_ns >= PROGRESS_NS)) {
        scan->reported_ns = now;
        tell(scan, stage, done, total);
    }
    return lc_scan_go_on(scan, err);
}

void lc_scan_begins(const struct lc_scan *scan, enum lc_stage stage)
{
    if (scan->options->on_progress)
        tell(scan, stage, 0, 0);
}

void lc_scan_chose(const struct lc_scan *scan, const char *what, const char *choice)
{
    if (scan->options->on_choice && !scan->is_again)
        scan->options->on_choice(scan->options->user, what, choice);
}

void lc_scan_chose_workers(const struct lc_scan *scan)
{
    char number[16];

    snprintf(number, sizeof(number), "%u", scan->workers);
    lc_scan_chose(scan, "workers", number);
}

enum lc_status lc_scan_finding(struct lc_scan *scan, const struct lc_findings *findings,
                               const struct lc_finding *finding,
                               struct lc_finding_record *record, struct lc_error *err)
{
    const char *code = lc_rules[finding->rule].info.code;
    const char *message = findings->text.data + finding->message;

    record->severity = (uint8_t)finding->severity;
    record->order = (uint16_t)finding->rule;
    record->rule = (struct lc_span){code, strlen(code)};
    record->message = (struct lc_span){message, strlen(message)};
    scan->summary.findings[finding->severity]++;
    scan->counts[finding->rule][finding->severity]++;
    return lc_index_add_finding(scan->writer, record, err);
}
