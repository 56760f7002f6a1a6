/* The findings as CSV (RFC 4180, except that lines end with a line feed only), and a
 * record with the verdict, as in JSON lines */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "print/out.h"
#include "report/model/report.h"

struct writer {
    const struct lc_report *report;
    struct lc_out out;
    struct lc_buffer scratch;
};

static void put_number(struct writer *w, bool there, uint64_t number)
{
    lc_out_text(&w->out, ",");
    if (there)
        lc_out_number(&w->out, number);
}

/* Write a cell with text from the data. */
static void put_text(struct writer *w, struct lc_span text)
{
    lc_out_text(&w->out, ",");
    lc_out_cell(&w->out, text, &w->scratch);
}

/* The position of a finding: of its row, or of the first row that it concerns. */
struct place {
    struct lc_span file;
    struct lc_span id;
    struct lc_span image;
    uint64_t row;
    uint64_t line;
    uint64_t rows; /* number of rows that it concerns */
};

static enum lc_status find_first_row(const struct lc_index *index,
                                     const struct lc_finding_record *finding,
                                     struct place *out, struct lc_error *err)
{
    struct lc_image_record image;
    struct lc_file_record file;
    struct lc_row_record row;
    enum lc_status status;
    uint64_t number;

    if (finding->kind == LC_FINDING_IMAGE) {
        status = lc_index_get_image(index, finding->image, &image, err);
        if (status != LC_OK)
            return status;
        out->image = image.path;
        status =
            lc_index_rows_of_image(index, finding->image, &number, 1, &out->rows, err);
    } else {
        out->id = finding->id;
        status = lc_index_rows_of_id(index, finding->id, &number, 1, &out->rows, err);
    }
    if (status != LC_OK || !out->rows)
        return status;
    status = lc_index_get_row(index, number, &row, err);
    if (status == LC_OK)
        status = lc_index_get_file(index, row.file, &file, err);
    if (status != LC_OK)
        return status;
    out->file = file.name;
    out->row = row.row;
    out->line = row.line;
    return LC_OK;
}

static enum lc_status find_place(const struct lc_index *index,
                                 const struct lc_finding_record *finding,
                                 struct place *out, struct lc_error *err)
{
    struct lc_file_record file;
    enum lc_status status;

    if (finding->kind != LC_FINDING_ROW)
        return find_first_row(index, finding, out, err);
    status = lc_index_get_file(index, finding->file, &file, err);
    if (status != LC_OK)
        return status;
    *out = (struct place){.file = file.name,
                          .id = finding->id,
                          .row = finding->row < 0 ? 0 : (uint64_t)finding->row,
                          .line = finding->line,
                          .rows = finding->row >= 0};
    return LC_OK;
}

static enum lc_status put_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct writer *w = user;
    const struct lc_rule_info *rule = lc_rule_of(finding);
    const struct lc_fix_info *fix = lc_fix_of_record(finding);
    bool placed = finding->kind == LC_FINDING_ROW;
    struct place place = {0};
    enum lc_status status;

    if (!rule)
        return LC_OK;
    status = find_place(w->report->index, finding, &place, err);
    if (status != LC_OK)
        return status;
    lc_out_text(&w->out, rule->code);
    lc_out_text(&w->out, ",");
    lc_out_text(&w->out, rule->name);
    lc_out_text(&w->out, ",");
    lc_out_text(&w->out, lc_severity_name((enum lc_severity)finding->severity));
    lc_out_text(&w->out, ",");
    lc_out_text(&w->out,
                lc_effect_name(lc_effects_of(w->report->effects, finding).effect));
    put_text(w, finding->message);
    put_text(w, place.file);
    put_number(w, place.rows > 0, place.row);
    put_number(w, place.line > 0, place.line);
    put_number(w, placed, finding->column);
    put_number(w, placed, finding->offset);
    put_number(w, placed && finding->turn >= 0, (uint64_t)finding->turn);
    put_text(w, place.id);
    put_text(w, place.image);
    put_number(w, true, place.rows);
    lc_out_text(&w->out, !fix ? "," : fix->is_safe ? ",safe" : ",unsafe");
    lc_out_text(&w->out, "\n");
    return lc_out_flush(&w->out, err);
}

static enum lc_status put_verdict(struct writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    if (lc_adjusted_needs_verdict(w->report)) {
        status = lc_digest_totals(w->report, &text, err);
        lc_out_text(&w->out, ",verdict,info,fine");
        put_text(w, (struct lc_span){text.data, text.size});
        lc_out_text(&w->out, ",,,,,,,,,,\n");
        lc_buffer_clear(&text);
    }
    return status;
}

enum lc_status lc_report_csv(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .out = {.to = report->to}};
    enum lc_status status;

    lc_out_text(&w.out, "rule,name,severity,effect,message,file,row,line,column,offset,"
                        "turn,id,image,rows,fix\n");
    status = lc_report_each_listed(report, put_finding, &w, err);
    if (status == LC_OK)
        status = put_verdict(&w, err);
    lc_buffer_clear(&w.scratch);
    return lc_out_end(&w.out, status, err);
}
