/* The HTML report: one page that needs no other file and no network. docs/html-report.md
 *
 * assets/page.html is the template; each {{name}} in it is replaced by a part that is
 * written here. Nearly all of the report is one of these parts: JSON, from which the
 * page's script makes the sections. Markup is written only for what readers without the
 * script need: the verdict and the rules with findings.
 * Text from the data is safe in both: lc_jw escapes it in the JSON, lc_markup_text in the
 * markup, where it never appears in an attribute. A browser runs only the one script
 * whose hash is in the head.
 * Text from the data is safe in both: lc_jw writes it into the JSON, lc_markup_text into
 * the markup, where it never is in an attribute. A browser runs only the one script whose
 * hash is in the head. */
#include "report/html/assets.h"
#include "report/html/markup.h"
#include "report/html/page.h"
#include "report/model/adjusted.h"
#include "report/model/digest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Write one of our own sentences, in which code is between backticks. */
static void put_prose(struct lc_out *out, const char *text)
{
    for (bool is_code = false;; is_code = !is_code) {
        size_t size = strcspn(text, "`");

        lc_markup_text(out, (struct lc_span){text, size});
        if (!text[size])
            break;
        lc_out_text(out, is_code ? "</code>" : "<code>");
        text += size + 1;
    }
}

/* "12 errors" */
static void put_count(struct lc_out *out, uint64_t count, const char *of)
{
    char text[LC_COUNT_SIZE];

    lc_out_text(out, lc_format_count(count, text));
    lc_out_text(out, " ");
    lc_out_text(out, of);
    lc_out_text(out, count == 1 ? "" : "s");
}

/* "error", "warning" or "note" */
static const char *level_name(enum lc_severity severity)
{
    return severity == LC_SEVERITY_INFO ? "note" : lc_severity_name(severity);
}

/* ---- the parts of the page ---- */

static enum lc_status put_style(struct lc_html *w, struct lc_error *err)
{
    (void)err;
    lc_out_bytes(&w->out, lc_asset_style.text, lc_asset_style.size);
    return LC_OK;
}

static enum lc_status put_style_hash(struct lc_html *w, struct lc_error *err)
{
    (void)err;
    lc_out_text(&w->out, lc_asset_style.hash);
    return LC_OK;
}

static enum lc_status put_script(struct lc_html *w, struct lc_error *err)
{
    (void)err;
    lc_out_bytes(&w->out, lc_asset_script.text, lc_asset_script.size);
    return LC_OK;
}

static enum lc_status put_script_hash(struct lc_html *w, struct lc_error *err)
{
    (void)err;
    lc_out_text(&w->out, lc_asset_script.hash);
    return LC_OK;
}

/* Allow thumbnails in the policy, beside the style and the script. */
static enum lc_status put_images(struct lc_html *w, struct lc_error *err)
{
    (void)err;
    lc_out_text(&w->out, w->report->options->thumbnails ? "img-src data:; " : "");
    return LC_OK;
}

static enum lc_status put_dataset(struct lc_html *w, struct lc_error *err)
{
    (void)err;
    lc_markup_text(&w->out, lc_index_info(w->report->index)->name);
    return LC_OK;
}

static enum lc_status put_tool(struct lc_html *w, struct lc_error *err)
{
    (void)err;
    lc_markup_text(&w->out, lc_index_info(w->report->index)->tool);
    return LC_OK;
}

static enum lc_status put_outcome(struct lc_html *w, struct lc_error *err)
{
    (void)err;
    lc_out_text(&w->out, lc_digest_failed(w->report) ? "bad" : "good");
    return LC_OK;
}

/* "12 errors, 3 warnings"; notes only if there is nothing worse. */
static void put_levels(struct lc_html *w)
{
    const uint64_t *findings = lc_report_findings(w->report);
    bool worse = findings[LC_SEVERITY_ERROR] || findings[LC_SEVERITY_WARNING];
    bool any = false;

    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--) {
        if (!findings[s] || (s == LC_SEVERITY_INFO && worse))
            continue;
        lc_out_text(&w->out, any ? ", " : "");
        put_count(&w->out, findings[s], level_name((enum lc_severity)s));
        any = true;
    }
    if (!any)
        lc_out_text(&w->out, lc_adjusted_any(w->report, LC_SEVERITY_WARNING)
                                 ? "no other findings"
                                 : "no findings");
}

/* Write what the findings cover. */
static enum lc_status put_extent(struct lc_html *w, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const struct lc_verification *verified = lc_index_verification(w->report->index);
    struct lc_buffer bad_rows = {0};
    char count[LC_COUNT_SIZE];
    enum lc_status status = LC_OK;

    if (lc_index_proof(w->report->index)) {
        lc_format_count(lc_index_proof(w->report->index)->files, count);
        lc_out_text(&w->out, " in ");
        lc_out_text(&w->out, count);
        lc_out_text(&w->out, " files with records of their download");
    } else if (verified) {
        lc_format_count(verified->rows_files.files + verified->images.files, count);
        lc_out_text(&w->out, " in ");
        lc_out_text(&w->out, count);
        lc_out_text(&w->out, " files that were read again");
    } else if (s->rows_ok == s->rows) {
        lc_out_text(&w->out, " in ");
        put_count(&w->out, s->rows, "row");
    } else {
        status = lc_digest_bad_rows(w->report, &bad_rows, err);
        lc_out_text(&w->out, "; ");
        lc_markup_text(&w->out, (struct lc_span){bad_rows.data, bad_rows.size});
    }
    lc_buffer_clear(&bad_rows);
    return status;
}

/* Write the verdict. If the data set passes, adjusted findings come first: it must not
 * look like a clean one. */
static enum lc_status put_verdict(struct lc_html *w, struct lc_error *err)
{
    bool failed = lc_digest_failed(w->report);
    struct lc_buffer text = {0};
    struct lc_span adjusted;
    enum lc_status status = lc_adjusted_sentence(w->report, &text, err);

    if (status != LC_OK)
        goto out;
    adjusted = (struct lc_span){text.data, text.size};
    lc_out_text(&w->out,
                failed ? "<strong>Failed</strong> " : "<strong>Passed</strong> ");
    if (!failed && adjusted.size) {
        lc_markup_text(&w->out, adjusted);
        lc_out_text(&w->out, "; ");
    }
    put_levels(w);
    status = put_extent(w, err);
    if (failed && adjusted.size) {
        lc_out_text(&w->out, "; ");
        lc_markup_text(&w->out, adjusted);
    }
out:
    lc_buffer_clear(&text);
    return status;
}

/* Write what to do about the baseline, if anything. */
static enum lc_status put_baseline(struct lc_html *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_baseline(w->report, &text, err);

    if (status == LC_OK && text.size) {
        lc_out_text(&w->out, "<p class='notice'>");
        lc_markup_text(&w->out, (struct lc_span){text.data, text.size});
        lc_out_text(&w->out, "</p>\n");
    }
    lc_buffer_clear(&text);
    return status;
}

/* The rules with findings, for readers without the script. */
static enum lc_status put_rules(struct lc_html *w, struct lc_error *err)
{
    size_t ranked[LC_RULE_COUNT], count = lc_html_rank(w, ranked);
    char findings[LC_COUNT_SIZE];

    (void)err;
    for (size_t i = 0; i < count; i++) {
        const struct lc_html_rule *rule = &w->rules[ranked[i]];
        const struct lc_rule_info *info = &lc_rules[ranked[i]].info;
        const char *cells[] = {level_name(rule->severity), info->code, info->summary,
                               lc_format_count(rule->count, findings)};

        lc_out_text(&w->out, "<tr>");
        for (size_t c = 0; c < sizeof(cells) / sizeof(cells[0]); c++) {
            lc_out_text(&w->out, "<td>");
            put_prose(&w->out, cells[c]);
            lc_out_text(&w->out, "</td>");
        }
        lc_out_text(&w->out, "</tr>\n");
    }
    return LC_OK;
}

/* ---- the page ---- */

typedef enum lc_status put_part(struct lc_html *w, struct lc_error *err);

static const struct {
    const char *name;
    put_part *put;
} parts[] = {
    {"baseline", put_baseline}, {"data", lc_html_data},
    {"dataset", put_dataset},   {"images", put_images},
    {"outcome", put_outcome},   {"rules", put_rules},
    {"script", put_script},     {"script-hash", put_script_hash},
    {"style", put_style},       {"style-hash", put_style_hash},
    {"tool", put_tool},         {"verdict", put_verdict},
};

static put_part *find_part(struct lc_span name)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (lc_span_is(name, parts[i].name))
            return parts[i].put;
    return NULL;
}

static enum lc_status put_page(struct lc_html *w, struct lc_error *err)
{
    const char *at = lc_asset_page.text, *end = at + lc_asset_page.size, *mark;
    enum lc_status status = LC_OK;

    while (status == LC_OK && (mark = memmem(at, (size_t)(end - at), "{{", 2))) {
        const char *name = mark + 2, *close = memmem(name, (size_t)(end - name), "}}", 2);
        put_part *put = find_part((struct lc_span){name, (size_t)(close - name)});

        assert(put); /* the template is ours */
        lc_out_bytes(&w->out, at, (size_t)(mark - at));
        status = put(w, err);
        if (status == LC_OK)
            status = lc_out_flush(&w->out, err);
        at = close + 2;
    }
    lc_out_bytes(&w->out, at, (size_t)(end - at));
    return status;
}

enum lc_status lc_report_html(const struct lc_report *report, struct lc_error *err)
{
    struct lc_html *w = calloc(1, sizeof(*w));
    enum lc_status status;

    if (!w)
        return lc_fail_memory(err);
    w->report = report;
    w->out.to = report->to;
    w->json = (struct lc_jw){.out = &w->out, .for_page = true};
    status = lc_html_count(w, err);
    if (status == LC_OK)
        status = put_page(w, err);
    status = lc_out_end(&w->out, status, err);
    free(w->places);
    free(w);
    return status;
}
