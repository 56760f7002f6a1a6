/* The text report's first lines and its last: the data set, and the verdict on it. */
#include "report/digest.h"
#include "report/text.h"

#define LABEL_WIDTH 10
#define NAMED_FILES 6

/* " in a.json, b.json" or, when they are many, " in 40 files (a.json, b.json …)" */
static enum lc_status print_files(const struct lc_text_writer *w, struct lc_error *err)
{
    uint64_t files = lc_index_summary(w->report->index)->rows_files;
    uint32_t named = files <= NAMED_FILES ? (uint32_t)files : NAMED_FILES;
    struct lc_buffer names = {0};
    char count[LC_COUNT_SIZE];
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < named && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(w->report->index, i, &file, err);
        if (status == LC_OK)
            status = lc_buffer_printf(&names, err, "%s", i ? ", " : "");
        if (status == LC_OK)
            status = lc_format_text(file.name, true, &names, err);
    }
    if (status == LC_OK && files > named)
        fprintf(w->to, " in %s files (%.*s …)", lc_format_count(files, count),
                (int)names.size, names.data);
    else if (status == LC_OK)
        fprintf(w->to, " in %.*s", (int)names.size, names.data);
    lc_buffer_clear(&names);
    return status;
}

/* What the rows are like. */
static enum lc_status print_digest(const struct lc_text_writer *w, struct lc_buffer *text,
                                   struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    char drawn[LC_COUNT_SIZE], rows[LC_COUNT_SIZE];
    enum lc_share_kind kind = LC_SHARE_SOURCE;
    enum lc_status status;

    if (s->rows_drawn != s->rows)
        fprintf(w->to, "  %-*s%s of %s rows, by the mixture's sampling_strategy\n",
                LABEL_WIDTH, "drawn", lc_format_count(s->rows_drawn, drawn),
                lc_format_count(s->rows, rows));
    if (!s->turns)
        return LC_OK;
    text->size = 0;
    status = lc_digest_turns(w->report->index, text, err);
    if (status == LC_OK) {
        fprintf(w->to, "  %-*s%.*s\n", LABEL_WIDTH, "turns", (int)text->size, text->data);
        text->size = 0;
        status = lc_digest_mixture(w->report->index, &kind, text, err);
    }
    if (status == LC_OK && text->size)
        fprintf(w->to, "  %-*s%.*s\n", LABEL_WIDTH,
                kind == LC_SHARE_SOURCE ? "sources" : "folders", (int)text->size,
                text->data);
    return status;
}

enum lc_status lc_text_head(const struct lc_text_writer *w, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const struct lc_index_info *info = lc_index_info(w->report->index);
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE], c[LC_COUNT_SIZE];
    struct lc_buffer text = {0};
    enum lc_status status = lc_format_text(info->name, true, &text, err);

    if (status == LC_OK)
        status = lc_format_start(&text, 0, err);
    if (status == LC_OK) {
        fprintf(w->to, "%s%.*s%s\n", lc_text_on(w, LC_STYLE_BOLD), (int)text.size,
                text.data, lc_text_off(w));
        fprintf(w->to, "  %-*s%s", LABEL_WIDTH, "rows", lc_format_count(s->rows, a));
        status = print_files(w, err);
    }
    if (status == LC_OK) {
        fprintf(w->to, ": %s sound, %s with errors\n", lc_format_count(s->rows_ok, a),
                lc_format_count(s->rows - s->rows_ok, b));
        text.size = 0;
        status = lc_format_text(info->image_root, true, &text, err);
    }
    if (status == LC_OK && s->images_skipped)
        fprintf(w->to, "  %-*s%s named: %snot looked at%s\n", LABEL_WIDTH, "images",
                lc_format_count(s->images_referenced, a), lc_text_on(w, LC_STYLE_WARNING),
                lc_text_off(w));
    else if (status == LC_OK && s->images_referenced) {
        uint64_t bad = s->images_referenced - s->images_ok - s->images_unverified;

        fprintf(w->to, "  %-*s%s", LABEL_WIDTH, "images",
                lc_format_count(s->images_referenced, a));
        if (!lc_span_is((struct lc_span){text.data, text.size}, "."))
            fprintf(w->to, " in %.*s", (int)text.size, text.data);
        fprintf(w->to, ": %s sound, %s bad or missing; %s read\n",
                lc_format_count(s->images_ok, a), lc_format_count(bad, b),
                lc_format_bytes(s->image_bytes, c));
    }
    if (status == LC_OK && s->images_unverified)
        fprintf(w->to,
                "  %-*s%s image%s of formats that this version does not decode: %snot "
                "verified%s\n",
                LABEL_WIDTH, "", lc_format_count(s->images_unverified, a),
                lc_text_plural(s->images_unverified), lc_text_on(w, LC_STYLE_WARNING),
                lc_text_off(w));
    if (status == LC_OK)
        status = print_digest(w, &text, err);
    fputc('\n', w->to);
    lc_buffer_clear(&text);
    return status;
}

void lc_text_counts(const struct lc_text_writer *w, int high, int low)
{
    const uint64_t *findings = lc_report_findings(w->report);
    const char *join = "";
    char count[LC_COUNT_SIZE];

    for (int s = high; s >= low; s--) {
        if (!findings[s])
            continue;
        fprintf(w->to, "%s%s %s%s", join, lc_format_count(findings[s], count),
                s == LC_SEVERITY_INFO ? "note" : lc_severity_name((enum lc_severity)s),
                lc_text_plural(findings[s]));
        join = ", ";
    }
}

/* What a selection withholds is told always: it must not look like a clean data set. */
enum lc_status lc_text_withheld(const struct lc_text_writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_withheld(w->report, &text, err);

    if (status == LC_OK && text.size)
        fprintf(w->to, "%s%.*s%s\n", lc_text_on(w, LC_STYLE_WARNING), (int)text.size,
                text.data, lc_text_off(w));
    text.size = 0;
    if (status == LC_OK)
        status = lc_digest_baseline(w->report, &text, err);
    if (status == LC_OK && text.size)
        fprintf(w->to, "%.*s\n", (int)text.size, text.data);
    lc_buffer_clear(&text);
    return status;
}

/* What is not listed above, and how to see more. */
void lc_text_hints(const struct lc_text_writer *w)
{
    const uint64_t *findings = lc_report_findings(w->report);
    int lowest = LC_SEVERITY_ERROR;

    if (w->group_count)
        fprintf(w->to, "%sllava-check rules %s%s explains a rule and how to mend it\n",
                lc_text_on(w, LC_STYLE_DIM), w->groups[0].rule->code, lc_text_off(w));
    for (int s = (int)w->report->options->show - 1; s >= LC_SEVERITY_INFO; s--)
        if (findings[s])
            lowest = s;
    if (lowest == LC_SEVERITY_ERROR)
        return;
    fputs(lc_text_on(w, LC_STYLE_DIM), w->to);
    lc_text_counts(w, (int)w->report->options->show - 1, LC_SEVERITY_INFO);
    fprintf(w->to, " not shown: --show %s%s\n",
            lc_severity_name((enum lc_severity)lowest), lc_text_off(w));
}

/* What the trainer would do, in a sentence. */
static enum lc_status print_effects(const struct lc_text_writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_effects(w->report, &text, err);

    if (status == LC_OK && text.size)
        fprintf(w->to, "%s%.*s%s\n", lc_text_on(w, LC_STYLE_BOLD), (int)text.size,
                text.data, lc_text_off(w));
    lc_buffer_clear(&text);
    return status;
}

static void print_failure(const struct lc_text_writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    char bad[LC_COUNT_SIZE], rows[LC_COUNT_SIZE], refused[LC_COUNT_SIZE];
    char files[LC_COUNT_SIZE];

    fprintf(w->to, "%sFAILED%s: ", lc_text_on(w, LC_STYLE_ERROR), lc_text_off(w));
    lc_text_counts(w, LC_SEVERITY_ERROR,
                   findings[LC_SEVERITY_ERROR] + findings[LC_SEVERITY_WARNING]
                       ? LC_SEVERITY_WARNING
                       : LC_SEVERITY_INFO);
    lc_format_count(s->rows - s->rows_ok, bad);
    lc_format_count(s->rows, rows);
    if (!findings[LC_SEVERITY_ERROR] || (s->rows == s->rows_ok && !w->refused))
        fprintf(w->to, " in %s rows\n", rows);
    else if (!w->refused)
        fprintf(w->to, "; %s of %s rows would not be trained as written\n", bad, rows);
    else if (s->rows_files == 1)
        fprintf(w->to, "; Python cannot load the file, in which %s of %s rows are bad\n",
                bad, rows);
    else
        fprintf(w->to, "; Python cannot load %s of %s files; %s of %s rows are bad\n",
                lc_format_count(w->refused, refused),
                lc_format_count(s->rows_files, files), bad, rows);
}

enum lc_status lc_text_verdict(const struct lc_text_writer *w, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    uint64_t verified = s->images - s->images_unverified;
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];
    enum lc_status status = print_effects(w, err);

    if (status != LC_OK)
        return status;
    if (findings[LC_SEVERITY_ERROR] || w->report->options->failed) {
        print_failure(w);
        return LC_OK;
    }
    fprintf(w->to, "%sOK%s: no %serrors in %s row%s", lc_text_on(w, LC_STYLE_GOOD),
            lc_text_off(w),
            lc_digest_is_withheld(w->report, LC_SEVERITY_ERROR) ? "other " : "",
            lc_format_count(s->rows, a), lc_text_plural(s->rows));
    if (s->images_skipped)
        fputs("; images were not looked at", w->to);
    else
        fprintf(w->to, " and %s image%s", lc_format_count(verified, b),
                lc_text_plural(verified));
    if (findings[LC_SEVERITY_WARNING]) {
        fputs("; ", w->to);
        lc_text_counts(w, LC_SEVERITY_WARNING, LC_SEVERITY_WARNING);
    }
    if (s->images_unverified)
        fprintf(w->to, "; %s image%s not verified",
                lc_format_count(s->images_unverified, a),
                lc_text_plural(s->images_unverified));
    fputc('\n', w->to);
    return LC_OK;
}
