#include "scan/set/stage.h"

void lc_set_start_collecting(struct lc_set_stage *stage)
{
    lc_sorter_clear(&stage->found);
    stage->found = (struct lc_sorter){
        .folder = stage->run->folder,
        .limit = stage->rows->ids.limit,
        .is_irregular = true,
    };
}

enum lc_status lc_set_report_of(struct lc_set_stage *stage, enum lc_scope scope,
                                const struct lc_facts *facts,
                                struct lc_finding_record *record, struct lc_error *err)
{
    struct lc_findings *findings = &stage->findings;
    enum lc_status status;

    lc_findings_reset(findings);
    status = lc_rules_check(scope, facts, findings, err);
    for (size_t i = 0; i < findings->count && status == LC_OK; i++)
        status =
            lc_run_add_finding(stage->run, findings, &findings->items[i], record, err);
    return status;
}

enum lc_status lc_set_report(struct lc_set_stage *stage, const struct lc_facts *facts,
                             struct lc_finding_record *record, struct lc_error *err)
{
    return lc_set_report_of(stage, LC_SCOPE_SET, facts, record, err);
}

enum lc_status lc_set_report_collected(
    struct lc_set_stage *stage,
    enum lc_status (*report_one)(struct lc_set_stage *stage, const struct lc_row_id *item,
                                 struct lc_error *err),
    struct lc_error *err)
{
    enum lc_status status = lc_sorter_sort(&stage->found, err);
    bool more = true;

    while (status == LC_OK) {
        struct lc_row_id item;

        status = lc_sorter_next(&stage->found, &item, &more, err);
        if (status != LC_OK || !more)
            break;
        status = report_one(stage, &item, err);
    }
    return status;
}
