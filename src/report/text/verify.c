/* The text report's first and last lines when the data was verified. */
#include "report/model/digest.h"
#include "report/text/writer.h"

#define LABEL_WIDTH 10

/* Print ", 2 changed": a part of the files, if it is not empty. */
static void print_part(const struct lc_text_writer *w, uint64_t count,
                       enum lc_style style, const char *what)
{
    char text[LC_COUNT_SIZE];

    if (count)
        fprintf(w->to, ", %s%s %s%s", lc_text_on(w, style), lc_format_count(count, text),
                what, lc_text_off(w));
}

/* "33 as indexed, 1 changed, 1 gone; 255.7 KiB read" */
static void print_files(const struct lc_text_writer *w, const struct lc_verified *seen)
{
    char text[LC_COUNT_SIZE];

    fprintf(w->to, ": %s as indexed",
            seen->same == seen->files ? "all" : lc_format_count(seen->same, text));
    if (seen->touched)
        fprintf(w->to, " (%s with a new modification time)",
                lc_format_count(seen->touched, text));
    print_part(w, seen->changed, LC_STYLE_ERROR, "changed");
    print_part(w, seen->gone, LC_STYLE_ERROR, "gone");
    print_part(w, seen->unreadable, LC_STYLE_ERROR, "unreadable");
    print_part(w, seen->replaced, LC_STYLE_INFO, "replaced");
    fprintf(w->to, "; %s read\n", lc_format_bytes(seen->bytes, text));
}

static void print_left_out(const struct lc_text_writer *w, uint64_t count,
                           const char *why)
{
    char text[LC_COUNT_SIZE];

    if (count)
        fprintf(w->to, "  %-*s%s more %s\n", LABEL_WIDTH, "",
                lc_format_count(count, text), why);
}

enum lc_status lc_text_verify_head(const struct lc_text_writer *w, struct lc_error *err)
{
    const struct lc_verification *seen = lc_index_verification(w->report->index);
    const struct lc_index_info *info = lc_index_info(w->report->index);
    char count[LC_COUNT_SIZE];
    struct lc_buffer name = {0};
    enum lc_status status = lc_format_text(info->name, &name, err);

    if (status == LC_OK)
        status = lc_format_start(&name, 0, err);
    if (status == LC_OK) {
        fprintf(w->to, "%s%.*s%s\n", lc_text_on(w, LC_STYLE_BOLD), (int)name.size,
                name.data, lc_text_off(w));
        fprintf(w->to, "  %-*s%s file%s", LABEL_WIDTH, "rows",
                lc_format_count(seen->rows_files.files, count),
                lc_text_plural(seen->rows_files.files));
        print_files(w, &seen->rows_files);
        fprintf(w->to, "  %-*s%s", LABEL_WIDTH, "images",
                lc_format_count(seen->images.files, count));
        name.size = 0;
        status = lc_format_text(info->image_root, &name, err);
    }
    if (status == LC_OK) {
        if (!lc_span_is((struct lc_span){name.data, name.size}, "."))
            fprintf(w->to, " in %.*s", (int)name.size, name.data);
        print_files(w, &seen->images);
        print_left_out(
            w, seen->images_unknown,
            "could not be read when they were indexed, so there is nothing to compare");
        print_left_out(w, seen->images_outside,
                       "outside of the image root were not opened; see --allow-outside");
        fputc('\n', w->to);
    }
    lc_buffer_clear(&name);
    return status;
}

void lc_text_verify_verdict(const struct lc_text_writer *w, bool failed)
{
    const struct lc_verification *seen = lc_index_verification(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    uint64_t files = seen->images.files + seen->rows_files.files;
    uint64_t same = seen->images.same + seen->rows_files.same;
    uint64_t replaced = seen->images.replaced + seen->rows_files.replaced;
    char count[LC_COUNT_SIZE], all[LC_COUNT_SIZE];

    lc_format_count(files, all);
    if (failed) {
        lc_text_counts(w, LC_SEVERITY_ERROR,
                       findings[LC_SEVERITY_ERROR] ? LC_SEVERITY_WARNING
                                                   : LC_SEVERITY_INFO);
        fprintf(w->to, "; %s of %s files %s not as indexed",
                lc_format_count(files - same, count), all,
                files - same == 1 ? "is" : "are");
        return;
    }
    if (same < files) /* files whose findings are hidden are not unchanged either */
        fprintf(w->to, "%s of ", lc_format_count(same, count));
    fprintf(w->to, "%s file%s contain%s the bytes that were indexed", all,
            lc_text_plural(files), files == 1 && same == files ? "s" : "");
    if (replaced)
        fprintf(w->to, "; %s %s replaced since: check the data set again",
                lc_format_count(replaced, count), replaced == 1 ? "was" : "were");
}
