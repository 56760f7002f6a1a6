/* run.h - what every stage of a run uses: the caller, the index being written, the totals
 *
 * A stage reports its findings and its progress through the run; everything else that it
 * reads or produces is in its own parameters.
 */
#ifndef LC_SCAN_COMMON_RUN_H
#define LC_SCAN_COMMON_RUN_H

#include "base/error.h"
#include "index/index.h"
#include "llava_check/check.h"
#include "rules/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lc_run {
    const struct lc_check_options *options;
    bool is_retry; /* the first attempt already reported notices and choices */
    /* rows and images are not compared with each other: the index has no findings of
     * LC_SCOPE_SET rules, and no look-ups by id, content or path */
    bool is_each_alone;
    bool is_recheck; /* checks part of a data set that this process has already checked */
    /* the part of the data set that is checked; count 0: all of it. A part is not
     * compared with the whole set: findings of LC_SCOPE_SET rules are left to the merge,
     * except for unused images, which the first part looks for */
    struct lc_part part;
    bool shares_archives; /* other parts read some of the archives: any row may name an
                           * image in the archives of this part */
    bool shares_shards;   /* all are shards: a row names only images of its own shard */
    struct lc_part_record covered; /* which parts of a data set the index covers */
    unsigned workers;
    const char *folder; /* the index folder, also for temporary files; NULL: none */
    struct lc_index_writer *writer;
    struct lc_summary summary;
    uint64_t counts[LC_RULE_COUNT][3]; /* findings by rule and severity */
    uint64_t reused;                   /* images so far with facts from an earlier run */
    unsigned files_at_once;            /* as in struct lc_progress */
    int64_t reported_ns;               /* when progress was last reported */
};

/** The number of workers to start; requested 0 means one per available processor. */
unsigned lc_run_workers(unsigned requested);

/** Whether this run has to verify an image with this path: it belongs to this part, the
 * run has no parts, or its parts are divided by shards. */
bool lc_run_has_image(const struct lc_run *run, struct lc_span path);

/** The case of a finding that an earlier run stored under the key of a rule. The record
 * contains both rule and case: return LC_CASE_COUNT if it names another rule, which
 * happens only in a damaged index. */
enum lc_case_index lc_run_stored_case(enum lc_rule_index rule,
                                      const struct lc_finding_record *record);

/** Store a finding in the index and count it. Errors: those of lc_index_add_finding. */
LC_MUST_CHECK enum lc_status lc_run_add_finding(struct lc_run *run,
                                                const struct lc_findings *findings,
                                                const struct lc_finding *finding,
                                                struct lc_finding_record *record,
                                                struct lc_error *err);

/**
 * Store the run's totals, and the number of findings of each rule.
 *
 * @param faulty  by row: whether the row or one of its images has an error
 */
LC_MUST_CHECK enum lc_status
lc_run_store_summary(struct lc_run *run, const uint8_t *faulty, struct lc_error *err);

/** Errors: LC_ERR_STOPPED when the caller asks the run to stop. */
LC_MUST_CHECK enum lc_status lc_run_check_stopped(const struct lc_run *run,
                                                  struct lc_error *err);

/**
 * Have the caller fetch a file to where it is read, if its files are elsewhere.
 *
 * @param folder  NULL: path is not relative to a folder
 * @return 0, or an errno; after 0, call lc_run_return once the file was read
 *
 * Threads: any.
 */
int lc_run_bring(const struct lc_run *run, const char *folder, const char *path);
void lc_run_return(const struct lc_run *run, const char *folder, const char *path);

/** Report that a stage begins. */
void lc_run_begin_stage(const struct lc_run *run, enum lc_stage stage);

/** Report progress, at most every 100 ms. Errors: LC_ERR_STOPPED. */
LC_MUST_CHECK enum lc_status lc_run_progress(struct lc_run *run, enum lc_stage stage,
                                             uint64_t done, uint64_t total,
                                             struct lc_error *err);

/** Report a choice that the run made for the caller. */
void lc_run_report_choice(const struct lc_run *run, const char *what, const char *choice);

/** Report the number of workers as a choice. */
void lc_run_report_workers(const struct lc_run *run);

#endif
