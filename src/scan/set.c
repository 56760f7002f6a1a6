/* The set stage: what only the whole set can tell. */
#include "scan/scan.h"

#include <stdlib.h>
#include <string.h>

/* Rows that share an id: ids[first] up to ids[first + count]. */
struct group {
    size_t first;
    size_t count;
};

struct set_stage {
    struct lc_scan *scan;
    uint64_t *first_named; /* by row: where its images begin in named */
    struct group *groups;
    size_t count;
    size_t capacity;
    struct lc_findings findings;
};

static int by_first_row(const void *a, const void *b, void *context)
{
    const struct lc_row_id *ids = context;
    uint64_t x = ids[((const struct group *)a)->first].row;
    uint64_t y = ids[((const struct group *)b)->first].row;

    return (x > y) - (x < y);
}

/* How many entries from the first on have its hash. */
static size_t count_equal(const struct lc_row_id *ids, size_t count)
{
    size_t equal = 1;

    while (equal < count && lc_hash_compare(&ids[0].hash, &ids[equal].hash) == 0)
        equal++;
    return equal;
}

/* Check facts about the set and store what is found as findings about one thing. */
static enum lc_status report(struct set_stage *stage, const struct lc_facts *facts,
                             struct lc_finding_record *record, struct lc_error *err)
{
    struct lc_findings *findings = &stage->findings;
    enum lc_status status;

    lc_findings_reset(findings);
    status = lc_rules_check(LC_SCOPE_SET, facts, findings, err);
    for (size_t i = 0; i < findings->count && status == LC_OK; i++)
        status = lc_scan_finding(stage->scan, findings, &findings->items[i], record, err);
    return status;
}

/* ---- rows that share an id ---- */

static enum lc_status find_groups(struct set_stage *stage, struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    const struct lc_row_id *ids = scan->ids;
    enum lc_status status = LC_OK;
    size_t equal;

    for (size_t i = 0; i < scan->id_count && status == LC_OK; i += equal) {
        struct group *groups;

        equal = count_equal(ids + i, scan->id_count - i);
        for (size_t k = i; k < i + equal && status == LC_OK; k++)
            status = lc_index_add_lookup(scan->writer, LC_LOOKUP_ID, &ids[k].hash,
                                         ids[k].row, err);
        if (equal == 1)
            continue;
        groups =
            lc_array_grow(stage->groups, stage->count, &stage->capacity, sizeof(*groups));
        if (!groups)
            return lc_fail_memory(err);
        stage->groups = groups;
        groups[stage->count++] = (struct group){i, equal};
    }
    return status;
}

static enum lc_status find_named(struct set_stage *stage, struct lc_error *err)
{
    const struct lc_scan *scan = stage->scan;
    uint64_t *first = malloc((scan->summary.rows + 1) * sizeof(*first)), next = 0;

    if (!first)
        return lc_fail_memory(err);
    for (uint64_t row = 0; row < scan->summary.rows; row++) {
        first[row] = next;
        next += scan->row_images[row];
    }
    stage->first_named = first;
    return LC_OK;
}

/* Whether two rows that both name images name others, or in another order. */
static bool images_differ(const struct set_stage *stage, uint64_t a, uint64_t b)
{
    const struct lc_scan *scan = stage->scan;
    uint32_t count = scan->row_images[a];

    return count != scan->row_images[b] ||
           memcmp(scan->named + stage->first_named[a],
                  scan->named + stage->first_named[b], count * sizeof(*scan->named)) != 0;
}

/* Whether the rows of a group that name images do not all name the same. */
static bool group_differs(const struct set_stage *stage, const struct group *group)
{
    const struct lc_scan *scan = stage->scan;
    const struct lc_row_id *ids = scan->ids + group->first, *with = NULL;

    for (size_t i = 0; i < group->count; i++) {
        if (!scan->row_images[ids[i].row])
            continue;
        if (with && images_differ(stage, with->row, ids[i].row))
            return true;
        with = &ids[i];
    }
    return false;
}

static enum lc_status report_group(struct set_stage *stage, const struct group *group,
                                   struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    struct lc_duplicate_facts duplicate = {
        .count = group->count,
        .images_differ = group_differs(stage, group),
    };
    struct lc_facts facts = {.duplicate = &duplicate};
    struct lc_finding_record record = {
        .kind = LC_FINDING_SET,
        .row = -1,
        .turn = -1,
        .row_count = group->count,
    };
    struct lc_buffer text = {0};
    struct lc_row_record row = {0};
    enum lc_status status =
        lc_index_written_row(scan->writer, scan->ids[group->first].row, &row, err);

    if (status == LC_OK) /* what is added moves the record */
        status = lc_buffer_add(&text, row.id.text, row.id.size, err);
    duplicate.id = record.id = (struct lc_span){text.data, text.size};
    if (status == LC_OK)
        status = report(stage, &facts, &record, err);
    lc_buffer_clear(&text);
    return status;
}

static enum lc_status check_ids(struct set_stage *stage, struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    enum lc_status status = find_groups(stage, err);

    if (status == LC_OK && stage->count)
        status = find_named(stage, err);
    if (stage->count)
        qsort_r(stage->groups, stage->count, sizeof(*stage->groups), by_first_row,
                scan->ids);
    for (size_t i = 0; i < stage->count && status == LC_OK; i++)
        status = report_group(stage, &stage->groups[i], err);
    free(scan->ids);
    scan->ids = NULL;
    return status;
}

/* ---- rows that are the same ---- */

/* Report a row that is the same as an earlier one. */
static enum lc_status report_twin(struct set_stage *stage, uint64_t number,
                                  const struct lc_twin_facts *twin, struct lc_error *err)
{
    struct lc_facts facts = {.twin = twin};
    struct lc_buffer id = {0};
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_written_row(stage->scan->writer, number, &row, err);

    if (status == LC_OK)
        status = lc_buffer_add(
            &id, row.id.text,
            row.id.size < LC_FINDING_ID_MAX ? row.id.size : LC_FINDING_ID_MAX, err);
    if (status == LC_OK) {
        struct lc_finding_record record = {
            .kind = LC_FINDING_ROW,
            .file = row.file,
            .row = (int64_t)row.row,
            .offset = row.offset,
            .line = row.line,
            .column = row.column,
            .turn = -1,
            .id = {id.data, id.size},
        };

        status = report(stage, &facts, &record, err);
    }
    lc_buffer_clear(&id);
    return status;
}

static enum lc_status report_twins(struct set_stage *stage, const struct lc_row_id *same,
                                   size_t count, struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    struct lc_row_record first = {0};
    enum lc_status status = lc_index_written_row(scan->writer, same[0].row, &first, err);
    struct lc_twin_facts twin = {.row = first.row, .line = first.line};

    if (status == LC_OK && scan->dataset.file_count > 1)
        twin.file = (struct lc_span){scan->dataset.files[first.file].name,
                                     strlen(scan->dataset.files[first.file].name)};
    for (size_t i = 1; i < count && status == LC_OK; i++)
        status = report_twin(stage, same[i].row, &twin, err);
    return status;
}

static enum lc_status check_contents(struct set_stage *stage, struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    enum lc_status status = LC_OK;
    size_t equal;

    for (size_t i = 0; i < scan->content_count && status == LC_OK; i += equal) {
        equal = count_equal(scan->contents + i, scan->content_count - i);
        if (equal > 1)
            status = report_twins(stage, scan->contents + i, equal, err);
    }
    free(scan->contents);
    scan->contents = NULL;
    return status;
}

enum lc_status lc_scan_set(struct lc_scan *scan, struct lc_error *err)
{
    struct set_stage stage = {.scan = scan};
    enum lc_status status = lc_scan_sort_end(scan, err);

    if (status == LC_OK)
        status = check_ids(&stage, err);
    if (status == LC_OK)
        status = check_contents(&stage, err);
    lc_findings_clear(&stage.findings);
    free(stage.first_named);
    free(stage.groups);
    return status;
}
