/* The text report's first lines: the data set. */
#include "report/model/digest.h"
#include "report/text/writer.h"

#define LABEL_WIDTH 10
#define NAMED_FILES 6

/* " in a.json, b.json", or if there are many " in 40 files (a.json, b.json …)" */
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
            status = lc_format_text(file.name, &names, err);
    }
    if (status == LC_OK && files > named)
        fprintf(w->to, " in %s files (%.*s …)", lc_format_count(files, count),
                (int)names.size, names.data);
    else if (status == LC_OK)
        fprintf(w->to, " in %.*s", (int)names.size, names.data);
    lc_buffer_clear(&names);
    return status;
}

/* Print the dialects of the files, each once, or nothing if all are LLaVA's own. */
static enum lc_status print_dialects(const struct lc_text_writer *w, struct lc_error *err)
{
    uint64_t files = lc_index_summary(w->report->index)->rows_files;
    struct lc_buffer names = {0};
    struct lc_span named[NAMED_FILES];
    enum lc_status status = LC_OK;
    size_t count = 0;

    for (uint32_t i = 0; i < files && status == LC_OK && count < NAMED_FILES; i++) {
        struct lc_file_record file = {0};
        size_t before = 0;

        status = lc_index_get_file(w->report->index, i, &file, err);
        while (before < count && !lc_span_equal(file.dialect, named[before]))
            before++;
        if (status != LC_OK || before < count)
            continue;
        named[count++] = file.dialect;
        if (count > 1)
            status = lc_buffer_printf(&names, err, ", ");
        if (status == LC_OK) /* in a damaged index it may be anything */
            status = lc_format_text(file.dialect, &names, err);
    }
    if (status == LC_OK && count && (count > 1 || !lc_span_is(named[0], "llava")) &&
        named[0].size)
        fprintf(w->to, "  %-*s%.*s\n", LABEL_WIDTH, count > 1 ? "dialects" : "dialect",
                (int)names.size, names.data);
    lc_buffer_clear(&names);
    return status;
}

/* Print what the rows are like. */
static enum lc_status print_digest(const struct lc_text_writer *w, struct lc_buffer *text,
                                   struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    char sampled[LC_COUNT_SIZE], rows[LC_COUNT_SIZE];
    enum lc_share_kind kind = LC_SHARE_SOURCE;
    enum lc_status status;

    if (s->rows_sampled != s->rows)
        fprintf(w->to, "  %-*s%s of %s rows, by the mixture or registry\n", LABEL_WIDTH,
                "sampled", lc_format_count(s->rows_sampled, sampled),
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

/* Print the lines about images; root is the printable path of their folder. */
static void print_images(const struct lc_text_writer *w, struct lc_span root)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE], c[LC_COUNT_SIZE];

    if (s->images_skipped && s->images_skipped == s->images_referenced) {
        fprintf(w->to, "  %-*s%s named: %snot checked%s\n", LABEL_WIDTH, "images",
                lc_format_count(s->images_referenced, a), lc_text_on(w, LC_STYLE_WARNING),
                lc_text_off(w));
    } else if (s->images_referenced) {
        uint64_t bad = s->images_referenced - s->images_ok - s->images_unverified -
                       s->images_skipped;

        fprintf(w->to, "  %-*s%s", LABEL_WIDTH, "images",
                lc_format_count(s->images_referenced, a));
        if (!lc_span_is(root, "."))
            fprintf(w->to, " in %.*s", (int)root.size, root.text);
        fprintf(w->to, ": %s sound, %s bad or missing; %s read\n",
                lc_format_count(s->images_ok, a), lc_format_count(bad, b),
                lc_format_bytes(s->image_bytes, c));
    }
    if (s->images_skipped && s->images_skipped < s->images_referenced)
        fprintf(w->to, "  %-*s%s of other parts: %snot checked%s\n", LABEL_WIDTH, "",
                lc_format_count(s->images_skipped, a), lc_text_on(w, LC_STYLE_WARNING),
                lc_text_off(w));
    if (s->images_unverified)
        fprintf(w->to,
                "  %-*s%s image%s of formats that this version does not decode: %snot "
                "verified%s\n",
                LABEL_WIDTH, "", lc_format_count(s->images_unverified, a),
                lc_text_plural(s->images_unverified), lc_text_on(w, LC_STYLE_WARNING),
                lc_text_off(w));
}

/* Print the lines about media that are not files. */
static void print_other_media(const struct lc_text_writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    char count[LC_COUNT_SIZE];

    if (s->embedded)
        fprintf(w->to, "  %-*s%s in base64, within rows\n", LABEL_WIDTH, "embedded",
                lc_format_count(s->embedded, count));
    if (s->urls)
        fprintf(w->to, "  %-*s%s: %snot fetched, not verified%s\n", LABEL_WIDTH, "URLs",
                lc_format_count(s->urls, count), lc_text_on(w, LC_STYLE_WARNING),
                lc_text_off(w));
}

static enum lc_status print_head(const struct lc_text_writer *w, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const struct lc_index_info *info = lc_index_info(w->report->index);
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];
    struct lc_buffer text = {0};
    enum lc_status status = lc_format_text(info->name, &text, err);

    if (status != LC_OK)
        goto out;
    status = lc_format_start(&text, 0, err);
    if (status != LC_OK)
        goto out;
    fprintf(w->to, "%s%.*s%s\n", lc_text_on(w, LC_STYLE_BOLD), (int)text.size, text.data,
            lc_text_off(w));
    fprintf(w->to, "  %-*s%s", LABEL_WIDTH, "rows", lc_format_count(s->rows, a));
    status = print_files(w, err);
    if (status != LC_OK)
        goto out;
    fprintf(w->to, ": %s sound, %s with errors\n", lc_format_count(s->rows_ok, a),
            lc_format_count(s->rows - s->rows_ok, b));
    status = print_dialects(w, err);
    if (status != LC_OK)
        goto out;
    text.size = 0;
    status = lc_format_text(info->image_root, &text, err);
    if (status != LC_OK)
        goto out;
    print_images(w, (struct lc_span){text.data, text.size});
    print_other_media(w);
    status = print_digest(w, &text, err);
out:
    fputc('\n', w->to);
    lc_buffer_clear(&text);
    return status;
}

enum lc_status lc_text_head(const struct lc_text_writer *w, struct lc_error *err)
{
    if (lc_index_proof(w->report->index))
        return lc_text_proof_head(w, err);
    return lc_index_verification(w->report->index) ? lc_text_verify_head(w, err)
                                                   : print_head(w, err);
}
