/* The text report: what a person reads. Rules that found something, the worst first, each
 * with a few examples; the verdict in the last line. */
#include "report/report.h"

#include <stdlib.h>

#define DEFAULT_EXAMPLES 3
#define LABEL_WIDTH 10
#define NAMED_FILES 6

enum style { STYLE_ERROR, STYLE_WARNING, STYLE_INFO, STYLE_GOOD, STYLE_BOLD, STYLE_DIM };

/* A rule that found something. */
struct group {
    const struct lc_rule_info *rule;
    enum lc_severity severity; /* the worst of its findings */
    uint64_t count;            /* findings that are shown or counted */
    unsigned examples;
    struct lc_buffer text; /* the examples' lines */
};

struct writer {
    const struct lc_report *report;
    FILE *to;
    struct group *groups;
    size_t group_count;
    unsigned examples; /* at most so many of each rule */
};

static const char *on(const struct writer *w, enum style style)
{
    static const char *const codes[] = {
        [STYLE_ERROR] = "\033[1;31m", [STYLE_WARNING] = "\033[1;33m",
        [STYLE_INFO] = "\033[1;34m",  [STYLE_GOOD] = "\033[1;32m",
        [STYLE_BOLD] = "\033[1m",     [STYLE_DIM] = "\033[2m",
    };

    return w->report->options->color ? codes[style] : "";
}

static const char *off(const struct writer *w)
{
    return w->report->options->color ? "\033[0m" : "";
}

static enum style style_of(enum lc_severity severity)
{
    return severity == LC_SEVERITY_ERROR     ? STYLE_ERROR
           : severity == LC_SEVERITY_WARNING ? STYLE_WARNING
                                             : STYLE_INFO;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static struct group *find_group(struct writer *w, struct lc_span code)
{
    for (size_t i = 0; i < w->group_count; i++)
        if (lc_span_is(code, w->groups[i].rule->code))
            return &w->groups[i];
    return NULL;
}

/* ---- examples ---- */

/* " (row 12)" or " (rows 12, 40 and 3 more)": who uses the image, or has the id. */
static enum lc_status add_rows(const struct writer *w, const uint64_t *numbers,
                               size_t given, uint64_t count, struct lc_buffer *out,
                               struct lc_error *err)
{
    bool files = lc_index_summary(w->report->index)->rows_files > 1;
    enum lc_status status = lc_buffer_printf(out, err, " (row%s", plural(count));

    for (size_t i = 0; i < given && i < count && status == LC_OK; i++) {
        struct lc_row_record row;
        struct lc_file_record file = {0};

        status = lc_index_get_row(w->report->index, numbers[i], &row, err);
        if (status == LC_OK && files)
            status = lc_index_get_file(w->report->index, row.file, &file, err);
        if (status == LC_OK)
            status = lc_buffer_printf(out, err, "%s ", i ? "," : "");
        if (status == LC_OK && files)
            status = lc_format_text(file.name, true, out, err);
        if (status == LC_OK)
            status = lc_buffer_printf(out, err, "%s%llu", files ? ":" : "",
                                      (unsigned long long)row.row);
    }
    if (status == LC_OK && count > given)
        status = lc_buffer_printf(out, err, " and %llu more",
                                  (unsigned long long)(count - given));
    return status == LC_OK ? lc_buffer_add(out, ")", 1, err) : status;
}

static enum lc_status add_row_example(const struct writer *w,
                                      const struct lc_finding_record *finding,
                                      struct lc_buffer *out, struct lc_error *err)
{
    const char *prefix = w->report->options->prefix;
    struct lc_file_record file;
    enum lc_status status =
        lc_index_get_file(w->report->index, finding->file, &file, err);

    if (status == LC_OK)
        status = lc_buffer_printf(out, err, "%s", prefix ? prefix : "");
    if (status == LC_OK)
        status = lc_format_text(file.name, true, out, err);
    if (status == LC_OK)
        status =
            lc_buffer_printf(out, err, ":%llu:%llu: ", (unsigned long long)finding->line,
                             (unsigned long long)finding->column);
    if (status == LC_OK && finding->row >= 0)
        status = lc_buffer_printf(out, err, "row %lld", (long long)finding->row);
    if (status == LC_OK && finding->row >= 0 && finding->id.size) {
        char quote[48];

        status = lc_buffer_printf(out, err, ", id %s",
                                  lc_text_quote(finding->id, quote, sizeof(quote)));
    }
    if (status == LC_OK && finding->row >= 0)
        status = lc_buffer_printf(out, err, ": ");
    return status == LC_OK ? lc_format_text(finding->message, true, out, err) : status;
}

static enum lc_status add_image_example(const struct writer *w,
                                        const struct lc_finding_record *finding,
                                        struct lc_buffer *out, struct lc_error *err)
{
    uint64_t rows[2], count = 0;
    struct lc_image_record image;
    enum lc_status status =
        lc_index_get_image(w->report->index, finding->image, &image, err);

    if (status == LC_OK)
        status = lc_index_rows_of_image(w->report->index, finding->image, rows, 2, &count,
                                        err);
    if (status == LC_OK)
        status = lc_format_text(image.path, true, out, err);
    if (status == LC_OK)
        status = lc_buffer_printf(out, err, ": ");
    if (status == LC_OK)
        status = lc_format_text(finding->message, true, out, err);
    return status == LC_OK ? add_rows(w, rows, 2, count, out, err) : status;
}

static enum lc_status add_set_example(const struct writer *w,
                                      const struct lc_finding_record *finding,
                                      struct lc_buffer *out, struct lc_error *err)
{
    uint64_t rows[2], count = 0;
    enum lc_status status =
        lc_index_rows_of_id(w->report->index, finding->id, rows, 2, &count, err);

    if (status == LC_OK)
        status = lc_format_text(finding->message, true, out, err);
    return status == LC_OK ? add_rows(w, rows, 2, count, out, err) : status;
}

static enum lc_status add_example(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct writer *w = user;
    struct group *group = find_group(w, finding->rule);
    enum lc_status status;

    if (!group || group->examples == w->examples ||
        finding->severity < w->report->options->show)
        return LC_OK;
    group->examples++;
    status = lc_buffer_printf(&group->text, err, "    ");
    if (status != LC_OK)
        return status;
    switch (finding->kind) {
    case LC_FINDING_ROW:
        status = add_row_example(w, finding, &group->text, err);
        break;
    case LC_FINDING_IMAGE:
        status = add_image_example(w, finding, &group->text, err);
        break;
    case LC_FINDING_SET:
        status = add_set_example(w, finding, &group->text, err);
        break;
    }
    return status == LC_OK ? lc_buffer_add(&group->text, "\n", 1, err) : status;
}

/* ---- groups ---- */

/* By level, then by number, then as in the catalogue, which is one table. */
static int worst_first(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->rule < y->rule ? -1 : 1;
}

static enum lc_status make_groups(struct writer *w, struct lc_error *err)
{
    size_t count;
    const struct lc_rule_count *counts = lc_index_rule_counts(w->report->index, &count);

    w->groups = calloc(count + 1, sizeof(*w->groups));
    if (!w->groups)
        return lc_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct group group = {.rule = lc_rule_find(counts[i].code)};

        for (int s = w->report->options->show ? (int)w->report->options->show : 0; s < 3;
             s++) {
            group.count += counts[i].counts[s];
            if (counts[i].counts[s])
                group.severity = (enum lc_severity)s;
        }
        if (group.rule && group.count)
            w->groups[w->group_count++] = group;
    }
    qsort(w->groups, w->group_count, sizeof(*w->groups), worst_first);
    return lc_index_each_finding(w->report->index, add_example, w, err);
}

static void print_group(const struct writer *w, const struct group *group)
{
    char count[LC_COUNT_SIZE];

    fprintf(w->to, "%s%s%s %s%s%s %s: %s finding%s\n", on(w, style_of(group->severity)),
            lc_severity_name(group->severity), off(w), on(w, STYLE_BOLD),
            group->rule->code, off(w), group->rule->name,
            lc_format_count(group->count, count), plural(group->count));
    fprintf(w->to, "  %s%s%s\n", on(w, STYLE_DIM), group->rule->summary, off(w));
    fwrite(group->text.data, 1, group->text.size, w->to);
    if (group->count > group->examples)
        fprintf(w->to, "    %s… and %s more%s\n", on(w, STYLE_DIM),
                lc_format_count(group->count - group->examples, count), off(w));
    fputc('\n', w->to);
}

/* ---- head and verdict ---- */

/* " in a.json, b.json" or, when they are many, " in 40 files (a.json, b.json …)" */
static enum lc_status print_files(const struct writer *w, struct lc_error *err)
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

static enum lc_status print_head(const struct writer *w, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const struct lc_index_info *info = lc_index_info(w->report->index);
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE], c[LC_COUNT_SIZE];
    struct lc_buffer text = {0};
    enum lc_status status = lc_format_text(info->name, true, &text, err);

    if (status == LC_OK) {
        fprintf(w->to, "%s%.*s%s\n", on(w, STYLE_BOLD), (int)text.size, text.data,
                off(w));
        fprintf(w->to, "  %-*s%s", LABEL_WIDTH, "rows", lc_format_count(s->rows, a));
        status = print_files(w, err);
    }
    if (status == LC_OK) {
        fprintf(w->to, ": %s sound, %s with errors\n", lc_format_count(s->rows_ok, a),
                lc_format_count(s->rows - s->rows_ok, b));
        text.size = 0;
        status = lc_format_text(info->image_root, true, &text, err);
    }
    if (status == LC_OK && s->images_referenced) {
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
                plural(s->images_unverified), on(w, STYLE_WARNING), off(w));
    fputc('\n', w->to);
    lc_buffer_clear(&text);
    return status;
}

/* "3 errors" and so on, joined; nothing for levels without findings. */
static void print_counts(const struct writer *w, bool infos)
{
    const uint64_t *findings = lc_index_summary(w->report->index)->findings;
    const char *join = "";
    char count[LC_COUNT_SIZE];

    for (int s = LC_SEVERITY_ERROR; s >= (infos ? LC_SEVERITY_INFO : LC_SEVERITY_WARNING);
         s--) {
        if (!findings[s])
            continue;
        fprintf(w->to, "%s%s %s%s", join, lc_format_count(findings[s], count),
                s == LC_SEVERITY_INFO ? "note" : lc_severity_name((enum lc_severity)s),
                plural(findings[s]));
        join = ", ";
    }
}

static void print_verdict(const struct writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    uint64_t bad = s->rows - s->rows_ok;
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];
    bool hidden =
        s->findings[LC_SEVERITY_INFO] && w->report->options->show > LC_SEVERITY_INFO;

    if (w->group_count)
        fprintf(w->to, "%sllava-check rules %s%s explains a rule and how to mend it\n",
                on(w, STYLE_DIM), w->groups[0].rule->code, off(w));
    if (hidden)
        fprintf(w->to, "%s%s note%s not shown: --show info%s\n", on(w, STYLE_DIM),
                lc_format_count(s->findings[LC_SEVERITY_INFO], a),
                plural(s->findings[LC_SEVERITY_INFO]), off(w));
    if (s->findings[LC_SEVERITY_ERROR]) {
        fprintf(w->to, "%sFAILED%s: ", on(w, STYLE_ERROR), off(w));
        print_counts(w, false);
        fprintf(w->to, "; %s of %s rows would not be trained as written\n",
                lc_format_count(bad, a), lc_format_count(s->rows, b));
        return;
    }
    fprintf(w->to, "%sOK%s: no errors in %s row%s and %s image%s", on(w, STYLE_GOOD),
            off(w), lc_format_count(s->rows, a), plural(s->rows),
            lc_format_count(s->images - s->images_unverified, b),
            plural(s->images - s->images_unverified));
    if (s->findings[LC_SEVERITY_WARNING]) {
        fputs("; ", w->to);
        print_counts(w, false);
    }
    if (s->images_unverified)
        fprintf(w->to, "; %s image%s not verified",
                lc_format_count(s->images_unverified, a), plural(s->images_unverified));
    fputc('\n', w->to);
}

static enum lc_status write(const struct lc_report *report, struct lc_error *err)
{
    const struct lc_report_options *options = report->options;
    struct writer w = {
        .report = report,
        .to = report->to,
        .examples = options->examples ? options->examples : DEFAULT_EXAMPLES,
    };
    enum lc_status status = make_groups(&w, err);

    if (status == LC_OK)
        status = print_head(&w, err);
    for (size_t i = 0; i < w.group_count && status == LC_OK; i++)
        print_group(&w, &w.groups[i]);
    if (status == LC_OK)
        print_verdict(&w);
    for (size_t i = 0; i < w.group_count; i++)
        lc_buffer_clear(&w.groups[i].text);
    free(w.groups);
    return status;
}

const struct lc_report_format lc_report_text = {
    {"text", "what is wrong by rule, with examples, for people"},
    write,
};
