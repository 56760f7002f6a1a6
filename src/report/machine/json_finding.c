#include "report/machine/json_finding.h"

#include <string.h>

#define FIRST_ROWS 3

static void put_text(struct lc_out *out, const char *key, struct lc_span text)
{
    lc_out_text(out, key);
    lc_out_json(out, text);
}

/* A text of ours, which needs no escape. */
static void put_name(struct lc_out *out, const char *key, const char *name)
{
    lc_out_text(out, key);
    lc_out_text(out, "\"");
    lc_out_text(out, name);
    lc_out_text(out, "\"");
}

static void put_number(struct lc_out *out, const char *key, uint64_t number)
{
    lc_out_text(out, key);
    lc_out_number(out, number);
}

static enum lc_status put_place(const struct lc_report *report,
                                const struct lc_finding_record *finding,
                                struct lc_out *out, struct lc_error *err)
{
    struct lc_file_record file;
    enum lc_status status = lc_index_get_file(report->index, finding->file, &file, err);

    if (status != LC_OK)
        return status;
    put_text(out, ",\"file\":", file.name);
    if (finding->row >= 0)
        put_number(out, ",\"row\":", (uint64_t)finding->row);
    put_number(out, ",\"line\":", finding->line);
    put_number(out, ",\"column\":", finding->column);
    put_number(out, ",\"offset\":", finding->offset);
    if (finding->id.size)
        put_text(out, ",\"id\":", finding->id);
    if (finding->turn >= 0)
        put_number(out, ",\"turn\":", (uint64_t)finding->turn);
    return LC_OK;
}

/* Begin an object with the place of a row. */
static enum lc_status put_row(const struct lc_report *report, uint64_t number,
                              struct lc_out *out, struct lc_error *err)
{
    struct lc_row_record row;
    struct lc_file_record file;
    enum lc_status status = lc_index_get_row(report->index, number, &row, err);

    if (status == LC_OK)
        status = lc_index_get_file(report->index, row.file, &file, err);
    if (status != LC_OK)
        return status;
    put_text(out, "{\"file\":", file.name);
    put_number(out, ",\"row\":", row.row);
    put_number(out, ",\"line\":", row.line);
    return LC_OK;
}

/* The rows that an image or an id is of. */
static enum lc_status put_rows(const struct lc_report *report,
                               const struct lc_finding_record *finding,
                               struct lc_out *out, struct lc_error *err)
{
    const struct lc_index *index = report->index;
    uint64_t numbers[FIRST_ROWS], count = 0;
    struct lc_image_record image;
    enum lc_status status;

    if (finding->kind == LC_FINDING_IMAGE) {
        status = lc_index_get_image(index, finding->image, &image, err);
        if (status != LC_OK)
            return status;
        put_text(out, ",\"image\":", image.path);
        status = lc_index_rows_of_image(index, finding->image, numbers, FIRST_ROWS,
                                        &count, err);
    } else if (!finding->id.size) { /* about no id, and no rows */
        return LC_OK;
    } else {
        put_text(out, ",\"id\":", finding->id);
        status =
            lc_index_rows_of_id(index, finding->id, numbers, FIRST_ROWS, &count, err);
    }
    put_number(out, ",\"rows\":{\"count\":", count);
    lc_out_text(out, ",\"first\":[");
    for (size_t i = 0; i < FIRST_ROWS && i < count && status == LC_OK; i++) {
        lc_out_text(out, i ? "," : "");
        status = put_row(report, numbers[i], out, err);
        lc_out_text(out, "}");
    }
    lc_out_text(out, "]}");
    return status;
}

enum lc_status lc_json_finding(const struct lc_report *report,
                               const struct lc_finding_record *finding,
                               struct lc_out *out, struct lc_error *err)
{
    const struct lc_rule_info *rule = lc_rule_of(finding);
    enum lc_status status;

    put_text(out, "{\"rule\":", finding->rule);
    put_name(out, ",\"name\":", rule ? rule->name : "");
    put_name(out,
             ",\"severity\":", lc_severity_name((enum lc_severity)finding->severity));
    put_text(out, ",\"message\":", finding->message);
    put_name(out,
             ",\"effect\":", lc_effect_name(lc_effects_of(report->effects, finding)));
    if (finding->kind == LC_FINDING_ROW)
        status = put_place(report, finding, out, err);
    else
        status = put_rows(report, finding, out, err);
    lc_out_text(out, "}");
    return status;
}

enum lc_status lc_json_effect(const struct lc_report *report, uint64_t row,
                              struct lc_out *out, struct lc_error *err)
{
    enum lc_status status = put_row(report, row, out, err);

    put_name(out,
             ",\"effect\":", lc_effect_name((enum lc_effect)report->effects->rows[row]));
    lc_out_text(out, "}");
    return status;
}
