/* The first screen of the HTML report: the verdict, what the trainer does with the rows,
 * the numbers, and what was checked. */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "report/html/page.h"

#define NAMED_FILES 12

/* "12 errors, 3 warnings"; notes too, when there is nothing worse. */
static void write_counts(const struct lc_html *w)
{
    const uint64_t *findings = lc_report_findings(w->report);
    bool worse = findings[LC_SEVERITY_ERROR] || findings[LC_SEVERITY_WARNING];
    const char *join = "";
    char count[LC_COUNT_SIZE];

    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--) {
        if (!findings[s] || (s == LC_SEVERITY_INFO && worse))
            continue;
        fprintf(w->to, "%s%s %s%s", join, lc_format_count(findings[s], count),
                lc_html_level((enum lc_severity)s), lc_html_plural(findings[s]));
        join = ", ";
    }
}

/* What is to be done about the baseline, when there is something. */
static enum lc_status write_baseline(struct lc_html *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_baseline(w->report, &text, err);

    if (status == LC_OK && text.size)
        fprintf(w->to, "<p class='notice'>%.*s</p>\n", (int)text.size, text.data);
    lc_buffer_clear(&text);
    return status;
}

/* The verdict. Of a set that passes, what is adjusted comes first: it must not look like
 * a clean one. */
static enum lc_status write_verdict(const struct lc_html *w, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const struct lc_verification *seen = lc_index_verification(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    char count[LC_COUNT_SIZE];
    bool failed = lc_digest_failed(w->report);
    struct lc_buffer adjusted = {0}, bad_rows = {0};
    enum lc_status status = lc_adjusted_sentence(w->report, &adjusted, err);

    if (status == LC_OK)
        status = lc_digest_bad_rows(w->report, &bad_rows, err);
    if (status != LC_OK)
        goto out;
    fprintf(w->to,
            "<section id='verdict' class='%s'>\n<p class='verdict'><strong>%s</strong> ",
            failed ? "bad" : "good", failed ? "Failed" : "Passed");
    if (!failed && adjusted.size)
        fprintf(w->to, "%.*s; ", (int)adjusted.size, adjusted.data);
    if (findings[LC_SEVERITY_ERROR] + findings[LC_SEVERITY_WARNING] +
        findings[LC_SEVERITY_INFO])
        write_counts(w);
    else
        fputs(lc_adjusted_any(w->report, LC_SEVERITY_WARNING) ? "no other findings"
                                                              : "no findings",
              w->to);
    if (seen)
        fprintf(w->to, " in %s files that were read again",
                lc_format_count(seen->rows_files.files + seen->images.files, count));
    else if (s->rows_ok == s->rows)
        fprintf(w->to, " in %s row%s", lc_format_count(s->rows, count),
                lc_html_plural(s->rows));
    else
        fprintf(w->to, "; %.*s", (int)bad_rows.size, bad_rows.data);
    if (failed && adjusted.size)
        fprintf(w->to, "; %.*s", (int)adjusted.size, adjusted.data);
    fputs("</p>\n", w->to);
out:
    lc_buffer_clear(&adjusted);
    lc_buffer_clear(&bad_rows);
    return status;
}

/* ---- the trainer ---- */

static const struct {
    enum lc_effect effect;
    const char *what;
} parts[] = {
    {LC_EFFECT_CRASH, "stops the job"},
    {LC_EFFECT_REPLACED, "silently replaced by another row"},
    {LC_EFFECT_UNKNOWN, "its source does not tell"},
    {LC_EFFECT_ALTERED, "trained altered"},
    {LC_EFFECT_FINE, "trained as written"},
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

/* The rows as one bar, by what becomes of them. A part that is there is seen. */
static void write_bar(const struct lc_html *w, uint64_t rows)
{
    const uint64_t *counts = w->report->effects->counts;
    double widths[PART_COUNT], sum = 0, at = 0;

    for (size_t i = 0; i < PART_COUNT; i++) {
        double width = 1000.0 * (double)counts[parts[i].effect] / (double)rows;

        widths[i] = counts[parts[i].effect] && width < 6 ? 6 : width;
        sum += widths[i];
    }
    fputs("<svg class='stack' viewBox='0 0 1000 20' preserveAspectRatio='none' "
          "aria-hidden='true'>",
          w->to);
    for (size_t i = 0; i < PART_COUNT; i++) {
        double width = widths[i] * 1000 / sum;

        if (width > 0)
            fprintf(w->to,
                    "<rect class='effect-%s' x='%.1f' width='%.1f' y='0' height='20'/>",
                    lc_effect_name(parts[i].effect), at, width);
        at += width;
    }
    fputs("</svg>\n", w->to);
}

static void write_legend(const struct lc_html *w, uint64_t rows)
{
    const uint64_t *counts = w->report->effects->counts;
    char count[LC_COUNT_SIZE], share[LC_COUNT_SIZE];

    fputs("<ul class='legend'>\n", w->to);
    for (size_t i = 0; i < PART_COUNT; i++) {
        uint64_t value = counts[parts[i].effect];

        if (value)
            fprintf(w->to,
                    "<li><i class='effect-%s'></i><b>%s</b> %s <span "
                    "class='dim'>%s</span></li>\n",
                    lc_effect_name(parts[i].effect), lc_format_count(value, count),
                    parts[i].what, lc_html_percent(value, rows, share));
    }
    fputs("</ul>\n", w->to);
}

static enum lc_status write_trainer(struct lc_html *w, struct lc_error *err)
{
    const struct lc_trainer_info *trainer = lc_trainer_at(w->report->effects->trainer);
    uint64_t rows = lc_index_summary(w->report->index)->rows;
    enum lc_status status;

    w->text.size = 0;
    status = lc_digest_effects(w->report, &w->text, err);
    if (status != LC_OK)
        return status;
    fprintf(w->to, "<h2>What %s does with the rows</h2>\n", trainer->name);
    if (w->text.size) {
        status = lc_buffer_add(&w->text, "", 1, err);
        if (status != LC_OK)
            return status;
        fputs("<p class='lead'>", w->to);
        lc_html_own(w->to, w->text.data);
        fputs(".</p>\n", w->to);
    }
    if (rows) {
        write_bar(w, rows);
        write_legend(w, rows);
    }
    fputs("<p class='dim'>", w->to);
    lc_html_own(w->to, trainer->title);
    fputs("; as derived from ", w->to);
    lc_html_own(w->to, trainer->source);
    fputs("</p>\n", w->to);
    return LC_OK;
}

/* ---- numbers ---- */

static void write_tile(const struct lc_html *w, const char *label, const char *value,
                       const char *style)
{
    fprintf(w->to, "<div%s%s%s><dt>%s</dt><dd>%s", *style ? " class='" : "", style,
            *style ? "'" : "", label, value);
}

static void write_tiles(const struct lc_html *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    uint64_t bad = s->images_referenced - s->images_ok - s->images_unverified;
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];

    fputs("<dl class='tiles'>\n", w->to);
    write_tile(w, "Rows", lc_format_count(s->rows, a), "");
    fprintf(w->to, "<small>%s sound</small></dd></div>\n",
            lc_format_count(s->rows_ok, b));
    write_tile(w, "Images", lc_format_count(s->images_referenced, a), "");
    if (s->images_skipped)
        fputs("<small>not looked at</small></dd></div>\n", w->to);
    else
        fprintf(w->to, "<small>%s sound, %s bad or missing</small></dd></div>\n",
                lc_format_count(s->images_ok, a), lc_format_count(bad, b));
    for (int i = LC_SEVERITY_ERROR; i >= LC_SEVERITY_INFO; i--) {
        static const char *const labels[] = {"Notes", "Warnings", "Errors"};
        size_t rules = 0;

        for (size_t r = 0; r < LC_RULE_COUNT; r++)
            rules += w->rules[r].count && w->rules[r].severity == (enum lc_severity)i;
        write_tile(w, labels[i], lc_format_count(findings[i], a),
                   findings[i] ? lc_html_level((enum lc_severity)i) : "");
        if (rules)
            fprintf(w->to, "<small>of %zu rule%s</small></dd></div>\n", rules,
                    lc_html_plural(rules));
        else
            fprintf(w->to, "<small>%s</small></dd></div>\n",
                    findings[i] ? "not listed" : "none");
    }
    fputs("</dl>\n", w->to);
}

/* ---- what was checked ---- */

static enum lc_status write_files(struct lc_html *w, struct lc_error *err)
{
    uint64_t files = lc_index_summary(w->report->index)->rows_files;
    char count[LC_COUNT_SIZE];
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < files && i < NAMED_FILES && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(w->report->index, i, &file, err);
        fputs(i ? ", <bdi>" : "<bdi>", w->to);
        if (status == LC_OK)
            status = lc_html_foreign(w, file.name, err);
        fputs("</bdi>", w->to);
    }
    if (files > NAMED_FILES)
        fprintf(w->to, " and %s more", lc_format_count(files - NAMED_FILES, count));
    return status;
}

static enum lc_status write_facts(struct lc_html *w, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];
    enum lc_status status;

    fputs("<dl class='facts'>\n<div><dt>Rows files</dt><dd>", w->to);
    status = write_files(w, err);
    if (status == LC_OK) {
        fputs("</dd></div>\n<div><dt>Image root</dt><dd><bdi>", w->to);
        status = lc_html_foreign(w, lc_index_info(w->report->index)->image_root, err);
        fprintf(w->to, "</bdi> <span class='dim'>%s read</span></dd></div>\n",
                lc_format_bytes(s->image_bytes, a));
    }
    if (s->images_unverified)
        fprintf(w->to,
                "<div><dt>Not verified</dt><dd>%s image%s of formats that this version "
                "does not decode</dd></div>\n",
                lc_format_count(s->images_unverified, a),
                lc_html_plural(s->images_unverified));
    if (s->rows_drawn != s->rows)
        fprintf(w->to,
                "<div><dt>Drawn</dt><dd>%s of %s rows, by the mixture’s "
                "sampling_strategy</dd></div>\n",
                lc_format_count(s->rows_drawn, a), lc_format_count(s->rows, b));
    fputs("</dl>\n", w->to);
    return status;
}

static void write_verified_row(const struct lc_html *w, const char *name,
                               const struct lc_verified *seen)
{
    const uint64_t counts[] = {seen->files,    seen->same, seen->changed,
                               seen->replaced, seen->gone, seen->unreadable};
    char count[LC_COUNT_SIZE];

    fprintf(w->to, "<tr><th scope='row'>%s</th>", name);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        fprintf(w->to, "<td class='number'>%s</td>", lc_format_count(counts[i], count));
    fprintf(w->to, "<td class='number'>%s</td></tr>\n",
            lc_format_bytes(seen->bytes, count));
}

/* What became of the files, when they were read again. */
static void write_verification(const struct lc_html *w)
{
    const struct lc_verification *seen = lc_index_verification(w->report->index);

    if (!seen)
        return;
    fputs("<h2>The files, read again</h2>\n<div class='wide'><table class='plain'>\n"
          "<thead><tr><th scope='col'></th><th scope='col'>Files</th>"
          "<th scope='col'>As indexed</th><th scope='col'>Changed</th>"
          "<th scope='col'>Replaced</th><th scope='col'>Gone</th>"
          "<th scope='col'>Unreadable</th><th scope='col'>Read</th></tr></thead>\n"
          "<tbody>\n",
          w->to);
    write_verified_row(w, "Rows files", &seen->rows_files);
    write_verified_row(w, "Images", &seen->images);
    fputs("</tbody></table></div>\n", w->to);
}

enum lc_status lc_html_head(struct lc_html *w, struct lc_error *err)
{
    enum lc_status status;

    fputs("<body>\n<a class='skip' href='#findings'>Skip to the findings</a>\n"
          "<header>\n<p class='tool'>llava-check report</p>\n<h1><bdi>",
          w->to);
    status = lc_html_foreign(w, lc_index_info(w->report->index)->name, err);
    fputs("</bdi></h1>\n<nav aria-label='Sections'><a href='#verdict'>Summary</a>"
          "<a href='#rules'>Rules</a><a href='#places'>Places</a>"
          "<a href='#data'>Data</a><a href='#findings'>Findings</a></nav>\n"
          "</header>\n<main>\n",
          w->to);
    if (status != LC_OK)
        return status;
    status = write_verdict(w, err);
    if (status == LC_OK)
        status = write_baseline(w, err);
    if (status != LC_OK)
        return status;
    write_tiles(w);
    fputs("</section>\n<section id='trainer'>\n", w->to);
    write_verification(w);
    status = write_trainer(w, err);
    if (status == LC_OK)
        status = write_facts(w, err);
    fputs("</section>\n", w->to);
    return status;
}
