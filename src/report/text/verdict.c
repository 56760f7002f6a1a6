/* The last lines of the reports for people: the verdict, and what accompanies it. */
#include "report/model/adjusted.h"
#include "report/model/digest.h"
#include "report/text/writer.h"
#include "rules/rules.h"

#include <string.h>

/* The rows files that Python's json rejects. */
struct refused {
    uint64_t files;
    uint32_t last;
};

/* Whether a rule, as an error, says that Python's json rejects the file. */
static bool is_refusal(struct lc_span rule)
{
    return lc_case_has(lc_case_index_of(rule, (struct lc_span){0}),
                       LC_TRAIT_REJECTS_FILE);
}

static enum lc_status count_refused(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct refused *refused = user;

    (void)err;
    if (finding->found != LC_SEVERITY_ERROR || !is_refusal(finding->rule))
        return LC_OK;
    if (!refused->files || refused->last != finding->file)
        refused->files++;
    refused->last = finding->file;
    return LC_OK;
}

/* Count these files. The findings are only walked if such a rule found something. */
static enum lc_status find_refused(const struct lc_text_writer *w, struct refused *out,
                                   struct lc_error *err)
{
    size_t count;
    const struct lc_rule_count *counts = lc_view_rule_counts(w->report->view, &count);
    bool any = false;

    *out = (struct refused){0};
    for (size_t i = 0; i < count; i++)
        any |= is_refusal((struct lc_span){counts[i].code, strlen(counts[i].code)});
    return any ? lc_view_each_finding(w->report->view, count_refused, out, err) : LC_OK;
}

/* Print what to do about the baseline, if anything. */
static enum lc_status print_baseline(const struct lc_text_writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_baseline(w->report, &text, err);

    if (status == LC_OK && text.size)
        fprintf(w->to, "%.*s\n", (int)text.size, text.data);
    lc_buffer_clear(&text);
    return status;
}

/* Print what the trainer would do, as a sentence. */
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

/* Print a clause about what is hidden, lowered or let pass, or nothing. */
static void print_adjusted(const struct lc_text_writer *w, const char *before,
                           const struct lc_buffer *adjusted, const char *after)
{
    if (adjusted->size)
        fprintf(w->to, "%s%s%.*s%s%s", before, lc_text_on(w, LC_STYLE_WARNING),
                (int)adjusted->size, adjusted->data, lc_text_off(w), after);
}

static void print_failure(const struct lc_text_writer *w, const struct refused *found,
                          const struct lc_buffer *bad_rows)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    char count[LC_COUNT_SIZE], files[LC_COUNT_SIZE];

    if (!findings[LC_SEVERITY_ERROR] && !findings[LC_SEVERITY_WARNING] &&
        !findings[LC_SEVERITY_INFO])
        fputs("no errors", w->to);
    lc_text_counts(w, LC_SEVERITY_ERROR,
                   findings[LC_SEVERITY_ERROR] + findings[LC_SEVERITY_WARNING]
                       ? LC_SEVERITY_WARNING
                       : LC_SEVERITY_INFO);
    if (!s->rows) {
        fputs("; no rows to train on", w->to);
        return;
    }
    if (!findings[LC_SEVERITY_ERROR] || (s->rows == s->rows_ok && !found->files)) {
        fprintf(w->to, " in %s row%s", lc_format_count(s->rows, count),
                lc_text_plural(s->rows));
        if (w->report->options->stopped && !findings[LC_SEVERITY_ERROR])
            fprintf(w->to, "; %s stops",
                    lc_trainer_at(w->report->effects->trainer)->name);
        if (w->report->options->unsure && !findings[LC_SEVERITY_ERROR])
            fputs("; some effects are unknown", w->to);
        return;
    }
    if (found->files && s->rows_files == 1)
        fputs("; Python cannot load the file", w->to);
    else if (found->files)
        fprintf(w->to, "; Python cannot load %s of %s files",
                lc_format_count(found->files, count),
                lc_format_count(s->rows_files, files));
    fprintf(w->to, "; %.*s", (int)bad_rows->size, bad_rows->data);
}

static void print_success(const struct lc_text_writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    uint64_t verified = s->images - s->images_unverified;
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];

    fprintf(w->to, "no %serrors in %s row%s",
            lc_adjusted_any(w->report, LC_SEVERITY_ERROR) ? "other " : "",
            lc_format_count(s->rows, a), lc_text_plural(s->rows));
    if (s->images_skipped)
        fputs("; images were not checked", w->to);
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
    if (s->urls)
        fprintf(w->to, "; %s URL%s not verified", lc_format_count(s->urls, a),
                lc_text_plural(s->urls));
}

/* Print the last line. If the data set passes, adjusted findings come first: it must not
 * look like a clean one. */
static void print_verdict(const struct lc_text_writer *w, const struct refused *refused,
                          const struct lc_buffer *adjusted,
                          const struct lc_buffer *bad_rows)
{
    bool verified = lc_index_verification(w->report->index);
    bool failed = lc_digest_failed(w->report);

    fprintf(w->to, "%s%s%s: ", lc_text_on(w, failed ? LC_STYLE_ERROR : LC_STYLE_GOOD),
            failed ? "FAILED" : "OK", lc_text_off(w));
    if (!failed)
        print_adjusted(w, "", adjusted, "; ");
    if (lc_index_proof(w->report->index))
        lc_text_proof_verdict(w, failed);
    else if (verified)
        lc_text_verify_verdict(w, failed);
    else if (failed)
        print_failure(w, refused, bad_rows);
    else
        print_success(w);
    if (failed)
        print_adjusted(w, "; ", adjusted, "");
    fputc('\n', w->to);
}

enum lc_status lc_text_verdict(const struct lc_text_writer *w, struct lc_error *err)
{
    bool verified = lc_index_verification(w->report->index);
    struct lc_buffer adjusted = {0}, bad_rows = {0};
    struct refused refused = {0};
    enum lc_status status = print_baseline(w, err);

    if (status != LC_OK)
        goto out;
    if (!verified) {
        status = find_refused(w, &refused, err);
        if (status != LC_OK)
            goto out;
        status = lc_text_trainers(w, err);
        if (status == LC_OK)
            status = print_effects(w, err);
        if (status != LC_OK)
            goto out;
    }
    status = lc_adjusted_sentence(w->report, &adjusted, err);
    if (status != LC_OK)
        goto out;
    status = lc_digest_bad_rows(w->report, &bad_rows, err);
    if (status == LC_OK)
        print_verdict(w, &refused, &adjusted, &bad_rows);
out:
    lc_buffer_clear(&adjusted);
    lc_buffer_clear(&bad_rows);
    return status;
}
