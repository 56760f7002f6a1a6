/* Rows that are trained on alike. */
#include "scan/set/same_rows.h"

#include <string.h>

/* Report a row that equals an earlier one. */
static enum lc_status report_twin(struct lc_set_stage *stage, uint64_t number,
                                  const struct lc_twin_facts *twin, struct lc_error *err)
{
    struct lc_facts facts = {.twin = twin};
    struct lc_buffer id = {0};
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_written_row(stage->run->writer, number, &row, err);

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

        status = lc_set_report(stage, &facts, &record, err);
    }
    lc_buffer_clear(&id);
    return status;
}

static enum lc_status report_pair(struct lc_set_stage *stage,
                                  const struct lc_row_id *pair, struct lc_error *err)
{
    struct lc_row_record first = {0};
    enum lc_status status = lc_index_written_row(
        stage->run->writer, lc_get_u64(pair->hash.bytes + 8), &first, err);
    struct lc_twin_facts twin = {.row = first.row, .line = first.line};

    if (status == LC_OK && stage->dataset->file_count > 1) {
        const char *name = stage->dataset->files[first.file].name;

        twin.file = (struct lc_span){name, strlen(name)};
    }
    return status == LC_OK ? report_twin(stage, lc_get_u64(pair->hash.bytes), &twin, err)
                           : status;
}

static enum lc_status find_twins(struct lc_set_stage *stage, struct lc_error *err)
{
    struct lc_row_id first = {0};
    enum lc_status status = LC_OK;
    bool any = false, more = true;

    while (status == LC_OK) {
        struct lc_row_id next;

        status = lc_sorter_next(&stage->rows->contents, &next, &more, err);
        if (status != LC_OK || !more)
            break;
        if (any && lc_hash_compare(&first.hash, &next.hash) == 0)
            status = lc_sorter_add_numbers(&stage->found, next.row, first.row, 0, err);
        else
            first = next;
        any = true;
    }
    return status;
}

enum lc_status lc_set_check_contents(struct lc_set_stage *stage, struct lc_error *err)
{
    enum lc_status status;

    lc_set_start_collecting(stage);
    status = find_twins(stage, err);
    lc_sorter_clear(&stage->rows->contents);
    return status == LC_OK ? lc_set_report_collected(stage, report_pair, err) : status;
}
