/* The set stage: what only the whole set can tell. */
#include "scan/scan.h"

#include <stdlib.h>
#include <string.h>

/* Rows that share an id: ids[first] up to ids[first + count]. */
struct group {
    size_t first;
    size_t count;
};

static int by_first_row(const void *a, const void *b, void *context)
{
    const struct lc_row_id *ids = context;
    uint64_t x = ids[((const struct group *)a)->first].row;
    uint64_t y = ids[((const struct group *)b)->first].row;

    return (x > y) - (x < y);
}

static enum lc_status find_groups(struct lc_scan *scan, struct group **out, size_t *count,
                                  struct lc_error *err)
{
    const struct lc_row_id *ids = scan->ids;
    size_t capacity = 0;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < scan->id_count && status == LC_OK; i++) {
        size_t end = i + 1;
        struct group *groups;

        status = lc_index_add_lookup(scan->writer, LC_LOOKUP_ID, &ids[i].hash, ids[i].row,
                                     err);
        if (i && lc_hash_compare(&ids[i - 1].hash, &ids[i].hash) == 0)
            continue;
        while (end < scan->id_count && lc_hash_compare(&ids[i].hash, &ids[end].hash) == 0)
            end++;
        if (end - i == 1)
            continue;
        groups = lc_array_grow(*out, *count, &capacity, sizeof(*groups));
        if (!groups)
            return lc_fail_memory(err);
        *out = groups;
        groups[(*count)++] = (struct group){i, end - i};
    }
    return status;
}

static enum lc_status report_group(struct lc_scan *scan, const struct group *group,
                                   struct lc_findings *findings, struct lc_error *err)
{
    struct lc_buffer text = {0};
    struct lc_finding_record record = {
        .kind = LC_FINDING_SET,
        .row = -1,
        .turn = -1,
        .row_count = group->count,
    };
    struct lc_duplicate_facts duplicate = {.count = group->count};
    struct lc_facts facts = {.duplicate = &duplicate};
    enum lc_status status =
        lc_index_written_id(scan->writer, scan->ids[group->first].row, &text, err);

    duplicate.id = (struct lc_span){text.data, text.size};
    record.id = duplicate.id;
    lc_findings_reset(findings);
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_SET, &facts, findings, err);
    for (size_t i = 0; i < findings->count && status == LC_OK; i++)
        status = lc_scan_finding(scan, findings, &findings->items[i], &record, err);
    lc_buffer_clear(&text);
    return status;
}

enum lc_status lc_scan_set(struct lc_scan *scan, struct lc_error *err)
{
    struct lc_findings findings = {0};
    struct group *groups = NULL;
    size_t count = 0;
    enum lc_status status = lc_row_ids_sort(&scan->ids, scan->id_count, err);

    if (status == LC_OK)
        status = find_groups(scan, &groups, &count, err);
    if (count)
        qsort_r(groups, count, sizeof(*groups), by_first_row, scan->ids);
    for (size_t i = 0; i < count && status == LC_OK; i++)
        status = report_group(scan, &groups[i], &findings, err);
    lc_findings_clear(&findings);
    free(groups);
    return status;
}
