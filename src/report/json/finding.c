#include "report/json/members.h"

#define FIRST_ROWS 3

static enum lc_status put_place(const struct lc_report *report,
                                const struct lc_finding_record *finding,
                                struct lc_jw *json, struct lc_error *err)
{
    struct lc_file_record file;
    enum lc_status status = lc_index_get_file(report->index, finding->file, &file, err);

    if (status != LC_OK)
        return status;
    lc_jw_key_text(json, "file", file.name);
    if (finding->row >= 0)
        lc_jw_key_number(json, "row", (uint64_t)finding->row);
    lc_jw_key_number(json, "line", finding->line);
    lc_jw_key_number(json, "column", finding->column);
    lc_jw_key_number(json, "offset", finding->offset);
    if (finding->id.size)
        lc_jw_key_text(json, "id", finding->id);
    if (finding->turn >= 0)
        lc_jw_key_number(json, "turn", (uint64_t)finding->turn);
    return LC_OK;
}

/* Begin an object with the place of a row, and get the row. */
static enum lc_status begin_row(const struct lc_report *report, uint64_t number,
                                struct lc_row_record *row, struct lc_jw *json,
                                struct lc_error *err)
{
    struct lc_file_record file;
    enum lc_status status = lc_index_get_row(report->index, number, row, err);

    if (status == LC_OK)
        status = lc_index_get_file(report->index, row->file, &file, err);
    if (status != LC_OK)
        return status;
    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_text(json, "file", file.name);
    lc_jw_key_number(json, "row", row->row);
    lc_jw_key_number(json, "line", row->line);
    return LC_OK;
}

/* Write the id of a row, truncated like that of a finding. */
static void put_id(const struct lc_row_record *row, struct lc_jw *json)
{
    struct lc_span id = row->id;

    if (id.size > LC_FINDING_ID_MAX)
        id.size = LC_FINDING_ID_MAX;
    if (id.size)
        lc_jw_key_text(json, "id", id);
}

/* Write the path of an image, and the archive that contains it. */
static enum lc_status put_image(const struct lc_index *index, uint32_t number,
                                struct lc_jw *json, struct lc_error *err)
{
    struct lc_image_record image;
    struct lc_archive_record archive = {0};
    enum lc_status status = lc_index_get_image(index, number, &image, err);

    if (status != LC_OK)
        return status;
    lc_jw_key_text(json, "image", image.path);
    if (!image.archive)
        return LC_OK;
    status = lc_index_get_archive(index, image.archive - 1, &archive, err);
    if (status == LC_OK)
        lc_jw_key_text(json, "archive", archive.name);
    return status;
}

/* Write the rows that name the image or have the id that a finding is about. */
static enum lc_status put_rows(const struct lc_report *report,
                               const struct lc_finding_record *finding,
                               struct lc_jw *json, struct lc_error *err)
{
    const struct lc_index *index = report->index;
    uint64_t numbers[FIRST_ROWS], count = 0;
    struct lc_row_record row;
    enum lc_status status;

    if (finding->kind == LC_FINDING_IMAGE) {
        status = put_image(index, finding->image, json, err);
        if (status == LC_OK)
            status = lc_index_rows_of_image(index, finding->image, numbers, FIRST_ROWS,
                                            &count, err);
    } else if (!finding->id.size) { /* about neither an id nor rows */
        return LC_OK;
    } else {
        lc_jw_key_text(json, "id", finding->id);
        status =
            lc_index_rows_of_id(index, finding->id, numbers, FIRST_ROWS, &count, err);
    }
    if (status != LC_OK)
        return status;
    lc_jw_key_object(json, "rows", LC_JW_COMPACT);
    lc_jw_key_number(json, "count", count);
    lc_jw_key_array(json, "first", LC_JW_COMPACT);
    for (size_t i = 0; i < FIRST_ROWS && i < count; i++) {
        status = begin_row(report, numbers[i], &row, json, err);
        if (status != LC_OK)
            return status;
        if (finding->kind == LC_FINDING_IMAGE) /* for an id, all rows have it */
            put_id(&row, json);
        lc_jw_end(json);
    }
    lc_jw_end(json);
    lc_jw_end(json);
    return LC_OK;
}

enum lc_status lc_json_finding(const struct lc_report *report,
                               const struct lc_finding_record *finding,
                               struct lc_jw *json, struct lc_error *err)
{
    const struct lc_rule_info *rule = lc_rule_of(finding);
    enum lc_status status;

    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_text(json, "rule", finding->rule);
    lc_jw_key_name(json, "name", rule ? rule->name : "");
    lc_jw_key_name(json, "severity",
                   lc_severity_name((enum lc_severity)finding->severity));
    if (finding->rule_case.size)
        lc_jw_key_text(json, "case", finding->rule_case);
    lc_jw_key_text(json, "message", finding->message);
    lc_jw_key_name(json, "effect",
                   lc_effect_name(lc_effects_of(report->effects, finding).effect));
    if (lc_fix_of_record(finding))
        lc_jw_key_name(json, "fix",
                       lc_fix_of_record(finding)->is_safe ? "safe" : "unsafe");
    if (finding->kind == LC_FINDING_ROW)
        status = put_place(report, finding, json, err);
    else
        status = put_rows(report, finding, json, err);
    if (status == LC_OK)
        lc_jw_end(json);
    return status;
}

/* Write the estimated tokens of a row that may be longer than the trainer's limit. */
static void put_tokens(const struct lc_report *report, const struct lc_row_record *row,
                       struct lc_jw *json)
{
    const struct lc_effects *effects = report->effects;
    struct lc_tokens tokens;

    if (!effects->limit)
        return;
    tokens = lc_effects_tokens(effects->trainer, row);
    if (tokens.most <= effects->limit)
        return;
    lc_jw_key_array(json, "tokens", LC_JW_COMPACT);
    lc_jw_number(json, tokens.least);
    lc_jw_number(json, tokens.most);
    lc_jw_end(json);
}

enum lc_status lc_json_effect(const struct lc_report *report, uint64_t number,
                              struct lc_jw *json, struct lc_error *err)
{
    struct lc_row_record row;
    enum lc_status status = begin_row(report, number, &row, json, err);

    if (status != LC_OK)
        return status;
    put_id(&row, json);
    lc_jw_key_name(json, "effect",
                   lc_effect_name((enum lc_effect)report->effects->rows[number]));
    put_tokens(report, &row, json);
    lc_jw_end(json);
    return LC_OK;
}
