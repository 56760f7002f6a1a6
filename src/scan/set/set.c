#include "scan/set/set.h"

#include "scan/set/download.h"
#include "scan/set/same_ids.h"
#include "scan/set/same_rows.h"
#include "scan/set/stage.h"

#include <string.h>

static enum lc_status report_unused(struct lc_set_stage *stage,
                                    const struct lc_unused *unused, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < unused->count && status == LC_OK; i++) {
        const struct lc_unused_folder *folder = &unused->folders[i];
        const char *path = unused->text.data + folder->folder;
        const char *example = unused->text.data + folder->example;
        struct lc_unused_facts facts = {
            .folder = {path, strlen(path)},
            .count = folder->count,
            .whole = folder->whole,
            .example = {example, strlen(example)},
        };
        struct lc_finding_record record = {.kind = LC_FINDING_SET, .row = -1, .turn = -1};

        status = lc_set_report(stage, &(struct lc_facts){.unused = &facts}, &record, err);
    }
    return status;
}

enum lc_status lc_set_check(struct lc_run *run, const struct lc_dataset *dataset,
                            struct lc_rows *rows, const struct lc_unused *unused,
                            struct lc_error *err)
{
    struct lc_set_stage stage = {.run = run, .dataset = dataset, .rows = rows};
    enum lc_status status = lc_set_check_ids(&stage, err);

    if (status == LC_OK)
        status = lc_set_check_contents(&stage, err);
    if (status == LC_OK)
        status = lc_set_check_questions(&stage, err);
    if (status == LC_OK)
        status = report_unused(&stage, unused, err);
    /* of a data set in parts, only the first part looks: the merge has no files */
    if (status == LC_OK && !run->is_recheck && !run->is_each_alone &&
        !run->options->get_image && run->part.number <= 1 && dataset->folder)
        status = lc_set_check_download(&stage, err);
    lc_findings_clear(&stage.findings);
    lc_sorter_clear(&stage.found);
    return status;
}
