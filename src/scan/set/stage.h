/* stage.h - shared by the parts of the set stage; private to src/scan/set
 *
 * Duplicates are found in the order of hashes, but reported in the order of rows, so they
 * go through a sorter first.
 */
#ifndef LC_SCAN_SET_STAGE_H
#define LC_SCAN_SET_STAGE_H

#include "dataset/dataset.h"
#include "scan/common/run.h"
#include "scan/common/stages.h"

struct lc_set_stage {
    struct lc_run *run;
    const struct lc_dataset *dataset;
    struct lc_rows *rows;
    struct lc_sorter found; /* what to report, in the order of rows */
    struct lc_findings findings;
};

/** Start collecting results: items are added to stage->found, by row. */
void lc_set_start_collecting(struct lc_set_stage *stage);

/** Report the collected results, in the order of rows. Errors: those of lc_set_report. */
LC_MUST_CHECK enum lc_status lc_set_report_collected(
    struct lc_set_stage *stage,
    enum lc_status (*report_one)(struct lc_set_stage *stage, const struct lc_row_id *item,
                                 struct lc_error *err),
    struct lc_error *err);

/** Run the rules of a scope on facts, and store their findings. Errors: LC_ERR_MEMORY,
 * LC_ERR_IO, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_set_report_of(struct lc_set_stage *stage,
                                              enum lc_scope scope,
                                              const struct lc_facts *facts,
                                              struct lc_finding_record *record,
                                              struct lc_error *err);

/** Run the rules on facts about the set, and store their findings. Errors: LC_ERR_MEMORY,
 * LC_ERR_IO, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_set_report(struct lc_set_stage *stage,
                                           const struct lc_facts *facts,
                                           struct lc_finding_record *record,
                                           struct lc_error *err);

#endif
